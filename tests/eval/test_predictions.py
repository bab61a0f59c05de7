import json
import re

import pytest

from reportedly.eval.corpus import CorpusError
from reportedly.eval.predictions import read_predictions, write_predictions
from reportedly.eval.readers import read_labels


def test_round_trip(tmp_path, corpus, predictions):
    path = tmp_path / "p.jsonl"
    write_predictions(path, predictions, corpus)
    assert read_predictions(path, corpus) == predictions


def test_scores_alone_are_enough(tmp_path, corpus):
    path = tmp_path / "theirs.jsonl"
    path.write_text(
        "".join(json.dumps({"id": s.id, "scores": {"hedging": 0.25}}) + "\n" for s in reversed(corpus.sentences))
    )
    read = read_predictions(path, corpus)
    assert read.system == "theirs"
    assert read.thresholds["hedging"] == 0.5
    assert read.rows[0].evidence is None


def test_null_is_absent(tmp_path, corpus):
    path = tmp_path / "theirs.jsonl"
    empty = dict.fromkeys(("text_hash", "spans", "erasure"))
    lines = [{"format": 1, "thresholds": None, "notes": None, "hash": None}]
    lines += [{"id": sentence.id, "scores": {"hedging": 0.25}} | empty for sentence in corpus.sentences]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    read = read_predictions(path, corpus)
    assert read.thresholds["hedging"] == 0.5
    assert (read.rows[0].evidence, read.rows[0].erasure, read.notes) == (None, {}, ())


def test_scores_of_no_axis_that_is_labelled_are_refused(tmp_path):
    mine, path = tmp_path / "mine.jsonl", tmp_path / "theirs.jsonl"
    mine.write_text('{"text": "It may rain.", "hedging": true}\n')
    path.write_text('{"id": "1", "scores": {"emotive": 0.25}}\n')
    with pytest.raises(
        CorpusError, match=r"theirs\.jsonl: field scores has emotive only, and .*labels of hedging only"
    ):
        read_predictions(path, read_labels(mine))


@pytest.mark.parametrize(
    ("thresholds", "message"),
    [
        ({"bias": 0.5}, "line 1: field thresholds is {'bias': 0.5}, expected an object with any of hedging"),
        ([0.5], "line 1: field thresholds is [0.5], expected an object"),
        ({"hedging": "high"}, "line 1: field thresholds.hedging is 'high', expected a probability"),
        ({"hedging": float("nan")}, "line 1: field thresholds.hedging is nan, expected a probability"),
    ],
)
def test_a_bad_threshold_is_named(tmp_path, corpus, predictions, thresholds, message):
    # regression: an unknown axis in the header ended in a traceback
    path = edited(tmp_path, corpus, predictions, 0, lambda header: [header | {"thresholds": thresholds}])
    with pytest.raises(CorpusError, match=re.escape(message)):
        read_predictions(path, corpus)


def edited(tmp_path, corpus, predictions, line, change):
    path = tmp_path / "p.jsonl"
    write_predictions(path, predictions, corpus)
    lines = path.read_text(encoding="utf-8").splitlines()
    row = json.loads(lines[line])
    lines[line : line + 1] = [json.dumps(new) for new in change(row)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda row: [row | {"text_hash": "f" * 16}], "line 3: field text_hash differs"),
        (lambda row: [row | {"id": "nobody"}], "line 3: field id is 'nobody'"),
        (lambda row: [row, row], "line 4: field id is"),
        (lambda row: [], "1 of 30 sentences have no line"),
        (
            lambda row: [row | {"spans": [{"axis": "hedging", "start": 0, "end": 3}]}],
            "line 3: span 0 to 3 does not lie within 28 to 62",
        ),
        (lambda row: [row | {"scores": {"hedging": 1.5}}], "line 3: field scores.hedging is 1.5"),
        (lambda row: [row | {"scores": {"hedging": True}}], "line 3: field scores.hedging is True"),
        (lambda row: [row | {"scores": {"bias": 0.5}}], "line 3: field scores is"),
        (
            lambda row: [row | {"scores": {"hedging": 0.5}, "spans": []}],
            "line 3: field scores has not the axes of the first",
        ),
        (lambda row: [row | {"spans": [{"axis": "hedging", "start": 0, "end": 10**6}]}], "line 3: span 0 to 1000000"),
        (lambda row: [{"format": 1}, row], "line 3: a header, which belongs on the first line"),
        (lambda row: [row | {"spans": [{"axis": "hedging"}]}], "line 3: field start is None, expected int"),
        (lambda row: [row | {"spans": [[1, 2]]}], "line 3: field spans holds [1, 2], expected axis, start and end"),
        (lambda row: [row | {"spans": [{"axis": ["hedging"]}]}], "line 3: field spans holds {'axis': ['hedging']}"),
        (lambda row: [row | {"spans": {"hedging": [1, 2]}}], "line 3: field spans is {'hedging': [1, 2]}, expected"),
        (lambda row: [row | {"erasure": {"hedging": [0.5]}}], "line 3: field erasure holds hedging: [0.5], expected"),
        (lambda row: [row | {"erasure": {"bias": [0.5, 0.5]}}], "line 3: field erasure holds bias: [0.5, 0.5]"),
        (lambda row: [row | {"erasure": {"hedging": ["a", "b"]}}], "line 3: field erasure.hedging is 'a', expected a"),
    ],
)
def test_a_bad_line_is_named(tmp_path, corpus, predictions, change, message):
    path = edited(tmp_path, corpus, predictions, 2, change)
    with pytest.raises(CorpusError, match=re.escape(message)):
        read_predictions(path, corpus)
