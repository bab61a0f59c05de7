"""A scorer without a model: deterministic, cheap, and shaped like ``reportedly.Scorer``."""

import hashlib
import time
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from reportedly.model.axes import AXES, Voice
from reportedly.model.results import DocumentPart, Evidence, SentenceScores
from reportedly.model.sentences import iter_sentences


class FakeScorer:
    """Scores each sentence by the hash of its words, in windows of some documents and small parts of them."""

    def __init__(self, seconds_per_document: float = 0.0, window: int = 16, part: int = 16) -> None:
        self.seconds_per_document = seconds_per_document
        self.window = window
        self.part = part

    def parts(self, texts: Iterable[str]) -> Iterator[DocumentPart]:
        """See ``reportedly.Scorer.parts``."""
        following = iter(texts)
        while window := list(islice(following, self.window)):
            yield from chain.from_iterable(map(self.document, window))

    def document(self, text: str) -> Iterator[DocumentPart]:
        """Score one document."""
        if self.seconds_per_document:
            time.sleep(self.seconds_per_document)
        sentences = (_sentence(text, start, end) for start, end in iter_sentences(text))
        part, first = tuple(islice(sentences, self.part)), 0
        while following := tuple(islice(sentences, self.part)):
            yield DocumentPart(part, first, last=False)
            part, first = following, first + len(part)
        yield DocumentPart(part, first, last=True)


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
