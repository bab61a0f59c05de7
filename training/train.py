"""One command from a configuration to a checkpoint: read, train, calibrate, choose thresholds, export."""

import dataclasses
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from ..model.axes import AXES
from ..model.revision import revision
from .alike import alike_tokens, make_alike
from .card import write_card
from .config import ConfigError, TrainConfig, filled
from .corpora import CORPORA, CorpusError
from .encoder import encoder_digest, encoder_path, new_network
from .example import Example
from .export import export, fold_calibration
from .folds import in_fold
from .measure import at_thresholds, choose_span_thresholds, choose_thresholds, fit_calibration, run
from .mixture import encode
from .records import read_json, versions, write_json
from .soft import FOLDER, UNSEEN_FOLD, read_soft, soften
from .tokenizer import load_tokenizer
from .trainer import STATE, Data, Trainer

RECORD = "training.json"
RUN = "run"


def train(config: TrainConfig, output: Path, console: Console, fold: int | None = None) -> dict[str, Any]:
    """Train as configured and write a checkpoint to ``output``.

    Parameters
    ----------
    output
        Folder of the checkpoint; the state of an unfinished run lies in its ``run`` folder, is resumed from there, and
        is removed in the end. Where this very run is finished already, its record is all that is read.
    fold
        Hold out this fold of the dev corpus' train split (see :mod:`.folds`), and report on it with thresholds and
        calibration set on the dev splits.

    Returns
    -------
    dict
        The training record, which is also written to ``training.json``.

    Raises
    ------
    ConfigError
        Where ``output`` holds another run or other files, or the teacher has seen the fold.
    CorpusError
        Where a corpus cannot be read, has nothing to learn from, or cannot calibrate every axis.
    """
    if config.soft_share and fold not in (None, UNSEEN_FOLD):
        raise ConfigError(
            f"fold {fold}: the teacher was trained on it, so that a figure on it would flatter; "
            f"hold out fold {UNSEEN_FOLD}, or set soft_share to 0"
        )
    _claim(output)
    code = revision("-dirty")  # that which is loaded; the tree may have moved on by the end
    encoder = encoder_path(config.encoder)
    tokenizer = load_tokenizer(encoder)
    network = new_network(config, AXES)
    held_out: Sequence[Example] = []
    if fold is not None:
        inside = in_fold(CORPORA[config.dev].read("train"), fold)
        held_out = _measurable(inside, f"field dev: corpus {config.dev}, fold {fold}")
    unseen = {example.document for example in held_out}
    corpora, sizes = [], {}
    for corpus in config.corpora:
        # a corpus that is made from the dev corpus loses the documents too
        examples = [example for example in CORPORA[corpus.name].read("train") if example.document not in unseen]
        sizes[corpus.name] = len(examples)
        rows = encode(examples, tokenizer, config.max_tokens)
        if config.soft_share and corpus.soft:
            rows = soften(examples, rows, read_soft(FOLDER / f"{corpus.name}.npz"), config.soft_share)
        if not any(row.task or (row.present >= 0).any() or (row.evidence >= 0).any() for row in rows):
            raise CorpusError(
                f"corpus {corpus.name}: of its {len(rows):,} rows for training none has anything to learn from; "
                "take it out of corpora, or let the teacher label it (soft_share)"
            )
        corpora.append((corpus.share, rows))
    pooled = [
        (name, example)
        for name in config.calibrate_on
        for example in _measurable(CORPORA[name].read("dev"), f"field calibrate_on: corpus {name}, split dev")
    ]
    dev = encode([example for _, example in pooled], tokenizer, config.max_tokens)
    console.print(
        f"{config.name}: {', '.join(f'{size:,} of {name}' for name, size in sizes.items())}; dev {len(dev):,}"
    )
    data = Data(corpora=corpora, dev=dev, padding=tokenizer.pad_token_id)
    trainer = Trainer(network, data, config, output / RUN)
    facts = {
        "config": json.loads(json.dumps(dataclasses.asdict(config))),
        "fold": fold,
        "fingerprint": trainer.fingerprint,
    }
    if (found := _finished(output, facts)) is not None:
        console.print(f"{output}: finished before, by the code at {found['revision']}; remove it to train anew")
        _remove_state(output / RUN)
        return found
    history = trainer.fit(console)
    if config.alike:
        make_alike(network, alike_tokens(tokenizer))

    outputs = run(network, dev, data.padding)
    calibration = fit_calibration(outputs)
    of_target = outputs.of(np.array([name == config.dev for name, _ in pooled]))
    thresholds = choose_thresholds(of_target, calibration)
    span_thresholds = choose_span_thresholds(outputs, calibration, thresholds)
    record: dict[str, Any] = {
        "config": dataclasses.asdict(config),
        "encoder_sha256": encoder_digest(config.encoder),
        "fingerprint": facts["fingerprint"],
        "corpora": {
            name: {"rows": rows, "licence": CORPORA[name].licence, "commercial": CORPORA[name].commercial}
            for name, rows in sizes.items()
        },
        "revision": code,
        "versions": versions(),
        "calibration": calibration,
        "thresholds": thresholds,
        "span_thresholds": span_thresholds,
        "history": history,
        "chosen_on": ", ".join(f"{name}/dev" for name in config.calibrate_on),
        "dev": at_thresholds(outputs, calibration, thresholds, span_thresholds),
    }
    if fold is not None:
        held = run(network, encode(held_out, tokenizer, config.max_tokens), data.padding)
        record["fold"] = fold
        record["held_out"] = at_thresholds(held, calibration, thresholds, span_thresholds)
    network.cpu()
    fold_calibration(network, calibration)
    export(
        network,
        tokenizer,
        output,
        thresholds=thresholds,
        span_thresholds=span_thresholds,
        chosen_on=f"{config.dev}/dev",
        calibrated_on=record["chosen_on"],
        window=config.window,
    )
    write_card(output, record)
    write_json(output / RECORD, record)
    _remove_state(output / RUN)
    return record


def _claim(output: Path) -> None:
    """Make the folder, unless files lie in it that are not of a run."""
    output.mkdir(parents=True, exist_ok=True)
    ours = (output / RECORD).is_file() or any((output / RUN).glob(f"{STATE}*"))
    if not ours and any(path.is_file() for path in output.rglob("*")):
        raise ConfigError(f"{output}: holds files that are not of a run; train to another folder, or empty it")


def _finished(output: Path, facts: dict[str, Any]) -> dict[str, Any] | None:
    """The record of the run, where it has ended already."""
    if not (output / RECORD).is_file():
        return None
    found = read_json(output / RECORD)
    config = filled(found.get("config", {}), TrainConfig)
    if {name: found.get(name) for name in facts} | {"config": config} != facts:
        raise ConfigError(
            f"{output}: holds a run of another configuration or fold, of other data or from another encoder; "
            "remove it, or train to another folder"
        )
    return found


def _measurable(examples: Sequence[Example], where: str) -> Sequence[Example]:
    """Examples as they are, where all that is measured on them is known."""
    if not examples:
        raise CorpusError(f"{where}: has no row; name another corpus")
    for example in examples:
        for axis in AXES:
            if axis not in example.grades:
                raise CorpusError(f"{where}: does not say whether {axis} is in {example.id}; name another corpus")
    return examples


def _remove_state(folder: Path) -> None:
    for file in folder.glob(f"{STATE}*"):
        file.unlink()
    with suppress(OSError):  # what else lies there is not ours
        folder.rmdir()
