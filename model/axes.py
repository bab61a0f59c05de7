"""The axes on which a sentence is scored, and the voices that can speak it."""

from enum import StrEnum


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


class Voice(StrEnum):
    """Whose words a stretch of text is made of, as quotation marks tell."""

    WRITER = "writer"
    """Outside quotation marks."""
    QUOTED = "quoted"
    """Inside quotation marks, throughout."""
    MIXED = "mixed"
    """Partly inside, partly outside: *“We lost everything,” she said.*"""
