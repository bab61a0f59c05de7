"""The summary to look at: as lines of text, and as a page of inline SVG, with nothing loaded from anywhere."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from ..model.axes import AXES, Axis
from ..model.text import printable, shown
from .summary import FEWEST_ARTICLES, MISSING, Estimate, Group, ordered

WIDTH, HEIGHT = 640, 260
LEFT, TOP, BOTTOM = 48, 12, 56
_COLOURS = ("#1b6ca8", "#c8553d", "#3c7d4f", "#7b5ea7", "#b8860b", "#2f8f8f", "#a83279", "#5c5c5c")
_DASHES = ("none", "6 3", "2 3", "8 3 2 3")
_LEVELS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25)
_MOST_SERIES = len(_COLOURS) * len(_DASHES)


@dataclass(frozen=True, slots=True)
class Point:
    """One estimate in pixels, with what is said on hover."""

    x: float
    y: float
    low: float
    high: float
    title: str
    joined: bool
    """Whether the line goes through it: it has a place on the horizontal axis."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart."""

    name: str
    colour: str
    dash: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """One axis: its series over the values of the last grouping column."""

    axis: Axis
    series: tuple[Series, ...]
    ticks: tuple[tuple[float, str], ...]
    levels: tuple[tuple[float, str], ...]


def lines(groups: Sequence[Group], by: Sequence[str]) -> Iterator[str]:
    r"""Yield the groups as text, which no terminal has to cut: figures take 64 columns, names have their own lines.

    >>> estimates = dict.fromkeys(AXES, Estimate(0.5, 0.25, 0.75))
    >>> print(*list(lines([Group(("Packet",), 6, 40, estimates, estimates)], ["outlet"]))[:3], sep="\n")
                      share                   mean
    outlet: Packet, articles: 6, sentences: 40
      hedging         50.0 % [25.0, 75.0]     50.0 % [25.0, 75.0]
    """
    yield f"{'':18}{'share':24}mean"
    for group in groups:
        counts = f"articles: {group.articles:,}, sentences: {group.sentences:,}"
        yield shown(
            ", ".join([*(f"{name}: {_named(value)}" for name, value in zip(by, group.key, strict=True)), counts])
        )
        for axis in AXES:
            yield f"  {axis:16}{percent(group.share[axis]):24}{percent(group.mean[axis])}"


def render(groups: Sequence[Group], by: Sequence[str], source: str) -> str:
    """Render the groups as one HTML page; the last grouping column is the horizontal axis, the others make series."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template, style = (
        files(__package__).joinpath(name).read_text(encoding="utf-8") for name in ("summary.html.j2", "summary.css")
    )
    names = list(dict.fromkeys(group.key[:-1] for group in groups))
    page = environment.from_string(template).render(
        axes=AXES,
        by=by,
        bottom=HEIGHT - BOTTOM,
        articles=sum(group.articles for group in groups),
        charts=[_chart(axis, groups, names[:_MOST_SERIES]) for axis in AXES],
        fewest_articles=FEWEST_ARTICLES,
        foreign=sum(group.foreign for group in groups),
        groups=groups,
        height=HEIGHT,
        left=LEFT,
        left_out=len(names[_MOST_SERIES:]),
        percent=percent,
        source=source,
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        width=WIDTH,
    )
    return printable(page)


def percent(estimate: Estimate) -> str:
    """An estimate as text.

    >>> percent(Estimate(0.5, 0.25, 0.75)), percent(Estimate(0.5, None, None))
    ('50.0 % [25.0, 75.0]', '50.0 %')
    """
    interval = "" if estimate.low is None or estimate.high is None else f" [{estimate.low:.1%}, {estimate.high:.1%}]"
    return f"{estimate.value:.1%}{interval}".replace("%,", ",").replace("%]", "]").replace("%", " %")


def _named(value: str) -> str:
    return value or "(empty)"


def _chart(axis: Axis, groups: Sequence[Group], names: Sequence[tuple[str, ...]]) -> Chart:
    values = ordered([group.key[-1] for group in groups])
    highest = max((group.share[axis].high or group.share[axis].value) for group in groups)
    level = next(level for level in _LEVELS if highest <= 4 * level)
    top = 4 * level
    step = (WIDTH - LEFT - 24) / max(len(values), 1)
    places = {value: LEFT + step * (index + 0.5) for index, value in enumerate(values)}
    every = -(-len(values) // 12)  # as many labels as there is room for

    def height(share: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share / top)

    def point(group: Group, shift: float) -> Point:
        share = group.share[axis]
        low, high = (share.value if end is None else end for end in (share.low, share.high))
        title = f"{' · '.join(map(_named, group.key))}: {percent(share)}, {group.articles} articles"
        place = places[group.key[-1]] + shift
        return Point(place, height(share.value), height(low), height(high), title, group.key[-1] != MISSING)

    return Chart(
        axis,
        tuple(
            Series(
                " · ".join(map(_named, name)) if name else "all",
                _COLOURS[index % len(_COLOURS)],
                _DASHES[index // len(_COLOURS)],
                tuple(
                    point(group, min(step / (len(names) + 1), 8) * (index - (len(names) - 1) / 2))
                    for group in groups
                    if group.key[:-1] == name
                ),
            )
            for index, name in enumerate(names)
        ),
        tuple((places[value], _named(value)) for value in values[::every]),
        tuple((height(level * part), f"{level * part:.{0 if level >= 0.01 else 1}%}") for part in range(5)),
    )
