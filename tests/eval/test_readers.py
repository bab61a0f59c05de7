import json

import pytest

from reportedly.eval.corpus import Annotation, CorpusError
from reportedly.eval.readers import open_corpus, read_labels
from reportedly.model.axes import AXES, Axis


def test_our_corpus(corpus):
    assert len(corpus.sentences) == 30
    for sentence in corpus.sentences:
        assert corpus.text(sentence)[-1] == "."
        assert set(sentence.gold.grades) == set(AXES)
        for axis, spans in sentence.gold.evidence.items():
            assert bool(spans) == (sentence.gold.grades[axis] > 0)
            for start, end in spans:
                assert sentence.start <= start < end <= sentence.end
    assert {sentence.article for sentence in corpus.sentences} == {f"a{number}" for number in range(1, 12, 2)}
    assert len(corpus.sentences[0].passes) == 2


def test_shipped_corpus_is_well_formed():
    corpus = open_corpus("invented", "test")
    assert len(corpus.sentences) > 500
    for sentence in corpus.sentences:
        for axis, spans in sentence.gold.evidence.items():
            assert bool(spans) == (sentence.gold.grades[axis] > 0), f"{sentence.id} {axis}"
            assert all(sentence.start <= start < end <= sentence.end for start, end in spans), f"{sentence.id} {axis}"


def test_hash_follows_the_labels(corpora):
    before = open_corpus("invented", "test").hash
    assert open_corpus("invented", "test").hash == before
    labels = corpora / "invented" / "labels.jsonl"
    labels.write_text(labels.read_text().replace('"hedging": 2', '"hedging": 1'))
    assert open_corpus("invented", "test").hash != before


def test_unknown_split_names_the_splits(corpora):
    with pytest.raises(CorpusError, match="the splits are test, train"):
        open_corpus("invented", "dev")


def test_absent_shared_corpus_names_the_variable(corpora):
    with pytest.raises(CorpusError, match="REPORTEDLY_CORPORA"):
        open_corpus("news3", "dev")


def test_an_absent_split_names_those_that_are_there(tmp_path, monkeypatch):
    # regression: it asked for a variable that was set
    (tmp_path / "news3").mkdir()
    (tmp_path / "news3" / "dev.jsonl").write_text("")
    monkeypatch.setenv("REPORTEDLY_CORPORA", str(tmp_path))
    with pytest.raises(CorpusError, match=r"news3/test\.jsonl: no such file; there are dev\.jsonl"):
        open_corpus("news3", "test")


def labels(tmp_path, *rows):
    path = tmp_path / "mine.jsonl"
    path.write_text(
        "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8"
    )
    return path


def test_users_labels(tmp_path):
    path = labels(
        tmp_path,
        {
            "text": "It may rain.",
            "hedging": True,
            "spans": [{"axis": "hedging", "start": 3, "end": 6}],
            "article": 7,
            "outlet": "Post",
        },
        {"text": "It rained.", "hedging": False, "emotive": 0, "id": "b"},
    )
    corpus = read_labels(path)
    first, second = corpus.sentences
    assert first.gold.grades == {Axis.HEDGING: 1}
    assert first.gold.evidence == {Axis.HEDGING: ((3, 6),)}
    assert (first.id, first.article, first.attributes) == ("1", "7", {"outlet": "Post"})
    assert second.gold.grades == {Axis.HEDGING: 0, Axis.EMOTIVE: 0}
    assert second.gold.evidence == {Axis.HEDGING: (), Axis.EMOTIVE: ()}


def test_a_sentence_without_anything_needs_no_spans_where_others_have_some(tmp_path):
    """Regression: spans on the positives alone, the natural way to annotate, were not measured at all."""
    path = tmp_path / "mine.jsonl"
    lines = [
        {"text": "It may rain.", "hedging": 1, "spans": [{"axis": "hedging", "start": 3, "end": 6}]},
        {"text": "It rains.", "hedging": 0},
        {"text": "It might rain.", "hedging": 1},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = [sentence.gold.evidence for sentence in read_labels(path).sentences]
    assert found == [{Axis.HEDGING: ((3, 6),)}, {Axis.HEDGING: ()}, {}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines[1:]))
    assert [sentence.gold.evidence for sentence in read_labels(path).sentences] == [{}, {}]


def test_null_is_absent(tmp_path):
    # regression: sentences with "article": null were resampled together, as those of one article None
    empty = dict.fromkeys(("id", "article", "spans", "emotive", "outlet"))
    path = labels(tmp_path, *({"text": text, "hedging": 0} | empty for text in ("It rained.", "It snowed.")))
    corpus = read_labels(path)
    assert [(sentence.id, sentence.article) for sentence in corpus.sentences] == [("1", "1"), ("2", "2")]
    for sentence in corpus.sentences:
        assert sentence.gold == Annotation({Axis.HEDGING: 0})
        assert sentence.attributes == {}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{not json", "line 2: not JSON"),
        ("[1]", "line 2: list, expected an object"),
        ({"hedging": 1}, "line 2: field text is None, expected str"),
        ({"text": "x"}, "line 2: no label; give at least one of hedging"),
        ({"text": "x", "hedging": 3}, "line 2: field hedging is 3, expected 0, 1, 2"),
        (
            {"text": "x", "hedging": 1, "spans": [{"axis": "emotive", "start": 0, "end": 1}]},
            "line 2: field spans holds {'axis': 'emotive', 'start': 0, 'end': 1}, expected axis",
        ),
        (
            {"text": "x", "hedging": 1, "spans": [{"axis": "hedging", "start": 0, "end": 2}]},
            "line 2: span 0 to 2 does not lie",
        ),
        ({"text": "x", "hedging": 1, "id": "1"}, "line 2: field id is '1', as on an earlier line"),
    ],
)
def test_a_bad_line_is_named(tmp_path, row, message):
    path = labels(tmp_path, {"text": "It rained.", "hedging": 0}, row)
    with pytest.raises(CorpusError, match=message):
        read_labels(path)


@pytest.mark.parametrize("half", [rb"\ud83c", b"\xed\xa0\xbc"])
def test_half_a_character_is_refused(tmp_path, half):
    # regression: it ended the evaluation where the corpus was hashed
    path = tmp_path / "labels.jsonl"
    path.write_bytes(b'{"text": "Rain ' + half + b'", "hedging": 0}')
    with pytest.raises(CorpusError, match=r"line 1: not JSON in UTF-8 .*(surrogates|invalid continuation)"):
        open_corpus(str(path), "all")


def test_an_empty_file_and_a_missing_one(tmp_path):
    with pytest.raises(CorpusError, match="no line"):
        read_labels(labels(tmp_path))
    with pytest.raises(CorpusError, match="no such file"):
        read_labels(tmp_path / "absent.jsonl")
