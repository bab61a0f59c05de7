"""One command from a configuration to a checkpoint: read, train, calibrate, choose thresholds, export."""

import dataclasses
import shutil
from pathlib import Path
from typing import Any

from rich.console import Console

from ..model.axes import AXES
from ..model.revision import revision
from .card import write_card
from .config import ConfigError, TrainConfig
from .corpora import CORPORA
from .encoder import encoder_digest, encoder_path, new_network
from .export import export, fold_calibration
from .folds import in_fold
from .measure import at_thresholds, choose_thresholds, fit_calibration, run
from .mixture import encode
from .records import versions, write_json
from .soft import FOLDER, UNSEEN_FOLD, read_soft, soften
from .soup import fit_members
from .tokenizer import load_tokenizer
from .trainer import Data

RECORD = "training.json"


def train(config: TrainConfig, output: Path, console: Console, fold: int | None = None) -> dict[str, Any]:
    """Train as configured and write a checkpoint to ``output``.

    Parameters
    ----------
    output
        Folder of the checkpoint; the state of an unfinished run lies in its ``run`` folder and is resumed from there.
        Once a fold is measured, the state is removed.
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
        Where ``output`` holds an unfinished run of another configuration, or the teacher has seen the fold.
    """
    if config.soft_share and fold not in (None, UNSEEN_FOLD):
        raise ConfigError(
            f"fold {fold}: the teacher was trained on it, so that a figure on it would flatter; "
            f"hold out fold {UNSEEN_FOLD}, or set soft_share to 0"
        )
    code = revision("-dirty")  # that which is loaded; the tree may have moved on by the end
    encoder = encoder_path(config.encoder)
    tokenizer = load_tokenizer(encoder)
    network = new_network(config, AXES)
    held_out = [] if fold is None else in_fold(CORPORA[config.dev].read("train"), fold)
    unseen = {example.document for example in held_out}
    corpora, sizes = [], {}
    for corpus in config.corpora:
        # a corpus that is made from the dev corpus loses the documents too
        examples = [example for example in CORPORA[corpus.name].read("train") if example.document not in unseen]
        sizes[corpus.name] = len(examples)
        rows = encode(examples, tokenizer, config.max_tokens)
        if config.soft_share and corpus.soft:
            rows = soften(examples, rows, read_soft(FOLDER / f"{corpus.name}.npz"), config.soft_share)
        corpora.append((corpus.share, rows))
    pooled = [example for name in config.calibrate_on for example in CORPORA[name].read("dev")]
    dev = encode(pooled, tokenizer, config.max_tokens)
    console.print(
        f"{config.name}: {', '.join(f'{size:,} of {name}' for name, size in sizes.items())}; dev {len(dev):,}"
    )
    data = Data(corpora=corpora, dev=dev, padding=tokenizer.pad_token_id)
    network, histories = fit_members(network, data, config, output / "run", console)

    outputs = run(network, dev, data.padding)
    calibration = fit_calibration(outputs)
    thresholds, span_thresholds = choose_thresholds(outputs, calibration)
    record: dict[str, Any] = {
        "config": dataclasses.asdict(config),
        "encoder_sha256": encoder_digest(config.encoder),
        "corpora": {
            name: {"rows": rows, "licence": CORPORA[name].licence, "commercial": CORPORA[name].commercial}
            for name, rows in sizes.items()
        },
        "revision": code,
        "versions": versions(),
        "calibration": calibration,
        "thresholds": thresholds,
        "span_thresholds": span_thresholds,
        "histories": histories,
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
        chosen_on=record["chosen_on"],
        window=config.window,
    )
    write_card(output, record)
    write_json(output / RECORD, record)
    if fold is not None:
        shutil.rmtree(output / "run")
    return record
