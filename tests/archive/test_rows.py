import pytest

from reportedly.archive.records import Article
from reportedly.archive.rows import Aggregate, sentence_rows
from reportedly.archive.schema import article_schema, sentence_schema
from reportedly.model.axes import AXES, Axis, Voice
from reportedly.model.results import DocumentPart, Evidence, SentenceScores

TEXT = "It may rain. “It may well snow,” he said."
ARTICLE = Article("a1", TEXT, "a.jsonl", 3, ("Packet",), extracted=False)


def sentence(start, end, hedging, voice, words):
    evidence = tuple(Evidence(Axis.HEDGING, at, stop, TEXT[at:stop], score, voice) for at, stop, score in words)
    scores = dict.fromkeys(AXES, 0.1) | {Axis.HEDGING: hedging}
    return SentenceScores(
        start, end, TEXT[start:end], scores, {axis: scores[axis] >= 0.5 for axis in AXES}, voice, evidence, 1, "en"
    )


FIRST = DocumentPart((sentence(0, 12, 0.8, Voice.WRITER, [(3, 6, 0.8)]),), 0, last=False, language="en")
SECOND = DocumentPart(
    (sentence(13, 41, 0.6, Voice.MIXED, [(17, 20, 0.6), (21, 25, 0.55)]),), 1, last=True, language="en"
)


def row_of(*parts):
    aggregate = Aggregate()
    for part in parts:
        aggregate.add(part.sentences)
    return aggregate.row(ARTICLE, "en", "m", ["outlet"])


def test_aggregates_by_hand():
    row = row_of(FIRST, SECOND)
    assert set(row) == set(article_schema(["outlet"]).names)
    assert (row["sentences"], row["sentences_writer"], row["sentences_quoted"], row["sentences_mixed"]) == (2, 1, 0, 1)
    assert (row["words"], row["words_writer"], row["words_mixed"]) == (9, 3, 6)
    assert (row["hedging_share"], row["emotive_share"]) == (1.0, 0.0)
    assert row["hedging_mean"] == pytest.approx(0.7)
    assert row["hedging_mean_writer"] == 0.8
    assert row["hedging_per_1000_words"] == pytest.approx(3000 / 9)
    assert row["hedging_per_1000_words_mixed"] == pytest.approx(2000 / 6)
    assert row["hedging_share_quoted"] is None
    assert row["hedging_per_1000_words_quoted"] is None
    assert [span["text"] for span in row["top_evidence"]] == ["may", "well"]
    assert row["top_evidence"][0]["start"] == 3
    assert row["language"] == "en"
    assert (row["windows"], row["characters"], row["extracted_text"], row["outlet"]) == (2, 41, None, "Packet")


def test_sentence_rows_carry_offsets_flags_and_kept_columns():
    rows = [row for part in (FIRST, SECOND) for row in sentence_rows(ARTICLE, part, "m", ["outlet"])]
    assert [row["sentence"] for row in rows] == [0, 1]
    assert list(rows[0]) == sentence_schema(["outlet"]).names
    assert [(row["sentence"], TEXT[row["start"] : row["end"]] == row["text"]) for row in rows] == [(0, True), (1, True)]
    assert (rows[0]["hedging"], rows[0]["hedging_flag"], rows[0]["emotive_flag"]) == (0.8, True, False)
    assert [row["language"] for row in rows] == ["en", "en"]
    assert (rows[1]["voice"], rows[1]["outlet"], len(rows[1]["spans"])) == ("mixed", "Packet", 2)


def test_an_article_without_a_sentence_has_no_share():
    row = row_of()
    assert row["sentences"] == 0
    assert row["hedging_share"] is None


def test_a_wording_counts_by_its_strongest_place_wherever_that_stands():
    words = [(0, 2, 0.55), (3, 6, 0.7), (7, 11, 0.8), (14, 16, 0.6), (17, 20, 0.9), (21, 25, 0.8)]
    row = row_of(DocumentPart((sentence(0, 41, 0.9, Voice.WRITER, words),), 0, last=True))
    kept = [(span["text"], span["start"], round(span["score"], 2)) for span in row["top_evidence"]]
    # "It" of 0.6 is a stronger place of the wording than that of 0.55; of equal ones the first stands first
    assert kept == [("may", 17, 0.9), ("rain", 7, 0.8), ("well", 21, 0.8)]


def test_what_was_weak_at_first_is_not_forgotten():
    """A wording whose first place was its weakest was ordered, and left out, by that place."""
    words = [(0, 2, 0.5), (3, 6, 0.6), (7, 11, 0.7), (21, 25, 0.8), (14, 16, 0.9)]
    row = row_of(DocumentPart((sentence(0, 41, 0.9, Voice.WRITER, words),), 0, last=True))
    assert [span["text"] for span in row["top_evidence"]] == ["It", "well", "rain"]
