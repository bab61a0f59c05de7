import json

import numpy as np
import pandas as pd
import pytest
import yaml

from reportedly import Scorer
from reportedly.model import scorer as scorer_module
from reportedly.model.axes import AXES, Axis, Voice
from reportedly.model.sentences import split_sentences

TEXT = "“We fled. We may have lost it all,” the mayor said.\n\nThe fire reportedly began in the harbour."


@pytest.fixture(scope="module")
def scorer(tiny_checkpoint):
    return Scorer.from_pretrained(tiny_checkpoint)


@pytest.fixture(scope="module")
def eager(tiny_checkpoint):
    """Flags everything, so that evidence is looked for on every axis."""
    return Scorer.from_pretrained(tiny_checkpoint, thresholds=dict.fromkeys(AXES, 0.0))


def test_a_string_gives_one_result_and_a_list_a_list(scorer):
    one = scorer("The mayor said it.")
    assert list(one.scores) == list(AXES)
    assert [result.text for result in scorer(["The mayor said it.", "Fire!"])] == ["The mayor said it.", "Fire!"]
    assert scorer([]) == []


def test_scores_do_not_hang_on_the_company_they_are_scored_in(scorer):
    alone = scorer("The mayor said it.")
    among = scorer(["Fire!", "The mayor said it.", "a " * 25, "The mayor said it."])
    for axis in AXES:
        assert among[1].scores[axis] == pytest.approx(alone.scores[axis], abs=1e-6)
    assert among[1] == among[3]


def test_a_wrong_item_is_named_by_its_index(scorer):
    with pytest.raises(TypeError, match="item 1 is NoneType"):
        scorer(["a", None])


def test_nothing_to_read_scores_nothing(scorer):
    empty = scorer("")
    assert set(empty.scores.values()) == {0.0}
    assert empty.windows == 0
    assert not any(empty.flags.values())


def test_long_texts_are_read_in_windows_and_nothing_is_cut(eager):
    # the window holds 32 tokens, 2 of them special, and windows overlap by 8: 30 + 22 + 22 words
    assert [eager("the " * words).windows for words in (30, 31, 52, 53, 74)] == [1, 2, 2, 3, 3]
    words = eager._inference.read(["the " * 53])[0].words(Axis.HEDGING)
    assert [word.start for word in words] == [4 * index for index in range(53)]


def test_offsets_are_into_the_document(eager):
    document = eager.document(TEXT)
    assert [TEXT[part.start : part.end] for part in document.sentences] == [part.text for part in document.sentences]
    spans = [span for part in document.sentences for span in part.evidence]
    assert spans
    for part in document.sentences:
        for span in part.evidence:
            assert TEXT[span.start : span.end] == span.text
            assert part.start <= span.start < span.end <= part.end


def test_a_sentence_inside_a_quotation_is_shown_with_its_mark(scorer, monkeypatch):
    shown = []
    begin = scorer._inference._begin
    monkeypatch.setattr(scorer._inference, "_begin", lambda texts, run: shown.extend(texts) or begin(texts, run))
    scorer.document(TEXT)
    assert shown == [
        "“We fled.",
        "“We may have lost it all,” the mayor said.",
        "The fire reportedly began in the harbour.",
    ]


def test_evidence_has_the_voice_of_its_marks_and_of_its_axis(eager):
    spans = {(span.axis, span.voice) for part in eager.document(TEXT).sentences[:1] for span in part.evidence}
    assert spans == {
        (Axis.HEDGING, Voice.QUOTED),
        (Axis.EMOTIVE, Voice.WRITER),
        (Axis.EMOTIVE_QUOTED, Voice.QUOTED),
        (Axis.UNVERIFIED, Voice.QUOTED),
    }


def test_every_flag_shows_words(eager):
    for part in eager.document(TEXT).sentences:
        assert {span.axis for span in part.evidence} == set(AXES)


def test_surrogates_and_nuls_keep_offsets(eager):
    text = "The \ud800 mayor\0 said 🙂 it."
    result = eager(text)
    assert result.text == text
    assert all(text[span.start : span.end] == span.text for span in result.evidence)


