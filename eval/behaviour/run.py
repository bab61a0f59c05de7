"""The runner: every text of the suite is scored once, every case is judged, the outcome is JSON-ready."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ...model.axes import AXES
from .cases import Case, Expectation, Kind, load_cases
from .checks import Check, Scored, check
from .swaps import swap_figures

Judged = tuple[Case, list[Check]]


def run(scorer: Callable[[list[str]], Sequence[Scored]], cases: Sequence[Case] | None = None) -> dict[str, Any]:
    """Put a scorer to the behaviour suite.

    Parameters
    ----------
    scorer
        Takes a list of single sentences and returns one answer each, as :class:`reportedly.Scorer` does. It may know
        fewer axes than four; what is asked of the others is then left out.
    cases
        By default those of this package.

    Returns
    -------
    dict
        JSON-ready, the same for the same answers:

        ``suite``
            SHA-256 of the expanded cases.
        ``cases``, ``passed``, ``pass_rate``
            A case passes where all that it asks is met. A case that asks only of axes that the scorer does not know is
            counted in ``skipped`` alone. A rate is null where nothing was asked.
        ``texts``
            Distinct texts scored.
        ``by_kind``, ``by_group``
            ``{name: {"cases", "passed", "pass_rate"}}``; a group is named as its file and heading are.
        ``by_axis``, ``by_expectation``
            ``{name: {"checks", "passed", "pass_rate"}}``, over single expectations on single axes. A scorer that never
            flags anything passes every *absent* and every *same*: read them beside *present*.
        ``swaps``
            See :func:`.swaps.swap_figures`.
        ``failures``
            One mapping for each failed case: ``id``, ``kind``, ``group``, ``texts``, ``expect``, ``reason``, ``scores``
            (per text and axis) and ``faults`` (``axis``, ``expectation``, ``fault``). For a swap the two texts that
            are furthest apart on the axis of the first fault stand for the set.
    """
    if cases is None:
        cases = load_cases()
    texts = list(dict.fromkeys(text for case in cases for text in case.texts))
    answers = dict(zip(texts, scorer(texts), strict=True))
    axes = [axis for axis in AXES if all(axis in answer.scores for answer in answers.values())]
    judged = [(case, check(case, [answers[text] for text in case.texts])) for case in cases]
    asked = [(case, checks) for case, checks in judged if checks]
    checks = [one for _, several in asked for one in several]
    return {
        "suite": _digest(cases),
        **_rate("cases", (_passed(item) for item in asked)),
        "skipped": len(judged) - len(asked),
        "texts": len(texts),
        "by_kind": {
            kind.value: _rate("cases", (_passed(item) for item in asked if item[0].kind is kind)) for kind in Kind
        },
        "by_group": {
            group: _rate("cases", (_passed(item) for item in asked if _group(item[0]) == group))
            for group in dict.fromkeys(_group(case) for case, _ in asked)
        },
        "by_axis": {axis.value: _rate("checks", (one.passed for one in checks if one.axis is axis)) for axis in axes},
        "by_expectation": {
            expectation.value: _rate("checks", (one.passed for one in checks if one.expectation is expectation))
            for expectation in Expectation
        },
        "swaps": swap_figures(cases, answers, axes),
        "failures": [_failure(case, checks, answers) for case, checks in asked if not _passed((case, checks))],
    }


def _passed(judged: Judged) -> bool:
    return all(one.passed for one in judged[1])


def _group(case: Case) -> str:
    return case.id.rpartition("/")[0]


def _rate(unit: str, outcomes: Iterable[bool]) -> dict[str, Any]:
    listed = list(outcomes)
    return {unit: len(listed), "passed": sum(listed), "pass_rate": sum(listed) / len(listed) if listed else None}


def _failure(case: Case, checks: Sequence[Check], answers: Mapping[str, Scored]) -> dict[str, Any]:
    failed = [one for one in checks if not one.passed]
    texts = list(case.texts)
    if case.attribute is not None:
        texts.sort(key=lambda text: answers[text].scores[failed[0].axis])
        texts = [texts[0], texts[-1]]
    return {
        "id": case.id,
        "kind": case.kind.value,
        "group": case.group,
        "texts": texts,
        "expect": _expect(case),
        "reason": case.reason,
        "scores": [{axis.value: float(score) for axis, score in answers[text].scores.items()} for text in texts],
        "faults": [
            {"axis": one.axis.value, "expectation": one.expectation.value, "fault": one.fault} for one in failed
        ],
    }


def _expect(case: Case) -> dict[str, list[str]]:
    return {expectation.value: [axis.value for axis in axes] for expectation, axes in case.expect.items()}


def _digest(cases: Sequence[Case]) -> str:
    lines = [[case.id, case.texts, _expect(case), case.margin, case.tolerance] for case in cases]
    return hashlib.sha256(json.dumps(lines, ensure_ascii=False).encode()).hexdigest()
