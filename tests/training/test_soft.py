"""Soft targets: written, read and mixed into what the corpora say."""

import runpy
import sys

import numpy as np
import pytest

from reportedly.model.axes import AXES, Axis
from reportedly.model.network import Network
from reportedly.training.corpora import CorpusError
from reportedly.training.example import Example
from reportedly.training.mixture import encode
from reportedly.training.soft import COMMAND, SoftLabels, read_soft, soft_labels, soften, write_soft
from reportedly.training.tokenizer import load_tokenizer

LABELLED = Example(
    "labelled",
    "the report may stand",
    "d",
    grades=dict.fromkeys(AXES, 0) | {Axis.HEDGING: 2},
    evidence=dict.fromkeys(AXES, ()) | {Axis.HEDGING: ((11, 14),)},
)
SILENT = Example("silent", "the report may stand", "d")


@pytest.fixture
def tokenizer(tiny_checkpoint):
    return load_tokenizer(str(tiny_checkpoint))


def _soft(tokens: int, probability: float) -> SoftLabels:
    byte = round(255 * probability)
    return SoftLabels(np.full(len(AXES), byte, np.uint8), np.full((tokens, len(AXES)), byte, np.uint8))


def test_targets_are_mixed_and_the_teacher_alone_speaks_where_the_corpus_is_silent(tokenizer):
    encoded = encode([LABELLED, SILENT], tokenizer, 32)
    words = len(encoded[0].input_ids) - 2
    soft = {"labelled": _soft(words, 0.2), "silent": _soft(words, 0.2)}
    labelled, silent = soften([LABELLED, SILENT], encoded, soft, share=0.25)
    np.testing.assert_allclose(labelled.present, [0.75 + 0.25 * 0.2, 0.05, 0.05, 0.05], atol=1e-6)
    np.testing.assert_allclose(silent.present, 0.2, atol=1e-6)
    np.testing.assert_allclose(labelled.evidence[1:-1, 1], 0.05, atol=1e-6)
    np.testing.assert_allclose(silent.evidence[1:-1], 0.2, atol=1e-6)
    # the special tokens are no words: nothing is learnt on them
    assert (labelled.evidence[[0, -1]] == -1).all()
    assert (silent.evidence[[0, -1]] == -1).all()
    assert encoded[0].present.tolist() == [1, 0, 0, 0]


def test_soft_labels_of_another_text_are_refused(tokenizer):
    encoded = encode([LABELLED], tokenizer, 32)
    for soft in ({}, {"labelled": _soft(3, 0.2)}):
        with pytest.raises(CorpusError, match="no soft labels for labelled as its text is now; make them anew"):
            soften([LABELLED], encoded, soft, share=0.5)


def test_a_teachers_probabilities_are_kept_to_a_255th(tiny_checkpoint, tokenizer, tmp_path):
    teacher = Network.from_checkpoint(tiny_checkpoint)
    encoded = encode([LABELLED, Example("short", "the", "d")], tokenizer, 32)
    labels = dict(zip(("labelled", "short"), soft_labels(teacher, encoded, tokenizer.pad_token_id), strict=True))
    write_soft(tmp_path / "soft" / "made-up.npz", labels)
    again = read_soft(tmp_path / "soft" / "made-up.npz")
    assert list(again) == ["labelled", "short"]
    for name, label in labels.items():
        np.testing.assert_array_equal(again[name].present, label.present)
        np.testing.assert_array_equal(again[name].evidence, label.evidence)
    assert [len(label.evidence) for label in labels.values()] == [len(row.input_ids) - 2 for row in encoded]
    assert labels["short"].evidence.dtype == np.uint8


def test_missing_soft_labels_are_named_with_the_remedy(tmp_path):
    with pytest.raises(CorpusError, match=rf"none\.npz: no such file; make it \({COMMAND}\)"):
        read_soft(tmp_path / "none.npz")


def test_the_command_without_arguments_tells_its_usage(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["soft"])
    monkeypatch.delitem(sys.modules, "reportedly.training.soft")  # else runpy warns that it is there already
    with pytest.raises(SystemExit, match=f"usage: {COMMAND}"):
        runpy.run_module("reportedly.training.soft", run_name="__main__")
