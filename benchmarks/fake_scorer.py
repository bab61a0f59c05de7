"""A scorer without a model: deterministic, cheap, and shaped like ``reportedly.Scorer``."""

import hashlib
import time
from collections.abc import Iterable, Iterator

from reportedly.model.axes import AXES, Voice
from reportedly.model.results import DocumentScores, Evidence, SentenceScores
from reportedly.model.sentences import split_sentences


class FakeScorer:
    """Scores each sentence by the hash of its words, in windows of some documents like the real one."""

    def __init__(self, seconds_per_document: float = 0.0, window: int = 16) -> None:
        self.seconds_per_document = seconds_per_document
        self.window = window

    def documents(self, texts: Iterable[str]) -> Iterator[DocumentScores]:
        """See ``reportedly.Scorer.documents``."""
        held: list[str] = []
        for text in texts:
            held.append(text)
            if len(held) == self.window:
                yield from map(self.document, held)
                held = []
        yield from map(self.document, held)

    def document(self, text: str) -> DocumentScores:
        """Score one document."""
        if self.seconds_per_document:
            time.sleep(self.seconds_per_document)
        return DocumentScores(text, tuple(_sentence(text, start, end) for start, end in split_sentences(text)))


def _sentence(document: str, start: int, end: int) -> SentenceScores:
    text = document[start:end]
    digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    scores = {axis: digest[index] / 255 for index, axis in enumerate(AXES)}
    flags = {axis: score >= 0.5 for axis, score in scores.items()}
    voice = list(Voice)[digest[4] % len(Voice)]
    word = text.split()[0]
    return SentenceScores(
        start=start,
        end=end,
        text=text,
        scores=scores,
        flags=flags,
        voice=voice,
        evidence=tuple(
            Evidence(axis, start, start + len(word), word, scores[axis], voice) for axis in AXES if flags[axis]
        ),
        windows=1,
    )