def test_the_summary_counts_by_voice(eager):
    summary = eager.document(TEXT).summary[Axis.HEDGING]
    assert {name: part.sentences for name, part in summary.items()} == {"all": 3, "writer": 1, "quoted": 1, "mixed": 1}
    assert summary["all"].share == 1.0
    scores = [part.scores[Axis.HEDGING] for part in eager.document(TEXT).sentences]
    assert summary["all"].mean == pytest.approx(sum(scores) / 3)


def test_an_empty_document_has_no_sentences(scorer):
    document = scorer.document(" \n")
    assert document.sentences == ()
    assert document.summary[Axis.EMOTIVE]["all"].share is None


def test_a_dictionary_of_a_result_holds_nothing_but_builtins(eager):
    # enum members are strings to JSON, but not to a YAML writer
    for result in (eager(TEXT.splitlines()[0]), eager.document(TEXT)):
        plain = result.to_dict()
        assert yaml.safe_load(yaml.safe_dump(plain)) == plain


def test_thresholds_of_numpy_are_plain_numbers_and_others_named(tiny_checkpoint):
    scorer = Scorer.from_pretrained(tiny_checkpoint, thresholds={"hedging": np.float64(0.4)})
    json.dumps(scorer("It may rain.").to_dict())
    for wrong in ("0.5", None, float("nan"), 2):
        with pytest.raises(ValueError, match=r"thresholds: hedging is .*, expected a probability"):
            Scorer.from_pretrained(tiny_checkpoint, thresholds={"hedging": wrong})


def test_a_dictionary_of_a_result_keeps_lone_surrogates_apart(eager):
    # JSON in ASCII, and back, makes one character of them
    text = "The mayor said \ud83d\ude42 it."
    assert eager(text).to_dict()["text"] == text


def test_documents_stream_in_order(scorer):
    texts = [f"Fire {number}. The mayor said it." for number in range(5)]
    assert [document.text for document in scorer.documents(iter(texts))] == texts


def test_a_huge_document_comes_in_parts_that_make_up_the_whole(scorer, monkeypatch):
    monkeypatch.setattr(scorer_module, "_SENTENCES_PER_GROUP", 4)
    huge = "\n\n".join(f"“Fire {number}. The mayor said it.”" for number in range(5)) + " Fire!"
    texts = ["Fire!", huge, " ", "The mayor said it."]
    parts = list(scorer.parts(texts))
    assert [(part.first, len(part.sentences), part.last) for part in parts] == [
        (0, 1, True),
        (0, 4, False),
        (4, 4, False),
        (8, 3, True),
        (0, 0, True),
        (0, 1, True),
    ]
    whole = list(scorer.documents(texts))
    assert [document.text for document in whole] == texts
    assert [sentence for part in parts for sentence in part.sentences] == [
        sentence for document in whole for sentence in document.sentences
    ]
    # an open quotation is followed into the next part
    assert [(part.start, part.end) for part in whole[1].sentences] == split_sentences(huge)
    assert {part.voice for part in whole[1].sentences[:-1]} == {Voice.QUOTED}


@pytest.mark.parametrize("wrong", [{"hedgeing": 0.5}, {"hedging": 7}])
def test_a_threshold_that_cannot_be_meant_is_refused(tiny_checkpoint, wrong):
    with pytest.raises(ValueError, match=r"thresholds: .*hedg"):
        Scorer.from_pretrained(tiny_checkpoint, thresholds=wrong)


def test_one_string_is_no_stream_of_documents(tiny_checkpoint):
    # regression: each of its letters was taken for a document
    scorer = Scorer.from_pretrained(tiny_checkpoint)
    for columns in ({"text": "It rained."}, pd.DataFrame({"text": ["It rained."]})):  # regression: names were scored
        with pytest.raises(TypeError, match="give one of its columns"):
            scorer(columns)
    with pytest.raises(TypeError, match="texts is one string"):
        next(scorer.documents("abc"))
    with pytest.raises(TypeError, match="item 0 is NoneType"):
        scorer.document(None)
