"""A published protocol from an encoder to a figure: train, choose on the dev part, measure the test part.

No weights are kept. The record of a benchmark also says when its test was looked at, by which code, with what figure.
"""

import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
from rich.console import Console

from ..model.loading import digest
from ..model.network import Network
from ..model.revision import revision
from .config import BenchmarkConfig, ConfigError, filled
from .encoder import encoder_digest, encoder_path, new_network
from .example import Example
from .measure import Outputs, at_thresholds, choose_span_thresholds, choose_thresholds, fit_calibration, run
from .mixture import Encoded, encode
from .protocols import PROTOCOLS, Part, Protocol
from .records import read_json, versions, write_json
from .tokenizer import load_tokenizer
from .trainer import Data, Trainer, best_epoch

RESULTS = Path(__file__).parent / "results" / "benchmarks"
AVERAGE_PRECISION = "average_precision"


@dataclass(frozen=True, slots=True)
class Summary:
    """Mean and sample standard deviation of a figure over the runs; no deviation of a single run."""

    mean: float
    deviation: float | None


def run_benchmark(
    config: BenchmarkConfig, output: Path, console: Console, results: Path = RESULTS, dev_only: bool = False
) -> dict[str, Any]:
    """Run every part of a benchmark with every seed and write its record.

    Parameters
    ----------
    output
        Folder of the finished runs, one JSON file each, and of the state of the unfinished one, which is resumed.
    results
        Folder of the records; that of this benchmark, ``NAME.json``, is replaced, its list of looks continued. A look
        stands there before the first figure of a test is told; without figures, where it came to none.
    dev_only
        Measure the dev parts and leave test parts and record alone: for every choice that is still open.

    Returns
    -------
    dict
        The record: protocol, published figures, configuration, runs with the code and libraries of each, and in
        ``figures`` mean and deviation over them.

    Raises
    ------
    ConfigError
        Where ``output`` holds runs of another configuration or of other data, or a file is not whole.
    CorpusError
        Where the benchmark is not present.
    """
    for folder in (output,) if dev_only else (output, results):
        folder.mkdir(parents=True, exist_ok=True)
    protocol = PROTOCOLS[config.name]
    measured = "dev" if dev_only else "test"
    file = results / f"{config.name}.json"
    runs = list(_runs(config, protocol, output, console, None if dev_only else file))
    record = {
        "benchmark": config.name,
        "title": protocol.title,
        "metric": protocol.metric,
        "published": [asdict(one) for one in protocol.published],
        "config": asdict(config),
        "parameters": runs[0]["parameters"],
        "revision": sorted({one.get("revision") for one in runs}, key=str),
        "versions": list({str(one.get("versions")): one.get("versions") for one in runs}.values()),
        "measured": measured,
        "runs": runs,
        "figures": {
            name: asdict(summarise([one[measured][name] for one in runs]))
            for name in (protocol.metric, AVERAGE_PRECISION)
        },
    }
    if not dev_only:
        before = _record(file)
        if before["runs"] == runs:  # which may be from before each told its code and libraries
            record |= {name: before[name] for name in ("revision", "versions")}
        write_json(file, record | {"looks": _looks(before, record)})
    return record


def summarise(values: list[float]) -> Summary:
    """Mean and deviation of a figure.

    >>> summarise([0.5, 0.75, 1.0])
    Summary(mean=0.75, deviation=0.25)
    """
    return Summary(mean(values), stdev(values) if len(values) > 1 else None)


def _runs(
    config: BenchmarkConfig, protocol: Protocol, output: Path, console: Console, record: Path | None
) -> Iterator[dict[str, Any]]:
    """The finished runs, those that lie in ``output`` read from there; without a record, on the dev parts."""
    code = revision("-dirty")  # that which is loaded; the tree may have moved on by the end
    measured = "dev" if record is None else "test"
    parts = list(protocol.parts())
    inputs = {"data": [digest(file) for file in protocol.paths], "encoder_sha256": encoder_digest(config.encoder)}
    for part in parts:
        for repeat in range(config.repeats):
            seed = config.seed + repeat
            settings = replace(config, seed=seed, repeats=1)
            facts: dict[str, Any] = {"part": part.name, "seed": seed, "settings": asdict(settings)} | inputs
            folder = output / f"{part.name}-seed{seed}"
            file = folder.with_suffix(".json")
            found = _finished(file, facts)
            if measured not in found:
                found = facts | {"revision": code, "versions": versions()}
                found |= _run(settings, protocol, part, folder, console, measured)
                if record is not None:
                    _note_look(record, config, found, folder.name)
                write_json(file, found)
            shutil.rmtree(folder, ignore_errors=True)  # here, since a kill may have come between file and folder
            figures = found[measured]
            console.print(
                f"{config.name} {part.name} seed {seed}: {measured} {protocol.metric} {figures[protocol.metric]:.4f}, "
                f"AP {figures[AVERAGE_PRECISION]:.4f}"
            )
            yield found


