"""One command from a configuration to a checkpoint: read, train, calibrate, choose thresholds, export."""

import dataclasses
import importlib.util
import json
import platform
import subprocess
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
import transformers
from rich.console import Console
from transformers import AutoModelForSequenceClassification
from transformers.utils import logging as transformers_logging

from ..model.axes import AXES, Axis
from ..model.loading import digest
from ..model.network import Network
from .calibration import best_threshold, platt
from .card import write_card
from .config import TrainConfig
from .corpora import CORPORA, Example
from .export import export, fold_calibration
from .folds import split_fold
from .measure import Outputs, at_thresholds, calibrated, gated_tokens, run
from .mixture import encode
from .tokenizer import load_tokenizer
from .trainer import Data, Trainer

RECORD = "training.json"


def train(config: TrainConfig, output: Path, console: Console, fold: int | None = None) -> dict[str, Any]:
    """Train as configured and write a checkpoint to ``output``, or measure on a fold and write figures only.

    Parameters
    ----------
    output
        Folder of the checkpoint; the state of an unfinished run lies in its ``run`` folder and is resumed from there.
    fold
        Hold out this fold of the dev corpus' train split (see :mod:`.folds`), report on it with thresholds and
        calibration set on the dev splits, and export nothing.

    Returns
    -------
    dict
        The training record, which is also written to ``training.json``.

    Raises
    ------
    ConfigError
        Where ``output`` holds an unfinished run of another configuration.
    """
    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    encoder = encoder_path(config.encoder)
    tokenizer = load_tokenizer(encoder)
    torch.manual_seed(config.seed)
    network = Network(
        AutoModelForSequenceClassification.from_pretrained(
            encoder,
            num_labels=len(AXES),
            hidden_dropout_prob=config.dropout,
            # dropout inside attention keeps a CPU from its fused kernel: a fifth of the speed, and no accuracy
            attention_probs_dropout_prob=0.0,
            dtype=torch.float32,
        )
    )
    held_out: list[Example] = []
    corpora, sizes = [], {}
    for corpus in config.corpora:
        examples = CORPORA[corpus.name].read("train")
        if fold is not None and corpus.name == config.dev:
            examples, held_out = split_fold(examples, fold)
        sizes[corpus.name] = len(examples)
        corpora.append((corpus.share, encode(examples, tokenizer, config.max_tokens, corpus.loss_weight)))
    dev = encode(CORPORA[config.dev].read("dev"), tokenizer, config.max_tokens)
    pooled = [example for name in config.calibrate_on for example in CORPORA[name].read("dev")]
    console.print(
        f"{config.name}: {', '.join(f'{size:,} of {name}' for name, size in sizes.items())}; dev {len(dev):,}"
    )
    data = Data(corpora=corpora, dev=dev, padding=tokenizer.pad_token_id)
    network, histories = fit_members(network, data, config, output / "run", console)

    outputs = run(network, encode(pooled, tokenizer, config.max_tokens), data.padding)
    calibration = {axis: platt(outputs.logits[:, index], outputs.present[:, index]) for index, axis in enumerate(AXES)}
    thresholds, span_thresholds = choose_thresholds(outputs, calibration)
    record: dict[str, Any] = {
        "config": dataclasses.asdict(config),
        "encoder_sha256": digest(Path(encoder) / "model.safetensors") if Path(encoder).is_dir() else None,
        "corpora": {
            name: {"rows": rows, "licence": CORPORA[name].licence, "commercial": CORPORA[name].commercial}
            for name, rows in sizes.items()
        },
        "revision": _revision(),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        },
        "calibration": calibration,
        "thresholds": thresholds,
        "span_thresholds": span_thresholds,
        "histories": histories,
        "chosen_on": ", ".join(f"{name}/dev" for name in config.calibrate_on),
        "dev": at_thresholds(outputs, calibration, thresholds, span_thresholds),
    }
    if fold is not None:
        rows = encode(held_out, tokenizer, config.max_tokens)
        held = run(network, rows, data.padding)
        record["fold"] = fold
        record["held_out"] = at_thresholds(held, calibration, thresholds, span_thresholds)
    else:
        network.cpu()
        fold_calibration(network, calibration)
        export(
            network,
            tokenizer,
            output,
            thresholds=thresholds,
            span_thresholds=span_thresholds,
            chosen_on=record["chosen_on"],
            window=config.window,
        )
        write_card(output, record)
    output.mkdir(parents=True, exist_ok=True)
    (output / RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
    return record


def fit_members(
    start: Network, data: Data, config: TrainConfig, folder: Path, console: Console
) -> tuple[Network, dict[int, list[dict]]]:
    """Train the members from one start, and average their weights: a uniform soup (Wortsman et al. 2022, section 2).

    The heads start alike too, without which their average would mean nothing.

    Returns
    -------
    network
        On the CPU or GPU that it was trained on.
    histories
        Per seed, the dev metrics of each epoch.
    """
    histories, members = {}, []
    for seed in range(config.seed, config.seed + config.members):
        trainer = Trainer(deepcopy(start), data, config, folder / str(seed), seed)
        histories[seed] = trainer.fit(console)
        members.append(trainer.network)
    return average(members), histories


def average(networks: Sequence[Network]) -> Network:
    """A network whose every weight is the mean of those of ``networks``."""
    mean = deepcopy(networks[0])
    with torch.no_grad():
        for target, *sources in zip(mean.parameters(), *(network.parameters() for network in networks), strict=True):
            target.copy_(torch.stack(sources).mean(0))
    return mean


def encoder_path(encoder: str) -> str:
    """Where the encoder's files are: a folder, the folder ``model`` of an installed package, or else a hub id."""
    if Path(encoder).is_dir():
        return encoder
    module = encoder.replace("-", "_")
    spec = importlib.util.find_spec(module) if module.isidentifier() else None
    if spec is not None and spec.submodule_search_locations:
        return str(Path(spec.submodule_search_locations[0]) / "model")
    return encoder


def choose_thresholds(
    outputs: Outputs, calibration: dict[Axis, tuple[float, float]]
) -> tuple[dict[Axis, float], dict[Axis, float]]:
    """Thresholds of the best F1: expected F1 for the few sentences, counted F1 for the tokens of flagged ones."""
    sentence, token = {}, {}
    for axis in AXES:
        scores = calibrated(outputs, axis, calibration)
        sentence[axis], _ = best_threshold(scores, scores)
        token[axis], _ = best_threshold(*gated_tokens(outputs, axis, scores >= sentence[axis]))
    return sentence, token


def _revision() -> str | None:
    """The commit of the code, with a mark where the tree differs from it; None outside a checkout."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
