"""From the scores of a document to table rows."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..model.axes import AXES, Axis
from ..model.results import DocumentPart, Evidence, SentenceScores
from .records import Article
from .schema import GROUPS

_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_TOP_EVIDENCE = 3


@dataclass(slots=True)
class _Sums:
    """Over the sentences of one voice, or of all."""

    sentences: int = 0
    words: int = 0
    flagged: dict[Axis, int] = field(default_factory=lambda: dict.fromkeys(AXES, 0))
    total: dict[Axis, float] = field(default_factory=lambda: dict.fromkeys(AXES, 0.0))
    spans: dict[Axis, int] = field(default_factory=lambda: dict.fromkeys(AXES, 0))


class Aggregate:
    """What the article table says of the sentences of one article, which are taken in as they come."""

    def __init__(self) -> None:
        self._windows = 0
        self._groups = {suffix: _Sums() for suffix in GROUPS}
        self._top: dict[Axis, dict[str, Evidence]] = {axis: {} for axis in AXES}

    def add(self, sentences: Iterable[SentenceScores]) -> None:
        """Take in the next sentences."""
        for sentence in sentences:
            words = count_words(sentence.text)
            self._windows += sentence.windows
            for sums in (self._groups[""], self._groups[f"_{sentence.voice}"]):
                sums.sentences += 1
                sums.words += words
                for axis in AXES:
                    sums.flagged[axis] += sentence.flags[axis]
                    sums.total[axis] += sentence.scores[axis]
                for evidence in sentence.evidence:
                    sums.spans[evidence.axis] += 1
            for evidence in sentence.evidence:
                _keep_strongest(self._top[evidence.axis], evidence)

    def row(self, article: Article, language: str | None, model: str, kept: Sequence[str]) -> dict[str, Any]:
        """The row of the article: sizes, aggregates per axis and voice, and its strongest evidence.

        A share or mean over no sentence, and a rate over no word, is ``None``.
        """
        row: dict[str, Any] = {
            "document": article.id,
            "source": article.source,
            "position": article.position,
            "characters": len(article.text),
            "language": language,
            "windows": self._windows,
            "top_evidence": [
                evidence.to_dict() for top in self._top.values() for evidence in sorted(top.values(), key=_weakness)
            ],
            "model": model,
            "extracted_text": article.text if article.extracted else None,
            **dict(zip(kept, article.kept, strict=True)),
        }
        for suffix, sums in self._groups.items():
            row[f"sentences{suffix}"] = sums.sentences
            row[f"words{suffix}"] = sums.words
            for axis in AXES:
                row[f"{axis}_share{suffix}"] = sums.flagged[axis] / sums.sentences if sums.sentences else None
                row[f"{axis}_mean{suffix}"] = sums.total[axis] / sums.sentences if sums.sentences else None
                row[f"{axis}_per_1000_words{suffix}"] = 1000 * sums.spans[axis] / sums.words if sums.words else None
        return row


def sentence_rows(article: Article, part: DocumentPart, model: str, kept: Sequence[str]) -> Iterator[dict[str, Any]]:
    """One row per sentence, as ``sentence_schema`` lists the columns."""
    carried = dict(zip(kept, article.kept, strict=True))
    return (
        {
            "document": article.id,
            "source": article.source,
            "position": article.position,
            "sentence": number,
            "start": sentence.start,
            "end": sentence.end,
            "text": sentence.text,
            **{axis.value: sentence.scores[axis] for axis in AXES},
            **{f"{axis}_flag": sentence.flags[axis] for axis in AXES},
            "voice": sentence.voice.value,
            "spans": [evidence.to_dict() for evidence in sentence.evidence],
            "windows": sentence.windows,
            "language": sentence.language,
            "model": model,
            **carried,
        }
        for number, sentence in enumerate(part.sentences, part.first)
    )


def count_words(text: str) -> int:
    """Words, where an apostrophe, hyphen or dot inside one does not part it.

    >>> count_words("The mayor's well-known 4.5 per cent: “gone”.")
    7
    """
    return len(_WORD.findall(text))


def _keep_strongest(top: dict[str, Evidence], evidence: Evidence) -> None:
    """Keep the three strongest spans by their wording, each wording once, of equal ones the first."""
    wording = evidence.text.casefold()
    if wording not in top or _weakness(evidence) < _weakness(top[wording]):
        top[wording] = evidence
    if len(top) > _TOP_EVIDENCE:
        del top[max(top, key=lambda held: _weakness(top[held]))]


def _weakness(evidence: Evidence) -> tuple[float, int]:
    return -evidence.score, evidence.start
