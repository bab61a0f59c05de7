"""What scoring returns: plain frozen values, with offsets in code points of the text that was given."""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from .axes import AXES, Axis, Voice
from .language import is_foreign


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that carry a score: ``text[start:end]``."""

    axis: Axis
    start: int
    end: int
    text: str
    score: float
    """Strongest word of the span, a probability in [0, 1]."""
    voice: Voice
    """By quotation marks for hedging and unverified; the emotive axes tell the voice themselves."""

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON has it: plain strings for axis and voice."""
        # an enum member is a string to JSON and to ==, but not to YAML, msgpack or type()
        return {
            "axis": self.axis.value,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "score": self.score,
            "voice": self.voice.value,
        }


@dataclass(frozen=True, slots=True)
class SentenceScores:
    """One sentence: four calibrated probabilities and the words that carry those over threshold."""

    start: int
    end: int
    text: str
    scores: dict[Axis, float]
    """Probability that the axis is present (grade 1 or 2), in the order of ``AXES``."""
    flags: dict[Axis, bool]
    """Whether the probability reaches the threshold of the checkpoint."""
    voice: Voice
    evidence: tuple[Evidence, ...]
    windows: int
    """Windows that the model read; more than one where the sentence exceeds its length. Nothing is cut."""
    language: str | None = None
    """Of the document that it stands in, see :func:`~reportedly.model.language.language_of`; ``None`` undecided."""

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON has it: plain strings for axes and voices, lists for tuples."""
        return {
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "scores": {axis.value: score for axis, score in self.scores.items()},
            "flags": {axis.value: flag for axis, flag in self.flags.items()},
            "voice": self.voice.value,
            "evidence": [span.to_dict() for span in self.evidence],
            "windows": self.windows,
            "language": self.language,
        }


@dataclass(frozen=True, slots=True)
class AxisSummary:
    """One axis over a set of sentences."""

    sentences: int
    share: float | None
    """Share of the sentences over threshold; ``None`` where there are none."""
    mean: float | None
    """Mean probability; ``None`` where there are none."""


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """Consecutive sentences of a document: all of an ordinary one, some thousand of a huge one."""

    sentences: tuple[SentenceScores, ...]
    first: int
    """Number of its first sentence in the document, from 0."""
    last: bool
    """Whether the document ends with it."""
    language: str | None = None
    """Of the document, see :func:`~reportedly.model.language.language_of`; ``None`` where undecided."""


@dataclass(frozen=True)
class DocumentScores:
    """A document with its sentences and its article summary."""

    text: str
    sentences: tuple[SentenceScores, ...]
    language: str | None = None
    """ISO 639 code, see :func:`~reportedly.model.language.language_of`; ``None`` where undecided."""

    @property
    def foreign(self) -> bool:
        """Whether it is surely not in English, so that its scores mean nothing."""
        return is_foreign(self.language)

    @cached_property
    def summary(self) -> dict[Axis, dict[str, AxisSummary]]:
        """Per axis, over ``"all"`` sentences and over those in each voice."""
        groups: dict[str, list[SentenceScores]] = {"all": list(self.sentences)}
        for voice in Voice:
            groups[voice.value] = [sentence for sentence in self.sentences if sentence.voice is voice]
        return {axis: {name: _summarise(axis, group) for name, group in groups.items()} for axis in AXES}

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON has it, without the text."""
        return {
            "language": self.language,
            "summary": {
                axis.value: {name: asdict(part) for name, part in parts.items()} for axis, parts in self.summary.items()
            },
            "sentences": [sentence.to_dict() for sentence in self.sentences],
        }


def _summarise(axis: Axis, sentences: list[SentenceScores]) -> AxisSummary:
    count = len(sentences)
    flagged = sum(sentence.flags[axis] for sentence in sentences)
    total = sum(sentence.scores[axis] for sentence in sentences)
    return AxisSummary(count, flagged / count if count else None, total / count if count else None)
