"""A comparison of two systems in Markdown."""

from collections.abc import Mapping
from typing import Any

from .pages import AXIS_NAMES, interval, p_value

_TESTS = (
    ("f1", "F1", "f1_permutation"),
    ("average_precision", "average precision", "average_precision_bootstrap"),
)


def comparison(found: Mapping[str, Any]) -> str:
    """Render what :func:`reportedly.eval.run_compare.run_compare` found."""
    corpus = found["corpus"]
    lines = [
        f"A = {found['one']['name']} ({found['one']['hash']}), B = {found['other']['name']} ({found['other']['hash']})",
        f"on {corpus['name']} {corpus['split']}, {corpus['sentences']:,} sentences of {corpus['articles']:,} articles.",
        "",
        "| axis | measure | A | B | A − B | p | p (Holm) |",
        "|---|---|---|---|---|---|---|",
    ]
    for axis, row in found["axes"].items():
        name = AXIS_NAMES[axis]
        for measure, title, test in _TESTS:
            one, other = _value(row["one"][measure]), _value(row["other"][measure])
            difference = interval(row["difference"][measure], 3)
            lines.append(f"| {name} | {title} | {one} | {other} | {difference} | {_tests(row, test)} |")
        rights = f"{row['only_one_right']} | {row['only_other_right']}"
        lines.append(f"| {name} | only one right (sentences) | {rights} | | {_tests(row, 'accuracy_mcnemar')} |")
    lines += [
        "",
        "Intervals of 95 %: BCa, articles resampled for both systems alike. p: permutation of whole articles (F1), "
        "paired bootstrap (average precision), exact McNemar, which takes sentences as independent (only one right).",
    ]
    return "\n".join(lines) + "\n"


def _tests(row: Mapping[str, Any], test: str) -> str:
    return f"{p_value(row['p'][test])} | {p_value(row['p_holm'][test])}"


def _value(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
