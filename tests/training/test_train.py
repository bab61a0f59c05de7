"""From a configuration to a checkpoint, on a tiny encoder and a corpus of our own making."""

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file
from sklearn.metrics import f1_score

from reportedly import Scorer
from reportedly.model.axes import AXES, Axis
from reportedly.model.network import Network
from reportedly.training import train as module
from reportedly.training.config import ConfigError, CorpusConfig, TrainConfig
from reportedly.training.corpora import CORPORA, Corpus
from reportedly.training.example import Example
from reportedly.training.export import fold_calibration
from reportedly.training.folds import FOLDS, fold_of, in_fold
from reportedly.training.mixture import encode
from reportedly.training.soft import SoftLabels, write_soft
from reportedly.training.tokenizer import load_tokenizer
from reportedly.training.trainer import Trainer

CUES = {Axis.HEDGING: "may", Axis.EMOTIVE: "alarming", Axis.EMOTIVE_QUOTED: "disgrace", Axis.UNVERIFIED: "unverified"}


def _made_up(split: str) -> list[Example]:
    examples = []
    for number in range(48 if split == "train" else 24):
        axis = AXES[number % 4]
        plain = number % 3 == 0
        text = f"the {'town' if plain else CUES[axis]} report {'abcdefgh'[number % 8]}"
        span = () if plain else ((4, 4 + len(CUES[axis])),)
        examples.append(
            Example(
                id=f"{split}{number}",
                text=text,
                document=f"d{number}",
                grades=dict.fromkeys(AXES, 0) | {axis: 0 if plain else 2},
                evidence=dict.fromkeys(AXES, ()) | {axis: span},
                task="length" if number % 5 == 0 else None,
            )
        )
    return examples


@pytest.fixture
def config(tiny_checkpoint, monkeypatch):
    monkeypatch.setitem(CORPORA, "made-up", Corpus(_made_up, "ours", commercial=True))
    return TrainConfig(
        name="tiny",
        encoder=str(tiny_checkpoint),
        corpora=(CorpusConfig("made-up"),),
        dev="made-up",
        calibrate_on=("made-up",),
        epochs=3,
        learning_rate=2e-3,
        head_learning_rate=1e-2,
        batch_size=8,
        average_decay=0.5,
    )


@pytest.fixture
def console():
    return Console(quiet=True)


def test_training_writes_a_checkpoint_that_scores_as_measured(config, console, tmp_path):
    record = module.train(replace(config, epochs=20, dropout=0.0), tmp_path, console)
    assert record["histories"][config.seed][-1]["mean_average_precision"] > 0.5
    scorer = Scorer.from_pretrained(tmp_path)
    dev = _made_up("dev")
    results = scorer([example.text for example in dev])
    for axis in AXES:
        scores = np.array([result.scores[axis] for result in results])
        truth = [example.grades[axis] > 0 for example in dev]
        threshold = scorer.thresholds[axis]
        assert [result.flags[axis] for result in results] == (scores >= threshold).tolist()
        # fp16 weights and rounded thresholds may turn the sentences on the edge, and no others
        attainable = [f1_score(truth, scores >= threshold + shift) for shift in (-1e-3, 0, 1e-3)]
        assert min(attainable) - 1e-9 <= record["dev"][axis]["f1"] <= max(attainable) + 1e-9
    card = (tmp_path / "README.md").read_text()
    assert "| made-up | 48 | ours |" in card
    assert json.loads((tmp_path / "config.json").read_text())["thresholds_chosen_on"] == "made-up/dev"


@pytest.mark.parametrize("last", [0, 2])
def test_an_interrupted_run_resumes_to_the_same_weights(config, console, tmp_path, monkeypatch, last):
    # regression: stopped before the second member had begun, its temporary heads were drawn otherwise
    config = replace(config, members=2)
    module.train(config, tmp_path / "unbroken", console)
    epoch = Trainer._epoch

    def stop_before_the_last(self, number, console):
        if number == last and self.seed > config.seed:
            raise KeyboardInterrupt
        return epoch(self, number, console)

    monkeypatch.setattr(Trainer, "_epoch", stop_before_the_last)
    with pytest.raises(KeyboardInterrupt):
        module.train(config, tmp_path / "broken", console)
    monkeypatch.setattr(Trainer, "_epoch", epoch)
    module.train(config, tmp_path / "broken", console)
    unbroken, resumed = (load_file(tmp_path / run / "model.safetensors") for run in ("unbroken", "broken"))
    for name, weights in unbroken.items():
        assert torch.equal(weights, resumed[name]), name


