"""From the scores of a document to table rows."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ..model.axes import AXES, Voice
from ..model.results import DocumentScores, Evidence, SentenceScores
from .records import Article

_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_TOP_EVIDENCE = 3


def sentence_rows(
    article: Article, scores: DocumentScores, model: str, kept: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """One row per sentence, as ``sentence_schema`` lists the columns; sentences are numbered from 0."""
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
            "spans": [_span(evidence) for evidence in sentence.evidence],
            "windows": sentence.windows,
            "language": sentence.language,
            "model": model,
            **carried,
        }
        for number, sentence in enumerate(scores.sentences)
    )


def article_row(article: Article, scores: DocumentScores, model: str, kept: Sequence[str]) -> dict[str, Any]:
    """The row of an article: sizes, aggregates per axis and voice, and its strongest evidence.

    A share or mean over no sentence, and a rate over no word, is ``None``.
    """
    counted = [(sentence, count_words(sentence.text)) for sentence in scores.sentences]
    groups: dict[str, list[tuple[SentenceScores, int]]] = {"": counted}
    for voice in Voice:
        groups[f"_{voice}"] = [pair for pair in counted if pair[0].voice is voice]
    row: dict[str, Any] = {
        "document": article.id,
        "source": article.source,
        "position": article.position,
        "characters": len(article.text),
        "language": scores.language,
        "windows": sum(sentence.windows for sentence in scores.sentences),
        "top_evidence": [_span(evidence) for evidence in _top_evidence(scores)],
        "model": model,
        "extracted_text": article.text if article.extracted else None,
        **dict(zip(kept, article.kept, strict=True)),
    }
    for suffix, group in groups.items():
        sentences = [sentence for sentence, _ in group]
        words = sum(count for _, count in group)
        row[f"sentences{suffix}"] = len(sentences)
        row[f"words{suffix}"] = words
        for axis in AXES:
            flagged = sum(sentence.flags[axis] for sentence in sentences)
            total = sum(sentence.scores[axis] for sentence in sentences)
            spans = sum(evidence.axis is axis for sentence in sentences for evidence in sentence.evidence)
            row[f"{axis}_share{suffix}"] = flagged / len(sentences) if sentences else None
            row[f"{axis}_mean{suffix}"] = total / len(sentences) if sentences else None
            row[f"{axis}_per_1000_words{suffix}"] = 1000 * spans / words if words else None
    return row


def count_words(text: str) -> int:
    """Words, where an apostrophe, hyphen or dot inside one does not part it.

    >>> count_words("The mayor's well-known 4.5 per cent: “gone”.")
    7
    """
    return len(_WORD.findall(text))


def _top_evidence(scores: DocumentScores) -> list[Evidence]:
    """The strongest spans per axis, each wording once, in the order of the axes and of strength."""
    top: list[Evidence] = []
    for axis in AXES:
        found = [part for sentence in scores.sentences for part in sentence.evidence if part.axis is axis]
        strongest = {part.text.casefold(): part for part in sorted(found, key=lambda part: (part.score, -part.start))}
        top += list(reversed(strongest.values()))[:_TOP_EVIDENCE]
    return top


def _span(evidence: Evidence) -> dict[str, Any]:
    return {
        "axis": evidence.axis.value,
        "start": evidence.start,
        "end": evidence.end,
        "text": evidence.text,
        "score": evidence.score,
        "voice": evidence.voice.value,
    }
