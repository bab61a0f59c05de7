"""From a configuration to a checkpoint, on a tiny encoder and a corpus of our own making."""

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from rich.console import Console
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from sklearn.metrics import f1_score
from typer.testing import CliRunner

import reportedly
from reportedly import Scorer
from reportedly.cli import app
from reportedly.model.axes import AXES, Axis
from reportedly.model.network import Network
from reportedly.training import alike, trainer
from reportedly.training import train as module
from reportedly.training.calibration import best_threshold
from reportedly.training.config import ConfigError, CorpusConfig, TrainConfig
from reportedly.training.corpora import CORPORA, Corpus, CorpusError
from reportedly.training.encoder import new_network
from reportedly.training.example import Example
from reportedly.training.export import fold_calibration
from reportedly.training.folds import FOLDS, fold_of, in_fold
from reportedly.training.mixture import encode
from reportedly.training.soft import SoftLabels, write_soft
from reportedly.training.tokenizer import load_tokenizer
from reportedly.training.trainer import Trainer

# three epochs leave an axis as it is, or turned round
pytestmark = pytest.mark.filterwarnings("ignore:.*the scores run against the labels")

FOLDER = Path(reportedly.__file__).parent / "configs" / "train"
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
        max_tokens=64,
        window=64,
    )


@pytest.fixture
def console():
    return Console(quiet=True)


def test_training_writes_a_checkpoint_that_scores_as_measured(config, console, tmp_path):
    record = module.train(replace(config, epochs=20, dropout=0.0), tmp_path, console)
    assert record["history"][-1]["mean_average_precision"] > 0.5
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


def test_thresholds_are_those_of_the_corpus_that_the_network_is_for(config, console, tmp_path, monkeypatch):
    # pooled with another corpus, on which the network does better, they were too high for the news
    other = [replace(example, id=f"other {example.id}") for example in _made_up("dev") if max(example.grades.values())]
    monkeypatch.setitem(CORPORA, "other", Corpus(lambda split: other, "ours", commercial=True))
    record = module.train(replace(config, calibrate_on=("other", "made-up")), tmp_path, console)
    settings = json.loads((tmp_path / "config.json").read_text())
    assert (settings["thresholds_chosen_on"], settings["calibrated_on"]) == ("made-up/dev", "other/dev, made-up/dev")
    assert record["chosen_on"] == "other/dev, made-up/dev"
    results = Scorer.from_pretrained(tmp_path)([example.text for example in _made_up("dev")])
    for axis in AXES:
        scores = np.array([result.scores[axis] for result in results])
        assert record["thresholds"][axis] == pytest.approx(best_threshold(scores, scores)[0], abs=1e-3)


@pytest.mark.parametrize("last", [0, 2])
def test_an_interrupted_run_resumes_to_the_same_weights(config, console, tmp_path, monkeypatch, last):
    module.train(config, tmp_path / "unbroken", console)
    epoch = Trainer._epoch

    def stop_before_the_last(self, number, console):
        if number == last:
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
    losses = [[epoch["loss"] for epoch in record["history"]] for record in (unbroken, resumed)]
    assert losses[0] == losses[1]


@pytest.fixture
def interrupted(stopped_after):
    """Begins a run, and stops it after its first epoch."""

    def begin(config, output, console):
        with stopped_after(1), pytest.raises(KeyboardInterrupt):
            module.train(config, output, console)

    return begin


def test_a_changed_configuration_does_not_resume_an_old_run(config, console, tmp_path, interrupted):
    interrupted(config, tmp_path, console)
    with pytest.raises(ConfigError, match="run: holds a run of another configuration"):
        module.train(replace(config, learning_rate=1e-4), tmp_path, console)


def _turned(split: str) -> list[Example]:
    """As many examples of the same texts, their training labels turned round."""
    if split != "train":
        return _made_up(split)
    return [replace(one, grades={axis: 2 - grade for axis, grade in one.grades.items()}) for one in _made_up(split)]


@pytest.mark.parametrize("finished", [False, True])
def test_other_data_or_another_encoder_does_not_resume_an_old_run(
    config, console, tmp_path, monkeypatch, interrupted, finished
):
    # regression: old weights were given out as trained on the new data and from the new encoder
    encoder, output = tmp_path / "encoder", tmp_path / "run"
    shutil.copytree(config.encoder, encoder)
    config = replace(config, encoder=str(encoder))
    if finished:
        module.train(config, output, console)
    else:
        interrupted(config, output, console)
    with monkeypatch.context() as patch:
        patch.setitem(CORPORA, "made-up", Corpus(_turned, "ours", commercial=True))
        with pytest.raises(ConfigError, match="of other data"):
            module.train(config, output, console)
    network = new_network(config, AXES)
    torch.nn.init.ones_(network.classifier.classifier.weight)
    network.classifier.save_pretrained(encoder)
    with pytest.raises(ConfigError, match="from another encoder"):
        module.train(config, output, console)


def test_a_run_from_before_a_field_of_the_configuration_is_resumed(config, console, tmp_path, interrupted):
    interrupted(config, tmp_path, console)
    file = tmp_path / "run" / "state.safetensors"
    with safe_open(file, framework="pt") as state:
        progress = json.loads(state.metadata()["progress"])
    del progress["config"]["alike"], progress["config"]["corpora"][0]["soft"]
    save_file(load_file(file), file, metadata={"progress": json.dumps(progress)})
    record = module.train(config, tmp_path, console)
    assert [epoch["epoch"] for epoch in record["history"]] == [1, 2, 3]


