"""Whether a scorer's answers meet what a case asks, axis by axis."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ...model.axes import Axis
from .cases import Case, Expectation


class Scored(Protocol):
    """What a scorer says of one text. ``SentenceScores`` is one."""

    @property
    def scores(self) -> Mapping[Axis, float]:
        """Probability per axis."""

    @property
    def flags(self) -> Mapping[Axis, bool]:
        """Whether the probability reaches the threshold."""


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation on one axis, met or not."""

    expectation: Expectation
    axis: Axis
    passed: bool
    fault: str
    """What went wrong, in words; empty where it passed."""


def check(case: Case, scored: Sequence[Scored]) -> list[Check]:
    """Judge the answers to the texts of a case, given in their order.

    An axis that the scorer does not know, as a model of one axis does, is left out.
    """
    return [
        Check(expectation, axis, not fault, fault)
        for expectation, axes in case.expect.items()
        for place, axis in enumerate(axes)
        if all(axis in answer.scores for answer in scored)
        for fault in ["; ".join(_faults(case, expectation, axis, place, scored))]
    ]


def _faults(case: Case, expectation: Expectation, axis: Axis, place: int, scored: Sequence[Scored]) -> Iterator[str]:
    scores = [answer.scores[axis] for answer in scored]
    flags = [answer.flags[axis] for answer in scored]
    rise = scores[-1] - scores[0]
    match expectation:
        case Expectation.PRESENT:
            if not flags[-1]:
                yield f"not flagged, {scores[-1]:.2f}"
        case Expectation.ABSENT:
            if flags[-1]:
                yield f"flagged, {scores[-1]:.2f}"
        case Expectation.RAISES:
            if rise <= case.margin:
                yield f"change {rise:+.3f}, more than {case.margin:+.2f} expected"
        case Expectation.LOWERS:
            if rise >= -case.margin:
                yield f"change {rise:+.3f}, less than {-case.margin:+.2f} expected"
        case Expectation.MOVES:
            wanted = (place == 0, place == 1)
            for text, flag, should, score in zip(("before", "after"), flags, wanted, scores, strict=True):
                if flag != should:
                    yield f"{'not flagged' if should else 'flagged'} {text}, {score:.2f}"
        case Expectation.SAME:
            if (spread := max(scores) - min(scores)) > case.tolerance:
                yield f"change {spread:.3f}, at most {case.tolerance:.2f} expected"
            if len(set(flags)) > 1:
                yield "the flag changes"
