"""Batches filled by tokens over a length-sorted window of the stream."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray


def token_batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Group item indices into batches of like length, of at most ``budget`` tokens with padding.

    A single item over the budget makes a batch of its own.

    >>> list(token_batches([3, 9, 3, 4], budget=12))
    [[1], [3, 0, 2]]
    """
    batch: list[int] = []
    longest = 0
    for index in sorted(range(len(lengths)), key=lambda item: -lengths[item]):
        if batch and longest * (len(batch) + 1) > budget:
            yield batch
            batch = []
        if not batch:
            longest = lengths[index]
        batch.append(index)
    if batch:
        yield batch


def pad(rows: Sequence[Sequence[int]], padding: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Stack token ids into ``input_ids`` and ``attention_mask``, both int64 of shape (rows, longest)."""
    longest = max(len(row) for row in rows)
    input_ids = np.full((len(rows), longest), padding, dtype=np.int64)
    attention_mask = np.zeros((len(rows), longest), dtype=np.int64)
    for index, row in enumerate(rows):
        input_ids[index, : len(row)] = row
        attention_mask[index, : len(row)] = 1
    return input_ids, attention_mask
