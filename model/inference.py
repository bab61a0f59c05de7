"""From texts to probabilities: tokens, windows, batches, the backend, and back to words of the text."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from .axes import AXES, Axis
from .backends import Backend
from .batching import pad, token_batches
from .evidence import ScoredWord
from .loading import TOKENIZER, Checkpoint
from .text import encodable

_TOKENS_PER_BATCH = 4096


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model read in one text."""

    scores: NDArray[np.float64]
    """Probability per axis, shape (4,); the strongest window where there are several."""
    encodings: tuple[Encoding, ...]
    word_scores: tuple[NDArray[np.float64], ...]
    """Per window, probability of being evidence per token and axis, shape (tokens, 4)."""

    @property
    def windows(self) -> int:
        """Number of windows, 0 for a text without a token."""
        return len(self.encodings)

    def words(self, axis: Axis) -> list[ScoredWord]:
        """Words of the text by offset, each scored by its strongest piece in any window."""
        column = AXES.index(axis)
        best: dict[tuple[int, int], float] = {}
        for encoding, probabilities in zip(self.encodings, self.word_scores, strict=True):
            pieces: dict[int, list[int]] = {}
            for token, word in enumerate(encoding.word_ids):
                if word is not None:
                    pieces.setdefault(word, []).append(token)
            for tokens in pieces.values():
                place = encoding.offsets[tokens[0]][0], encoding.offsets[tokens[-1]][1]
                best[place] = max(best.get(place, 0.0), float(probabilities[tokens, column].max()))
        return [ScoredWord(start, end, score) for (start, end), score in sorted(best.items())]


class Inference:
    """A tokenizer and a backend that read texts of any length."""

    def __init__(self, checkpoint: Checkpoint, backend: Backend) -> None:
        self.backend = backend
        self._tokenizer = _tokenizer(checkpoint.path / TOKENIZER, checkpoint.window)
        padding = self._tokenizer.token_to_id("[PAD]")
        self._padding = 0 if padding is None else padding

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Read texts; identical ones once. A text longer than the window is read in overlapping windows."""
        unique = list(dict.fromkeys(texts))
        encodings = self._tokenizer.encode_batch([encodable(text) for text in unique])
        windows = [_windows(encoding) for encoding in encodings]
        flat = [window for group in windows for window in group]
        logits, token_logits = self._run(flat)
        readings: dict[str, Reading] = {}
        at = 0
        for text, group in zip(unique, windows, strict=True):
            stop = at + len(group)
            readings[text] = Reading(
                scores=_sigmoid(logits[at:stop]).max(axis=0, initial=0.0),
                encodings=group,
                word_scores=tuple(_sigmoid(part) for part in token_logits[at:stop]),
            )
            at = stop
        return [readings[text] for text in texts]

    def _run(self, windows: Sequence[Encoding]) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
        logits = np.zeros((len(windows), len(AXES)), dtype=np.float32)
        token_logits: list[NDArray[np.float32]] = [np.empty((0, len(AXES)), dtype=np.float32)] * len(windows)
        for batch in token_batches([len(window.ids) for window in windows], _TOKENS_PER_BATCH):
            input_ids, attention_mask = pad([windows[index].ids for index in batch], self._padding)
            logits[batch], tokens = self.backend(input_ids, attention_mask)
            for row, index in enumerate(batch):
                token_logits[index] = tokens[row, : len(windows[index].ids)]
        return logits, token_logits


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
