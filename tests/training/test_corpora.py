import json
from collections import Counter
from pathlib import Path

import pytest

import reportedly
from reportedly.model.axes import AXES
from reportedly.training import corpora as module
from reportedly.training.corpora import CORPORA, CorpusError, corpora_root, json_lines

TRAINING = Path(reportedly.__file__).parent / "training"
LABELS = sorted([*TRAINING.glob("annotated/*.jsonl"), *TRAINING.glob("corrections/*.jsonl")])

needs_corpora = pytest.mark.skipif(
    not (corpora_root() / "news3").is_dir(), reason=f"the shared corpora are not at {corpora_root()}"
)


@pytest.mark.parametrize("file", LABELS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_label_file_names_each_sentence_once_and_shows_evidence_for_each_grade(file):
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert max(Counter(row["id"] for row in rows).values()) == 1
    for row in rows:
        grades = row["grades"].values() if isinstance(row["grades"], dict) else row["grades"]
        present = {axis for axis, grade in zip(AXES, grades, strict=True) if grade > 0}
        assert set(grades) <= {0, 1, 2}, row["id"]
        assert {span["axis"] for span in row["spans"]} == present, row["id"]
        assert "text" not in row, "labels are by reference"


@needs_corpora
@pytest.mark.parametrize("corpus", ["annotated", "news3"])
def test_evidence_lies_within_its_text_and_does_not_begin_or_end_in_blanks(corpus):
    for example in CORPORA[corpus].read("train"):
        for spans in example.evidence.values():
            for start, end in spans:
                words = example.text[start:end]
                assert 0 <= start < end <= len(example.text), example.id
                assert words == words.strip(), example.id


@needs_corpora
def test_corrections_replace_the_labels_of_news3_train():
    (correction, *_) = map(json.loads, (TRAINING / "corrections" / "news3.jsonl").read_text("utf-8").splitlines())
    example = next(example for example in CORPORA["news3"].read("train") if example.id == correction["id"])
    assert [example.grades[axis] for axis in AXES] == [correction["grades"][axis] for axis in AXES]
    for axis in AXES:
        spans = {(span["start"], span["end"]) for span in correction["spans"] if span["axis"] == axis}
        assert set(example.evidence[axis]) == spans


def test_a_sentence_that_was_written_twice_has_one_label():
    grades = {}
    for example in CORPORA["written"].read("train"):
        assert grades.setdefault(example.text, example.grades) == example.grades, example.id


ROW = {
    "id": "1",
    "text": "It may rain.",
    "doc": "d",
    "corpus": "made-up",
    "grades": dict.fromkeys(AXES, 0) | {"hedging": 2},
    "spans": [{"axis": "hedging", "start": 3, "end": 6}],
}


@pytest.fixture
def news3(tmp_path, monkeypatch):
    monkeypatch.setenv("REPORTEDLY_CORPORA", str(tmp_path))
    (tmp_path / "news3").mkdir()
    return tmp_path / "news3" / "train.jsonl"


def test_blank_lines_are_passed_over(news3):
    news3.write_text(f"{json.dumps(ROW)}\n\n  \n{json.dumps(ROW | {'id': '2'})}\n")
    assert [example.id for example in CORPORA["news3"].read("train")] == ["1", "2"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (json.dumps(ROW)[:-20], "not JSON, cut short perhaps"),
        ('{"id": "caf\xe9"}', "not JSON"),
        ("3", "must be an object, is int"),
        (json.dumps({name: value for name, value in ROW.items() if name != "grades"}), "field grades is missing"),
        (json.dumps(ROW | {"grades": {"hedging": 2}}), "field emotive is missing"),
        (json.dumps(ROW | {"spans": [{"axis": "hedging", "start": 3}]}), "field end is missing"),
        (json.dumps(ROW | {"text": None}), "field text: of the wrong type, is None"),
        (json.dumps(ROW | {"grades": dict.fromkeys(AXES, "2")}), "field hedging: of the wrong type, is '2'"),
    ],
)
def test_a_broken_line_is_named(news3, line, message):
    news3.write_bytes(f"{json.dumps(ROW)}\n{line}\n".encode("latin-1"))
    with pytest.raises(CorpusError, match=rf"train\.jsonl:2: {message}"):
        CORPORA["news3"].read("train")


def test_a_row_without_a_split_is_for_training_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("REPORTEDLY_CORPORA", str(tmp_path))
    (tmp_path / "wnc_sample").mkdir()
    rows = [{"id": str(split), "pair": "p", "text": "x", "label": "biased", "split": split} for split in (None, "dev")]
    (tmp_path / "wnc_sample" / "wnc_sample.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [[row.id for row in CORPORA["wnc_sample"].read(split)] for split in ("train", "dev")] == [["None"], ["dev"]]


def test_a_label_whose_sentence_is_gone_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("REPORTEDLY_CORPORA", str(tmp_path))
    monkeypatch.setattr(module, "_REPOSITORY", tmp_path)
    for folder, row in (("training/annotated", {"id": "gone", "grades": [0] * 4, "spans": []}), ("emobank", ROW)):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "emobank.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.raises(CorpusError, match=r"annotated/emobank\.jsonl:1: no sentence gone in the corpus emobank"):
        CORPORA["annotated"].read("train")


def test_a_field_that_a_protocol_asks_for_is_named_too(tmp_path):
    (tmp_path / "babe.jsonl").write_text('{"id": "1"}\n')
    with pytest.raises(CorpusError, match=r"babe\.jsonl:1: field label is missing"):
        [row["label"] for row in json_lines(tmp_path / "babe.jsonl")]
