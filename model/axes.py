"""The axes on which a sentence is scored, and the voices that can speak it."""

from collections.abc import Mapping
from enum import StrEnum
from numbers import Real


class Axis(StrEnum):
    """One label of the model. The order of the members is the order of the logits, everywhere."""

    HEDGING = "hedging"
    """How far the words hold back commitment (*reportedly*, *may*, *are believed to*)."""
    EMOTIVE = "emotive"
    """How far the writer's own wording carries feeling beyond the facts (*alarming*)."""
    EMOTIVE_QUOTED = "emotive_quoted"
    """The same in quoted or reported words of someone else."""
    UNVERIFIED = "unverified"
    """Whether the sentence says or shows that its claim is not independently established."""


AXES: tuple[Axis, ...] = tuple(Axis)


def checked_thresholds(thresholds: Mapping[Axis, float]) -> dict[Axis, float]:
    """Return thresholds by axis, as plain numbers.

    Raises
    ------
    TypeError
        Where they are no mapping.
    ValueError
        Where one is of no axis, or no probability.
    """
    if not isinstance(thresholds, Mapping):
        raise TypeError(f"thresholds is {thresholds!r}, expected a mapping such as {{'hedging': 0.4}}")
    for axis, threshold in thresholds.items():
        if axis not in AXES:
            raise ValueError(f"thresholds: {axis!r} is no axis; the axes are {', '.join(AXES)}")
        if not (isinstance(threshold, Real) and 0 <= threshold <= 1):
            raise ValueError(f"thresholds: {axis} is {threshold!r}, expected a probability")
    return {Axis(axis): float(threshold) for axis, threshold in thresholds.items()}


class Voice(StrEnum):
    """Whose words a stretch of text is made of, as quotation marks tell."""

    WRITER = "writer"
    """Outside quotation marks."""
    QUOTED = "quoted"
    """Inside quotation marks, throughout."""
    MIXED = "mixed"
    """Partly inside, partly outside: *“We lost everything,” she said.*"""
