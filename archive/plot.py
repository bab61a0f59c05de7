"""The summary to look at: as lines of text, and as a page of inline SVG, with nothing loaded from anywhere."""

import base64
import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from itertools import pairwise

from jinja2 import Environment, StrictUndefined

from ..model.axes import AXES, Axis, Voice
from ..model.text import printable, shown
from .dates import PERIODS
from .summary import FEWEST_ARTICLES, LAST, Estimate, Group, follow_one_another, ordered

WIDTH, HEIGHT = 640, 276
LEFT, TOP, BOTTOM = 48, 12, 72
_COLOURS = ("#1b6ca8", "#c8553d", "#3c7d4f", "#7b5ea7", "#b8860b", "#2f8f8f", "#a83279", "#5c5c5c")
_LEVELS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25)
_MARGIN = 12
_TICK = 46
"""Pixels that the name of a value takes."""


@dataclass(frozen=True, slots=True)
class Point:
    """One estimate in pixels, with what is said on hover."""

    x: float
    y: float
    low: float
    high: float
    title: str
    joined: bool
    """Whether the line goes through it: values follow one another, as months do and outlets do not."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart."""

    name: str
    colour: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """One axis: its series over the values of the last grouping column."""

    axis: Axis
    series: tuple[Series, ...]
    ticks: tuple[tuple[float, str], ...]
    levels: tuple[tuple[float, str], ...]


def lines(groups: Sequence[Group], by: Sequence[str], against: str | None = None) -> Iterator[str]:
    r"""Yield the groups as text, which no terminal has to cut: figures take 64 columns, names have their own lines.

    >>> estimates = dict.fromkeys(AXES, Estimate(0.5, 0.25, 0.75))
    >>> print(*list(lines([Group(("Packet",), 6, 40, estimates, estimates)], ["outlet"]))[:3], sep="\n")
                      share                   mean
    outlet: Packet, articles: 6, sentences: 40
      hedging         50.0 % [25.0, 75.0]     50.0 % [25.0, 75.0]
    """
    yield f"{'':18}{'share':24}mean"
    if against is not None:
        same = f"; none where it has no articles of the same {', '.join(by[1:])}" if by[1:] else ""
        yield shown(f"difference: to {by[0]} {_named(against)}, in percentage points{same}")
    for group in groups:
        counts = f"articles: {group.articles:,}, sentences: {group.sentences:,}"
        yield shown(
            ", ".join([*(f"{name}: {_named(value)}" for name, value in zip(by, group.key, strict=True)), counts])
        )
        for axis in AXES:
            yield f"  {axis:16}{percent(group.share[axis]):24}{percent(group.mean[axis])}"
            if group.share_difference:
                share, mean = points(group.share_difference[axis]), points(group.mean_difference[axis])
                yield f"    {'difference':14}{share:24}{mean}"


