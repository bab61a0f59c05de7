"""Small figures as inline SVG. They hold numbers and fixed names only, never text of an article."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

SIDE = 210
_LEFT, _TOP, _RIGHT, _BOTTOM = 34, 8, 8, 30
_TALLEST_COUNT = 26
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def precision_recall(
    curves: Mapping[str, Sequence[Sequence[float]]], point: Sequence[float | None], prevalence: float
) -> Markup:
    """Precision against recall, one line a system, the model's threshold as a dot, chance as a dotted line."""
    parts = [_frame("recall", "precision"), _line([(0, prevalence), (1, prevalence)], "chance")]
    parts += [_line(_steps(points), f"curve s-{name}") for name, points in curves.items()]
    if point[0] is not None and point[1] is not None:
        parts.append(f'<circle class="s-model dot" cx="{_x(point[0]):.1f}" cy="{_y(point[1]):.1f}" r="4.5"/>')
    return _figure(SIDE, parts, "Precision against recall")


def reliability(points: Sequence[Mapping[str, Any]]) -> Markup:
    """Observed rate against mean probability, with the number of sentences in each bin below."""
    total = max((point["sentences"] for point in points), default=1)
    bars, dots = [], []
    for point in points:
        x, height = _x(point["mean_score"]), _TALLEST_COUNT * point["sentences"] / total
        bars.append(f'<rect class="count" x="{x - 5:.1f}" y="{_y(0) - height:.1f}" width="10" height="{height:.1f}"/>')
        dots.append(
            f'<circle class="s-model dot" cx="{x:.1f}" cy="{_y(point["rate"]):.1f}" r="3.5"><title>mean probability '
            f"{point['mean_score']:.2f}, rate {point['rate']:.2f}, {point['sentences']} sentences</title></circle>"
        )
    line = _line([(point["mean_score"], point["rate"]) for point in points], "curve s-model")
    return _figure(
        SIDE,
        [_frame("probability", "observed rate"), *bars, _line([(0, 0), (1, 1)], "chance"), line, *dots],
        "Reliability",
    )


def intervals(
    rows: Iterable[tuple[str, Sequence[tuple[str, str, Mapping[str, float | None]]]]], width: int = 680
) -> Markup:
    """Values with their intervals on a scale from 0 to 1.

    Parameters
    ----------
    rows
        A group's name, and its marks as name, style class and interval.
    """
    left, step, gap = 214, 17, 14
    span = width - left - 16
    parts: list[str] = []
    y = 8
    for group, marks in rows:
        parts.append(f'<text class="group" x="0" y="{y + 12}">{escape(group)}</text>')
        for name, style, found in marks:
            y += step
            centre = y - 5
            parts.append(f'<text class="name" x="{left - 8}" y="{y - 1}" text-anchor="end">{escape(name)}</text>')
            parts.append(f'<line class="guide" x1="{left}" x2="{left + span}" y1="{centre}" y2="{centre}"/>')
            if found["value"] is None:
                continue
            if found["low"] is not None and found["high"] is not None:
                low, high = left + span * found["low"], left + span * found["high"]
                whisker = f'x1="{low:.1f}" x2="{high:.1f}" y1="{centre}" y2="{centre}"'
                parts.append(f'<line class="whisker {style}" {whisker}/>')
            parts.append(
                f'<circle class="dot {style}" cx="{left + span * found["value"]:.1f}" cy="{centre}" r="4.5">'
                f"<title>{found['value']:.3f}</title></circle>"
            )
        y += gap
    bottom = y
    for tick in _TICKS:
        x = left + span * tick
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="4" y2="{bottom}"/>')
        parts.append(f'<text class="tick" x="{x:.1f}" y="{bottom + 14}" text-anchor="middle">{tick:g}</text>')
    return _figure(width, parts, "Values with 95 % intervals", bottom + 20)


def _frame(across: str, up: str) -> str:
    grid = "".join(
        f'<line class="grid" x1="{_x(tick):.1f}" x2="{_x(tick):.1f}" y1="{_y(1):.1f}" y2="{_y(0):.1f}"/>'
        f'<line class="grid" x1="{_x(0):.1f}" x2="{_x(1):.1f}" y1="{_y(tick):.1f}" y2="{_y(tick):.1f}"/>'
        for tick in _TICKS
    )
    ticks = "".join(
        f'<text class="tick" x="{_x(tick):.1f}" y="{_y(0) + 12:.1f}" text-anchor="middle">{tick:g}</text>'
        f'<text class="tick" x="{_x(0) - 5:.1f}" y="{_y(tick) + 3:.1f}" text-anchor="end">{tick:g}</text>'
        for tick in (0.0, 0.5, 1.0)
    )
    middle = (_y(0) + _y(1)) / 2
    turned = f'text-anchor="middle" transform="rotate(-90 9 {middle:.1f})"'
    return (
        f"{grid}{ticks}"
        f'<text class="tick" x="{(_x(0) + _x(1)) / 2:.1f}" y="{SIDE - 4}" text-anchor="middle">{across}</text>'
        f'<text class="tick" x="9" y="{middle:.1f}" {turned}>{up}</text>'
    )


def _steps(points: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """Between two thresholds precision is not interpolated: it holds its value, as average precision takes it."""
    before = [0.0, *(recall for recall, _ in points)]
    return [
        corner
        for start, (recall, precision) in zip(before, points, strict=False)
        for corner in ((start, precision), (recall, precision))
    ]


def _line(points: Sequence[tuple[float, float]], style: str) -> str:
    path = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
    return f'<polyline class="{style}" points="{path}"/>'


def _x(value: float) -> float:
    return _LEFT + (SIDE - _LEFT - _RIGHT) * value


def _y(value: float) -> float:
    return SIDE - _BOTTOM - (SIDE - _TOP - _BOTTOM) * value


def _figure(width: int, parts: Iterable[str], label: str, height: int = SIDE) -> Markup:
    head = f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">'
    return Markup(head + "".join(parts) + "</svg>")  # noqa: S704
