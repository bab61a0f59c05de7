"""Render ``report.html`` and ``report.md``."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ...model.text import printable
from ..results import Interval, Results, Slice, System
from . import svg

AXIS_NAMES = {
    "hedging": "hedging",
    "emotive": "emotive",
    "emotive_quoted": "emotive, quoted",
    "unverified": "unverified",
}
SYSTEM_NAMES = {
    "model": "model",
    "wordlist": "word list",
    "lexicon": "learnt lexicon",
    "tfidf": "TF-IDF + LR",
    "majority": "majority",
}
LEAST_PRESENT = 30
_HERE = Path(__file__).parent


class Piece(NamedTuple):
    """A stretch of a sentence: marked as evidence by the annotators, by the model, by both or by neither."""

    text: str
    gold: bool
    predicted: bool


def write_report(folder: Path, results: Results) -> None:
    """Write both pages beside the results."""
    (folder / "report.html").write_text(html(results), encoding="utf-8")
    (folder / "report.md").write_text(markdown(results), encoding="utf-8")


def html(results: Results) -> str:
    """One self-contained page: no script, no other file, every text of an article escaped."""
    style = (_HERE / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    template = _environment(autoescape=True).get_template("report.html.j2")
    page = template.render(
        **_shared(results),
        style=style,
        style_hash=digest,
        headline=svg.intervals(_headline(results)),
        curves={axis: _curves(results, axis) for axis in results["systems"]["model"]["axes"]},
        reliability={
            axis: svg.reliability(row["reliability"]) for axis, row in results["systems"]["model"]["axes"].items()
        },
        slice_figure=svg.intervals(_slices(results)),
        pieces=pieces,
    )
    return printable(page)


def markdown(results: Results) -> str:
    """The figures without the curves and the examples, for a repository or a mail."""
    # Markdown for people: it shows no text of an article
    return _environment(autoescape=False).get_template("report.md.j2").render(**_shared(results))


def interval(found: Interval | None, digits: int = 2) -> str:
    """A value with its interval, as in ``0.78 [0.75, 0.81]``."""
    if found is None or found["value"] is None:
        return "–"
    value = f"{found['value']:.{digits}f}"
    if found["low"] is None or found["high"] is None:
        return value
    return f"{value} [{found['low']:.{digits}f}, {found['high']:.{digits}f}]"


def p_value(p: float | None) -> str:
    """As in ``0.013`` or ``< 0.001``."""
    if p is None:
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def percent(share: float | None) -> str:
    """As in ``37 %``."""
    return "–" if share is None else f"{100 * share:.1f} %"


def pieces(error: Mapping[str, Any]) -> Iterator[Piece]:
    """Cut a sentence at the edges of the evidence of both sides."""
    text = error["text"]
    edges = sorted({0, len(text), *(edge for span in (*error["gold"], *error["predicted"]) for edge in span)})
    for start, end in pairwise(edges):
        yield Piece(text[start:end], _covers(error["gold"], start, end), _covers(error["predicted"], start, end))


def best_baseline(results: Results, axis: str) -> str | None:
    """The baseline with the highest F1 on an axis (``"macro"`` for all)."""

    def value(name: str) -> float:
        return (_f1(results["systems"][name], axis) or {"value": None})["value"] or 0.0

    return max((name for name in results["systems"] if name != "model"), key=value, default=None)


def _f1(system: System, axis: str) -> Interval | None:
    if axis == "macro":
        return system["macro"].get("f1")
    return system["axes"][axis]["measures"]["f1"] if axis in system["axes"] else None


def _shared(results: Results) -> dict[str, Any]:
    return {
        "results": results,
        "corpus": results["corpus"],
        "model": results["systems"]["model"],
        "axis_names": AXIS_NAMES,
        "system_names": SYSTEM_NAMES,
        "best": {axis: best_baseline(results, axis) for axis in ("macro", *results["systems"]["model"]["axes"])},
        "weakest": _weakest(results),
        "least_present": LEAST_PRESENT,
    }


def _headline(results: Results) -> Iterator[tuple[str, list[tuple[str, str, Any]]]]:
    """F1 by axis of every system, and of one annotation pass against the other."""
    model = results["systems"]["model"]
    groups = {"all axes (mean)": "macro"} if len(model["axes"]) > 1 else {}
    for title, axis in (groups | {AXIS_NAMES[axis]: axis for axis in model["axes"]}).items():
        marks = []
        for name, system in results["systems"].items():
            found = _f1(system, axis)
            if name != "majority" and found:
                marks.append((SYSTEM_NAMES[name], f"s-{name}", found))
        ceiling = (results["ceiling"] or {}).get(axis)
        if ceiling:
            marks.append(("pass against pass", "s-passes", ceiling["passes"]["f1"]))
        yield title, marks


def _curves(results: Results, axis: str) -> Any:
    curves = {
        name: system["axes"][axis]["precision_recall"]
        for name, system in reversed(results["systems"].items())
        if name != "majority" and axis in system["axes"]
    }
    found = results["systems"]["model"]["axes"][axis]
    return svg.precision_recall(curves, found["operating_point"], found["measures"]["prevalence"]["value"] or 0.0)


def _slices(results: Results) -> Iterator[tuple[str, list[tuple[str, str, Any]]]]:
    for attribute in dict.fromkeys(row["attribute"] for row in results["slices"]):
        rows = [row for row in results["slices"] if row["attribute"] == attribute]
        yield attribute, [(f"{row['value']} ({row['sentences']})", "s-model", row["pooled_f1"]) for row in rows]


def _weakest(results: Results) -> list[Slice]:
    """The three slices of lowest pooled F1 among those with thirty labels present, all axes together."""
    sized = [row for row in results["slices"] if sum(axis["present"] for axis in row["axes"].values()) >= LEAST_PRESENT]
    return sorted(sized, key=lambda row: row["pooled_f1"]["value"] or 0.0)[:3]


def _covers(spans: Iterable[Sequence[int]], start: int, end: int) -> bool:
    return any(left <= start and end <= right for left, right in spans)


def _environment(*, autoescape: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=autoescape,  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"interval": interval, "p_value": p_value, "percent": percent}
    return environment