def render(
    groups: Sequence[Group],
    by: Sequence[str],
    source: str,
    voices: Collection[Voice] = (),
    against: str | None = None,
) -> str:
    """Render the groups as one HTML page; the last grouping column is the horizontal axis, the others make series.

    ``voices`` are those whose sentences were counted, where not all were; ``against`` is the value in the first column
    with which the groups are compared, where they are.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template, style = (
        files(__package__).joinpath(name).read_text(encoding="utf-8") for name in ("summary.html.j2", "summary.css")
    )
    places = _places({group.key[-1] for group in groups}, by[-1])
    placed = [group for group in groups if group.key[-1] in places]
    names = _largest(placed)
    drawn = [group for group in placed if group.key[:-1] in names]
    joined = places.keys() - LAST
    if not follow_one_another(joined):
        joined = set()
    page = environment.from_string(template).render(
        axes=AXES,
        by=by,
        bottom=HEIGHT - BOTTOM,
        against=against,
        articles=sum(group.articles for group in groups),
        charts=[_chart(axis, drawn, names, places, joined) for axis in AXES],
        fewest_articles=FEWEST_ARTICLES,
        foreign=sum(group.foreign for group in groups),
        groups=groups,
        height=HEIGHT,
        left=LEFT,
        left_out=len({group.key[:-1] for group in groups}.difference(names)),
        percent=percent,
        points=points,
        source=source,
        style=style,
        undrawn=sorted({_named(group.key[-1]) for group in groups if group.key[-1] not in places}),
        voices=voices,
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


def points(difference: Estimate) -> str:
    """A difference as text, in percentage points.

    >>> points(Estimate(0.125, -0.002, 0.25)), points(Estimate(-0.0004, None, None))
    ('+12.5 [-0.2, +25.0]', '+0.0')
    """
    value, *ends = (
        f"{round(100 * end, 1) + 0.0:+.1f}"
        for end in (difference.value, difference.low, difference.high)
        if end is not None
    )
    return f"{value} [{', '.join(ends)}]" if ends else value


def _named(value: str) -> str:
    return value or "(empty)"


def _chart(
    axis: Axis,
    groups: Sequence[Group],
    names: Sequence[tuple[str, ...]],
    places: dict[str, float],
    joined: Collection[str],
) -> Chart:
    highest = max((group.share[axis].high or group.share[axis].value) for group in groups)
    level = next(level for level in _LEVELS if highest <= 4 * level)
    top = 4 * level
    step = min((right - left for left, right in pairwise(sorted(places.values()))), default=WIDTH)

    def height(share: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share / top)

    def point(group: Group, shift: float) -> Point:
        share = group.share[axis]
        low, high = (share.value if end is None else end for end in (share.low, share.high))
        title = f"{' · '.join(map(_named, group.key))}: {percent(share)}, {group.articles} articles"
        place = places[group.key[-1]] + shift
        return Point(place, height(share.value), height(low), height(high), title, group.key[-1] in joined)

    return Chart(
        axis,
        tuple(
            Series(
                " · ".join(map(_named, name)),
                colour,
                tuple(
                    point(group, min(step / (len(names) + 1), 8) * (index - (len(names) - 1) / 2))
                    for group in groups
                    if group.key[:-1] == name
                ),
            )
            for index, (name, colour) in enumerate(zip(names, _COLOURS, strict=False))
        ),
        tuple(_ticks(places)),
        tuple((height(level * part), f"{level * part:.{0 if level >= 0.01 else 1}%}") for part in range(5)),
    )


def _largest(groups: Sequence[Group]) -> list[tuple[str, ...]]:
    """The series that have a colour of their own: those of most articles, in the order of the groups."""
    articles: Counter[tuple[str, ...]] = Counter()
    for group in groups:
        articles[group.key[:-1]] += group.articles
    chosen = {name for name, _ in articles.most_common(len(_COLOURS))}
    return [name for name in articles if name in chosen]


def _places(values: Collection[str], last: str) -> dict[str, float]:
    """Pixels of the values on the horizontal axis: by their time, or side by side in their order.

    What has no time is left out.
    """
    known = ordered(values)
    if times := _times([value for value in known if value not in LAST], PERIODS.get(last)):
        first, span = min(times.values()), max(times.values()) - min(times.values())
        return {
            value: LEFT + _MARGIN + (WIDTH - LEFT - 3 * _MARGIN) * ((time - first) / span if span else 0.5)
            for value, time in times.items()
        }
    step = (WIDTH - LEFT - 2 * _MARGIN) / len(known)
    return {value: LEFT + step * (index + 0.5) for index, value in enumerate(known)}


def _times(values: Sequence[str], length: int | None) -> dict[str, int]:
    """Days by year, month or day in ISO form of that length; none where one is something else."""
    if any(len(value) != length for value in values):
        return {}
    try:
        return {value: date.fromisoformat(value + "0001-01-01"[len(value) :]).toordinal() for value in values}
    except ValueError:
        return {}


def _ticks(places: dict[str, float]) -> Iterator[tuple[float, str]]:
    """As many of the values as there is room for."""
    before: float = -_TICK
    for value, place in places.items():
        if place - before >= _TICK:
            yield place, _named(value)
            before = place
