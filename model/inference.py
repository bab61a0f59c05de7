"""From texts to probabilities: tokens, windows, batches, the backend, and back to words of the text."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from .axes import AXES, Axis
from .backends.base import Backend, Logits
from .batching import pad, token_batches
from .evidence import ScoredWord
from .loading import TOKENIZER, Checkpoint
from .text import encodable

_Run = Callable[[NDArray[np.int64], NDArray[np.int64]], Callable[[], Logits]]
"""Takes a padded batch, and returns what to call for its logits."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model read in one text."""

    scores: NDArray[np.float64]
    """Probability per axis, shape (4,); the strongest window where there are several."""
    encodings: tuple[Encoding, ...]
    token_logits: tuple[NDArray[np.float32], ...]
    """Per window, logits of being evidence per token and axis, shape (tokens, 4)."""

    @property
    def windows(self) -> int:
        """Number of windows, 0 for a text without a token."""
        return len(self.encodings)

    def words(self, axis: Axis) -> list[ScoredWord]:
        """Words of the text by offset, each scored by its strongest piece in any window that shows it whole."""
        column = AXES.index(axis)
        best: dict[tuple[int, int], float] = {}
        for encoding, logits in zip(self.encodings, self.token_logits, strict=True):
            for start, end, score in _words(encoding, _sigmoid(logits[:, column]).tolist()):
                best[start, end] = max(best.get((start, end), 0.0), score)
        whole: list[ScoredWord] = []
        for start, end in sorted(best, key=lambda span: (span[0], -span[1])):
            if not whole or end > whole[-1].end:  # else it is what the edge of a window left of the word before
                whole.append(ScoredWord(start, end, best[start, end]))
        return whole


class Inference:
    """A tokenizer and a backend that read texts of any length."""

    def __init__(self, checkpoint: Checkpoint, backend: Backend) -> None:
        self.backend = backend
        self._tokenizer = _tokenizer(checkpoint.path / TOKENIZER, checkpoint.window)
        padding = self._tokenizer.token_to_id("[PAD]")
        self._padding = 0 if padding is None else padding

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Read texts; identical ones once. A text longer than the window is read in overlapping windows."""
        return self._begin(texts, lambda *batch: partial(self.backend, *batch))()

    def stream(self, groups: Iterable[Sequence[str]]) -> Iterator[list[Reading]]:
        """Read groups of texts in order, each as :meth:`read` does.

        The backend computes in threads, while the next group is drawn and tokenised and the consumer works on the
        one before it. Two groups are held at a time.
        """
        begun: deque[Callable[[], list[Reading]]] = deque()
        with self.backend.threads() as pool:
            for texts in groups:
                begun.append(self._begin(texts, lambda *batch: pool.submit(self.backend, *batch).result))
                if len(begun) == 2:
                    yield begun.popleft()()
            while begun:
                yield begun.popleft()()

    def _begin(self, texts: Sequence[str], run: _Run) -> Callable[[], list[Reading]]:
        """Tokenise texts and hand their batches over; what is returned waits for the logits."""
        unique = list(dict.fromkeys(texts))
        groups = [_windows(encoding) for encoding in self._tokenizer.encode_batch([encodable(text) for text in unique])]
        ids = [window.ids for group in groups for window in group]
        batches = [
            (indices, run(*pad([ids[index] for index in indices], self._padding)))
            for indices in token_batches([len(row) for row in ids], self.backend.batch_tokens)
        ]

        def readings() -> list[Reading]:
            scores, token_logits = _gather([len(row) for row in ids], batches)
            found: dict[str, Reading] = {}
            at = 0
            for text, windows in zip(unique, groups, strict=True):
                stop = at + len(windows)
                found[text] = Reading(scores[at:stop].max(axis=0, initial=0.0), windows, tuple(token_logits[at:stop]))
                at = stop
            return [found[text] for text in texts]

        return readings


def _gather(
    lengths: Sequence[int], batches: Iterable[tuple[list[int], Callable[[], Logits]]]
) -> tuple[NDArray[np.float64], list[NDArray[np.float32]]]:
    """Probabilities of shape (windows, 4), and token logits per window without padding, in the order of the windows."""
    logits = np.zeros((len(lengths), len(AXES)), dtype=np.float32)
    token_logits: list[NDArray[np.float32]] = [np.empty((0, len(AXES)), dtype=np.float32)] * len(lengths)
    for indices, result in batches:
        logits[indices], tokens = result()
        for row, index in enumerate(indices):
            token_logits[index] = tokens[row, : lengths[index]]
    return _sigmoid(logits), token_logits


def _words(encoding: Encoding, scores: Sequence[float]) -> Iterator[tuple[int, int, float]]:
    """``(start, end, score)`` of the words of a window; the pieces of a word follow one another."""
    current: int | None = None
    start = end = 0
    best = 0.0
    for word, (left, right), score in zip(encoding.word_ids, encoding.offsets, scores, strict=True):
        if word is not None and word == current:
            end, best = right, max(best, score)
            continue
        if current is not None:
            yield start, end, best
        current, start, end, best = word, left, right, score
    if current is not None:
        yield start, end, best


def _tokenizer(file: Path, window: int) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.enable_truncation(window, stride=window // 4)  # neighbouring windows overlap by a quarter
    return tokenizer


def _windows(encoding: Encoding) -> tuple[Encoding, ...]:
    """All windows of a text; none where it holds special tokens only."""
    return (encoding, *encoding.overflowing) if any(word is not None for word in encoding.word_ids) else ()


def _sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-logits.astype(np.float64)))
