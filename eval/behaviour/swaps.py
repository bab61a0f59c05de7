"""How far scores move when nothing but the name of a country, a religion, a person … is exchanged."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from ...model.axes import Axis
from .cases import Case
from .checks import Scored


def swap_figures(cases: Sequence[Case], answers: Mapping[str, Scored], axes: Sequence[Axis]) -> dict[str, Any]:
    """Per swapped attribute and axis, the absolute change in score over all pairs of variants of the same sentence.

    Returns
    -------
    dict
        ``{attribute: {"sentences", "variants", "axes": {axis: {"largest", "largest_between", "mean", "flag_changes",
        "lean"}}}}``. ``largest_between`` holds the two texts that are furthest apart; ``flag_changes`` counts the
        sentences whose flag depends on the variant; ``lean`` is, per variant, the mean of its score less the mean of
        all variants of the sentence, so that a steady lean can be told from noise.
    """
    by_attribute: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if case.attribute is not None:
            by_attribute[case.attribute].append(case)
    return {
        attribute: {
            "sentences": len(group),
            "variants": len(group[0].variants),
            "axes": {axis.value: _figures(group, answers, axis) for axis in axes},
        }
        for attribute, group in by_attribute.items()
    }


def _figures(group: Sequence[Case], answers: Mapping[str, Scored], axis: Axis) -> dict[str, Any]:
    changes: list[tuple[float, str, str]] = []
    leans: dict[str, list[float]] = defaultdict(list)
    flag_changes = 0
    for case in group:
        scores = [float(answers[text].scores[axis]) for text in case.texts]
        mean = sum(scores) / len(scores)
        for variant, score in zip(case.variants, scores, strict=True):
            leans[variant].append(score - mean)
        for (one, first), (other, second) in combinations(zip(case.texts, scores, strict=True), 2):
            changes.append((abs(first - second), one, other))
        flag_changes += len({answers[text].flags[axis] for text in case.texts}) > 1
    largest, one, other = max(changes)
    return {
        "largest": largest,
        "largest_between": [one, other],
        "mean": sum(change for change, _, _ in changes) / len(changes),
        "flag_changes": flag_changes,
        "lean": {variant: sum(values) / len(values) for variant, values in leans.items()},
    }