def test_a_kill_while_the_state_is_written_leaves_that_of_the_epoch_before(config, console, tmp_path, monkeypatch):
    # regression: weights of one epoch lay beside the history of another, and an epoch was trained twice
    unbroken = module.train(config, tmp_path / "unbroken", console)
    replaced = Path.replace

    def killed(self, target):
        if self.name.startswith("state") and killed.left == 0:
            raise KeyboardInterrupt
        killed.left -= 1
        return replaced(self, target)

    killed.left = 1
    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        module.train(config, tmp_path / "broken", console)
    monkeypatch.setattr(Path, "replace", replaced)
    resumed = module.train(config, tmp_path / "broken", console)
    losses = [[epoch["loss"] for epoch in record["histories"][config.seed]] for record in (unbroken, resumed)]
    assert losses[0] == losses[1]


def test_members_start_alike_part_ways_and_are_averaged(config, console, tmp_path, monkeypatch):
    starts, ends, epoch = [], [], Trainer._epoch

    def watched(self, number, console):
        if number == 0:
            starts.append(deepcopy(self.network.span_head.weight))
            ends.append(self.network)
        return epoch(self, number, console)

    monkeypatch.setattr(Trainer, "_epoch", watched)
    module.train(replace(config, members=2), tmp_path, console)
    assert torch.equal(*starts)
    first, second = (network.span_head.weight for network in ends)
    assert not torch.equal(first, second)
    averaged = load_file(tmp_path / "spans.safetensors")["weight"]
    assert torch.allclose(averaged.float(), (first + second) / 2, atol=1e-3)


def test_a_changed_configuration_does_not_resume_an_old_run(config, console, tmp_path):
    module.train(config, tmp_path, console)
    with pytest.raises(ConfigError, match="holds a run of another configuration"):
        module.train(replace(config, learning_rate=1e-4), tmp_path, console)


def test_a_fold_is_held_out_and_measured(config, console, tmp_path):
    record = module.train(config, tmp_path, console, fold=0)
    assert set(record["held_out"]) == set(AXES)
    made_up = _made_up("train")
    inside = in_fold(made_up, 0)
    assert inside
    assert record["corpora"]["made-up"]["rows"] == len(made_up) - len(inside)
    assert not (tmp_path / "run").exists()


def test_a_fold_that_the_teacher_has_seen_is_not_measured(config, console, tmp_path):
    with pytest.raises(ConfigError, match="fold 1: the teacher was trained on it"):
        module.train(replace(config, soft_share=0.5), tmp_path, console, fold=1)


def test_a_teachers_word_is_learnt(config, console, tmp_path, monkeypatch):
    """With the teacher's word alone, targets that say the opposite of the labels turn the network round."""
    tokenizer = load_tokenizer(config.encoder)
    made_up = _made_up("train")
    rows = encode(made_up, tokenizer, config.max_tokens)
    opposite = {
        example.id: SoftLabels(
            (255 * (1 - row.present)).astype(np.uint8), np.zeros((len(row.input_ids) - 2, len(AXES)), np.uint8)
        )
        for example, row in zip(made_up, rows, strict=True)
    }
    write_soft(tmp_path / "made-up.npz", opposite)
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    config = replace(config, epochs=20, dropout=0.0, soft_share=1.0)
    record = module.train(config, tmp_path / "run", console)
    for figures in record["histories"][config.seed][-1]["dev"].values():
        # where every negative is ranked above every positive, the average precision is the least there is
        assert figures["average_precision"] < 0.3


def test_folds_keep_documents_together():
    examples = [Example(f"{document}-{part}", "", f"doc{document}") for document in range(40) for part in range(2)]
    inside = [in_fold(examples, fold) for fold in range(FOLDS)]
    assert sum(map(len, inside)) == len(examples)
    assert all(fold_of(example.document) == fold for fold, part in enumerate(inside) for example in part)


def test_folded_calibration_scales_and_shifts_the_logits(tiny_checkpoint):
    network = Network.from_checkpoint(tiny_checkpoint)
    input_ids = torch.tensor([[2, 5, 6, 3]])
    with torch.inference_mode():
        before, _ = network(input_ids, torch.ones_like(input_ids))
    fold_calibration(network, {axis: (2.0, float(index)) for index, axis in enumerate(AXES)})
    with torch.inference_mode():
        after, _ = network(input_ids, torch.ones_like(input_ids))
    assert torch.allclose(after, 2 * before + torch.arange(4), atol=1e-6)
