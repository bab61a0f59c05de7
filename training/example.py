"""A training example: a text and what its corpus says of it."""

from dataclasses import dataclass, field

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what its corpus says of it."""

    id: str
    text: str
    document: str
    """Groups examples that must not be split between folds."""
    grades: dict[str, int] = field(default_factory=dict)
    """0 absent, 1 weak, 2 strong, by axis; one that is left out is unknown and adds nothing to the loss."""
    evidence: dict[str, Spans] = field(default_factory=dict)
    """Code-point spans by axis; one that is left out is unknown."""
    task: str | None = None
    """Name of the temporary head for a label that is not one of our axes."""
    target: float = 0.0
    """What that head should say, in [0, 1]."""