def test_a_state_that_was_cut_short_is_named(config, console, tmp_path, interrupted):
    interrupted(config, tmp_path, console)
    file = tmp_path / "run" / "state.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ConfigError, match=r"state\.safetensors: not a whole state .*; remove it"):
        module.train(config, tmp_path, console)


def test_a_finished_run_is_not_trained_again_and_none_other_takes_its_place(config, console, tmp_path):
    record = module.train(config, tmp_path, console, fold=0)
    weights = (tmp_path / "model.safetensors").read_bytes()
    assert module.train(config, tmp_path, console, fold=0)["dev"] == record["dev"]
    for changed, fold in ((replace(config, learning_rate=1e-4), 0), (config, 1), (config, None)):
        with pytest.raises(ConfigError, match="holds a run of another configuration or fold"):
            module.train(changed, tmp_path, console, fold=fold)
    assert (tmp_path / "model.safetensors").read_bytes() == weights
    (tmp_path / "training.json").write_text("{")
    with pytest.raises(ConfigError, match=r"training\.json: not a whole record"):
        module.train(config, tmp_path, console, fold=0)


def test_only_what_a_run_made_is_removed(config, console, tmp_path, interrupted):
    interrupted(config, tmp_path, console)
    (tmp_path / "run" / "notes.txt").write_text("mine")
    module.train(config, tmp_path, console)
    assert [file.name for file in (tmp_path / "run").rglob("*")] == ["notes.txt"]


def test_a_folder_of_other_files_is_not_written_into(config, console, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(ConfigError, match="holds files that are not of a run"):
        module.train(config, tmp_path, console)
    assert (tmp_path / "README.md").read_text() == "mine"


@pytest.mark.parametrize(
    ("dev", "message"),
    [
        ([], "has no row"),
        (
            [Example("1", "the report", "d", grades={Axis.HEDGING: 0})],
            "does not say whether emotive is in 1",
        ),
    ],
)
def test_a_corpus_that_cannot_calibrate_every_axis_is_refused(config, console, tmp_path, monkeypatch, dev, message):
    # regression: what was unknown was calibrated on as absent
    monkeypatch.setitem(CORPORA, "part", Corpus(lambda split: dev, "ours", commercial=True))
    with pytest.raises(CorpusError, match=f"field calibrate_on: corpus part, split dev: {message}"):
        module.train(replace(config, calibrate_on=("made-up", "part")), tmp_path, console)


@pytest.mark.parametrize("rows", [[], [Example("1", "the report", "d")]])
def test_a_corpus_with_nothing_to_learn_from_is_refused(config, console, tmp_path, monkeypatch, rows):
    monkeypatch.setitem(CORPORA, "silent", Corpus(lambda split: rows, "ours", commercial=True))
    corpora = (CorpusConfig("made-up"), CorpusConfig("silent"))
    with pytest.raises(CorpusError, match=f"corpus silent: of its {len(rows)} rows for training none has anything"):
        module.train(replace(config, corpora=corpora), tmp_path, console)


def test_a_fold_without_a_row_is_refused(config, console, tmp_path, monkeypatch):
    monkeypatch.setitem(CORPORA, "small", Corpus(lambda split: _made_up(split)[:1], "ours", commercial=True))
    fold = (fold_of("d0") + 1) % FOLDS
    with pytest.raises(CorpusError, match=f"field dev: corpus small, fold {fold}: has no row"):
        module.train(replace(config, dev="small"), tmp_path, console, fold=fold)


def test_more_tokens_than_the_encoder_reads_are_refused(config, console, tmp_path):
    with pytest.raises(ConfigError, match=r"field window: is 65, but the encoder .* reads 64 tokens at once"):
        module.train(replace(config, window=65), tmp_path, console)


def test_a_loss_that_is_no_number_stops_the_run(config, console, tmp_path):
    with pytest.raises(ConfigError, match=r"step \d+ of 18: the loss is (nan|inf), .*; lower learning_rate"):
        module.train(replace(config, learning_rate=1e30, head_learning_rate=1e30), tmp_path, console)


@pytest.mark.parametrize("command", ["train", "benchmark"])
def test_an_output_that_is_a_file_is_told_in_a_line(tmp_path, command):
    (tmp_path / "file").write_text("")
    config = FOLDER / ("open.yaml" if command == "train" else "benchmarks/ptc.yaml")
    done = CliRunner().invoke(app, [command, str(config), "-o", str(tmp_path / "file")])
    assert (done.exit_code, type(done.exception)) == (2, SystemExit)
    assert "File exists" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_full_disk_is_told_in_a_line(config, tmp_path, monkeypatch):
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(json.loads(json.dumps(asdict(config)))))

    def full(*others, **more):
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(trainer, "save_file", full)
    for _ in range(2):  # the folders that the first one made stand in nobody's way
        done = CliRunner().invoke(app, ["train", str(file), "-o", str(tmp_path / "run")])
        assert (done.exit_code, type(done.exception)) == (2, SystemExit)
        assert "reportedly: I/O error: No space left on device" in done.stderr


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
    for figures in record["history"][-1]["dev"].values():
        # where every negative is ranked above every positive, the average precision is the least there is
        assert figures["average_precision"] < 0.3


def test_words_that_must_not_be_told_apart_are_not(config, console, tmp_path, monkeypatch):
    (tmp_path / "alike.yaml").write_text("- [town, report]\n- [a, b, c]\n")
    monkeypatch.setattr(alike, "GROUPS", tmp_path / "alike.yaml")
    module.train(replace(config, alike=True), tmp_path / "run", console)
    answers = Scorer.from_pretrained(tmp_path / "run")(["the alarming town a", "the alarming report c"])
    assert answers[0].scores == answers[1].scores


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
