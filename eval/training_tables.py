"""Tables of what training measured: fine-tuned benchmarks and ablations, from the records that it left as files."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from ..model.axes import AXES
from .report.pages import AXIS_NAMES

Record = Mapping[str, Any]

BASE = "base"
SHIPPED = "open"
_METRICS = {"f1": "F1", "macro_f1": "macro F1"}
_HELD_OUT = ("f1", "average_precision", "calibration_error", "token_f1")
_NOT_RUN = "No run is recorded yet.\n"
_LATER = {"alike": False}
_LATER_OF_CORPORA = {"soft": True}
"""Fields of a configuration and of a corpus in it that came after the first records, at what those were run with."""


def read_records(folder: Path) -> list[dict[str, Any]]:
    """The records of a folder, in order of their names."""
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]


def gather_variant(folder: Path) -> dict[str, Any]:
    """One record of the runs of an ablation variant: ``FOLDER/*/training.json``, each a held-out fold and a seed.

    Raises
    ------
    ValueError
        Where the runs are not of one configuration, or one of them held out no fold.
    """
    runs = [(file, json.loads(file.read_text(encoding="utf-8"))) for file in sorted(folder.glob("*/training.json"))]
    first = _settings(runs[0][1])
    for file, run in runs:
        if "held_out" not in run:
            raise ValueError(f"{file}: held out no fold; train with --fold")
        if _settings(run) != first:
            raise ValueError(f"{file}: is of another configuration than {runs[0][0]}; measure one of them again")
    return {
        "variant": first["name"],
        "config": first,
        "revision": sorted({run["revision"] for _, run in runs}, key=str),
        "runs": [{"fold": run["fold"], "seed": run["config"]["seed"], "held_out": run["held_out"]} for _, run in runs],
    }


def benchmark_table(records: Sequence[Record]) -> str:
    """Fine-tuned figures beside the published ones, one row a benchmark that was run."""
    records = [record for record in records if "figures" in record]  # else the first look is not ended
    if not records:
        return _NOT_RUN
    lines = [
        "| benchmark, metric | this network, fine-tuned | average precision | published | from | runs | looks |",
        "|---|---|---|---|---|---|---|",
    ]
    for record in records:
        figures, metric = record["figures"], record["metric"]
        published = "; ".join(
            f"{one['system']} {_short(one['value'])}" + (f" ({one['parameters']} M)" if one["parameters"] else "")
            for one in record["published"]
        )
        lines.append(
            f"| {record['title']}: {_METRICS[metric]} | **{_spread(**figures[metric])}** "
            f"({record['parameters'] / 1e6:.0f} M) | {_spread(**figures['average_precision'])} "
            f"| {published or '–'} | `{record['config']['encoder']}` | {_runs(record)} | {len(record['looks'])} |"
        )
    return "\n".join(lines) + "\n"


def ablation_table(records: Sequence[Record]) -> str:
    """Every variant beside the base, or beside the whole recipe where that was not run, paired by fold and seed."""
    by_name = {record["variant"]: record for record in records}
    base = by_name.get(BASE) or by_name.get(SHIPPED)
    if base is None:
        return _NOT_RUN
    lines = [
        f"| variant | mean F1 | to the base | {' | '.join(AXIS_NAMES[axis] for axis in AXES)} "
        "| average precision | span token F1 | runs |",
        "|---|---|---|" + "---|" * (len(AXES) + 3),
    ]
    for record in sorted(records, key=lambda record: (record is not base, record["variant"])):
        paired = {_key(run): run for run in base["runs"]}
        differences = [
            _mean_over_axes(run, "f1") - _mean_over_axes(paired[_key(run)], "f1")
            for run in record["runs"]
            if _key(run) in paired
        ]
        cells = [
            _changes(_filled(base["config"]), _filled(record["config"])) or BASE,
            _over_runs([_mean_over_axes(run, "f1") for run in record["runs"]]),
            _over_runs(differences, sign="+") if record is not base and differences else "",
            *(_over_runs([run["held_out"][axis]["f1"] for run in record["runs"]]) for axis in AXES),
            *(
                _over_runs([_mean_over_axes(run, name) for run in record["runs"]])
                for name in ("average_precision", "token_f1")
            ),
            str(len(record["runs"])),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def held_out_means(records: Sequence[Record]) -> dict[str, float]:
    """What the shipped recipe reaches on the fold that it was trained without, over axes and runs; empty before any."""
    runs = _runs_of_shipped(records)
    return {name: mean(_mean_over_axes(run, name) for run in runs) for name in _HELD_OUT if runs}


def held_out_table(records: Sequence[Record]) -> str:
    """What the shipped recipe reaches on the fold that it was trained without, by axis."""
    runs = _runs_of_shipped(records)
    if not runs:
        return _NOT_RUN
    lines = ["| axis | F1 | average precision | calibration error | span token F1 |", "|---|---|---|---|---|"]
    for axis in AXES:
        cells = (_over_runs([run["held_out"][axis][name] for run in runs]) for name in _HELD_OUT)
        lines.append(f"| {AXIS_NAMES[axis]} | {' | '.join(cells)} |")
    means = (_over_runs([_mean_over_axes(run, name) for run in runs]) for name in _HELD_OUT)
    lines += [f"| **mean** | {' | '.join(means)} |", "", f"Runs: {len(runs)}."]
    return "\n".join(lines) + "\n"


def _runs_of_shipped(records: Sequence[Record]) -> Sequence[Record]:
    return next((record["runs"] for record in records if record["variant"] == SHIPPED), ())


def _settings(run: Record) -> dict[str, Any]:
    return {name: value for name, value in _filled(run["config"]).items() if name != "seed"}


def _filled(config: Record) -> dict[str, Any]:
    return {**_LATER, **config, "corpora": [_LATER_OF_CORPORA | corpus for corpus in config.get("corpora", [])]}


def _runs(record: Record) -> str:
    parts, seeds = ({run[name] for run in record["runs"]} for name in ("part", "seed"))
    counted = [f"{len(found)} {name}" for name, found in (("folds", parts), ("seeds", seeds)) if len(found) > 1]
    return " × ".join(counted) or "1"


def _key(run: Record) -> tuple[int, int]:
    return run["fold"], run["seed"]


def _mean_over_axes(run: Record, name: str) -> float:
    return mean(run["held_out"][axis][name] for axis in AXES)


def _over_runs(values: Sequence[float], sign: str = "") -> str:
    return _spread(mean(values), stdev(values) if len(values) > 1 else None, sign)


def _spread(mean: float, deviation: float | None, sign: str = "") -> str:
    text = f"{mean:{sign}.3f}"
    return text if deviation is None else f"{text} ± {deviation:.3f}"


def _short(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def _changes(base: Record, config: Record) -> str:
    return "; ".join(
        f"{name} {_change(base.get(name), value)}"
        for name, value in config.items()
        if name != "name" and value != base.get(name)
    )


def _change(before: Any, after: Any) -> str:
    """A changed setting as the table shows it; of a list what came in and what went out."""
    if not (isinstance(before, list) and isinstance(after, list)):
        return f"{before} → {after}"
    old, new = ([one["name"] if isinstance(one, dict) else str(one) for one in listed] for listed in (before, after))
    moved = [*(f"+ {name}" for name in new if name not in old), *(f"− {name}" for name in old if name not in new)]
    return ", ".join(moved) or "in other shares"
