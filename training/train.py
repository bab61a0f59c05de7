"""One command from a configuration to a checkpoint: read, train, calibrate, choose thresholds, export."""

import dataclasses
import shutil
from pathlib import Path
from typing import Any

from rich.console import Console

from ..model.axes import AXES
from ..model.loading import digest
from .card import write_card
from .config import TrainConfig
from .corpora import CORPORA, Example
from .encoder import encoder_path, new_network
from .export import export, fold_calibration
from .folds import split_fold
from .measure import at_thresholds, choose_thresholds, fit_calibration, run
from .mixture import encode
from .records import revision, versions, write_json
from .soup import fit_members
from .tokenizer import load_tokenizer
from .trainer import Data

RECORD = "training.json"


def train(config: TrainConfig, output: Path, console: Console, fold: int | None = None) -> dict[str, Any]:
    """Train as configured and write a checkpoint to ``output``, or measure on a fold and write figures only.

    Parameters
    ----------
    output
        Folder of the checkpoint; the state of an unfinished run lies in its ``run`` folder and is resumed from there.
        Once a fold is measured, only its record is left.
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
    encoder = encoder_path(config.encoder)
    tokenizer = load_tokenizer(encoder)
    network = new_network(config, AXES)
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
    calibration = fit_calibration(outputs)
    thresholds, span_thresholds = choose_thresholds(outputs, calibration)
    record: dict[str, Any] = {
        "config": dataclasses.asdict(config),
        "encoder_sha256": digest(Path(encoder) / "model.safetensors") if Path(encoder).is_dir() else None,
        "corpora": {
            name: {"rows": rows, "licence": CORPORA[name].licence, "commercial": CORPORA[name].commercial}
            for name, rows in sizes.items()
        },
        "revision": revision(),
        "versions": versions(),
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
    write_json(output / RECORD, record)
    if fold is not None:
        shutil.rmtree(output / "run")
    return record