def _finished(file: Path, facts: dict[str, Any]) -> dict[str, Any]:
    if not file.is_file():
        return {}
    found = read_json(file)
    settings = filled(found.get("settings", {}), BenchmarkConfig)
    if {name: found.get(name) for name in facts} | {"settings": settings} != facts:
        raise ConfigError(
            f"{file}: is of another configuration or of other data; remove it, or measure to another folder"
        )
    return found


def _run(
    config: BenchmarkConfig, protocol: Protocol, part: Part, folder: Path, console: Console, measured: str
) -> dict[str, Any]:
    """Train on a part with a seed, choose epoch and threshold on its dev part, and measure."""
    tokenizer = load_tokenizer(encoder_path(config.encoder))
    labels = (protocol.label,)

    def encoded(examples: list[Example]) -> list[Encoded]:
        return encode(examples, tokenizer, config.max_tokens, labels=labels)

    def trained(
        train: list[Encoded], dev: list[Encoded], step: str, until: int | None = None
    ) -> tuple[Network, list[dict]]:
        data = Data(corpora=[(1.0, train)], dev=dev, padding=tokenizer.pad_token_id, labels=labels)
        network = new_network(config, labels)
        return network, Trainer(network, data, config, folder / step).fit(console, until)

    def outputs(network: Network, rows: list[Encoded]) -> Outputs:
        return run(network, rows, tokenizer.pad_token_id, labels)

    def targets(examples: list[Example], rows: list[Encoded]) -> list[Encoded]:
        """Rows to train on: what share of the annotators gave the label, where a benchmark says so."""
        shares = (part.shares.get(example.id) for example in examples)
        return [
            row if share is None else replace(row, present=np.array([share], dtype=np.float32))
            for row, share in zip(rows, shares, strict=True)
        ]

    train, dev = targets(part.train, encoded(part.train)), encoded(part.dev)
    network, history = trained(train, dev, "choose")
    epoch = best_epoch(history)
    judged = outputs(network, dev)
    calibration = fit_calibration(judged)
    thresholds = choose_thresholds(judged, calibration, macro=protocol.metric == "macro_f1")
    chosen = thresholds, choose_span_thresholds(judged, calibration, thresholds)
    facts = {
        "parameters": sum(value.numel() for value in network.parameters()),
        "sentences": {"train": len(part.train), "dev": len(part.dev), "test": len(part.test)},
        "epoch": epoch,
        "threshold": chosen[0][protocol.label],
        "dev": at_thresholds(judged, calibration, *chosen)[protocol.label],
    }
    if measured == "dev":
        return facts
    if config.refit:
        network, _ = trained([*train, *targets(part.dev, dev)], [], "refit", epoch)
    tested = outputs(network, encoded(part.test))
    return facts | {"test": at_thresholds(tested, calibration, *chosen)[protocol.label]}


def _record(file: Path) -> dict[str, Any]:
    return read_json(file) if file.is_file() else {"runs": [], "looks": []}


def _note_look(file: Path, config: BenchmarkConfig, run: dict[str, Any], name: str) -> None:
    """Note a run before its figure is told, so that a look that is broken off counts.

    Where it is resumed, by the same code, it is the same look; a run that it has seen before begins another one.
    """
    before, of = _record(file), _look_of(asdict(config), run)
    looks: list[dict[str, Any]] = before["looks"]
    look = _begun(looks, of)
    if look is None or name in look["seen"]:
        looks.append(look := {"date": datetime.now(UTC).strftime("%Y-%m-%d")} | of | {"seen": []})
    look["seen"].append(name)
    write_json(file, before)


def _looks(before: dict[str, Any], record: dict[str, Any]) -> list[dict[str, Any]]:
    """Every time that the test was measured, this one included unless it repeats the last from its finished runs."""
    looks: list[dict[str, Any]] = before["looks"]
    of = _look_of(record["config"], record["runs"][-1])
    look = _begun(looks, of)
    if look is None and before["runs"] == record["runs"]:
        return looks
    if look is None:
        looks.append(look := {"date": datetime.now(UTC).strftime("%Y-%m-%d")} | of)
    for name in (*of, "seen"):
        if name != "revision":
            look.pop(name, None)
    look |= {"runs": len(record["runs"]), "figures": record["figures"]}
    return looks


def _look_of(config: dict[str, Any], run: dict[str, Any]) -> dict[str, Any]:
    """What a look is of, while it has no figures."""
    return {"revision": run.get("revision"), "config": config} | {
        name: run[name] for name in ("data", "encoder_sha256")
    }


def _begun(looks: list[dict[str, Any]], of: dict[str, Any]) -> dict[str, Any] | None:
    return next((look for look in reversed(looks) if {name: look.get(name) for name in of} == of), None)
