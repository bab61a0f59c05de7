import json
from collections import Counter
from pathlib import Path

import pytest

import reportedly
from reportedly.model.axes import AXES
from reportedly.training.corpora import CORPORA, corpora_root

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
