"""Evidence: the predicted words against the annotated ones, counted sentence by sentence."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from . import Floats, ratio

Span = tuple[int, int]


class Matches(NamedTuple):
    """How much of both sides is matched. The sides differ for overlap, where one span may meet two."""

    predicted: int
    predicted_matched: int
    gold: int
    gold_matched: int


def exact(gold: Sequence[Span], predicted: Sequence[Span]) -> Matches:
    """Spans count as matched where both offsets agree."""
    common = len(set(gold) & set(predicted))
    return Matches(len(set(predicted)), common, len(set(gold)), common)


def overlap(gold: Sequence[Span], predicted: Sequence[Span]) -> Matches:
    """Spans count as matched where they share at least one character with a span of the other side."""
    return Matches(len(predicted), _touched(predicted, gold), len(gold), _touched(gold, predicted))


def characters(gold: Sequence[Span], predicted: Sequence[Span]) -> Matches:
    """Characters count, each once.

    >>> characters([(0, 10)], [(5, 15)])
    Matches(predicted=10, predicted_matched=5, gold=10, gold_matched=5)
    """
    one = {at for start, end in gold for at in range(start, end)}
    other = {at for start, end in predicted for at in range(start, end)}
    common = len(one & other)
    return Matches(len(other), common, len(one), common)


def f1(matches: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Precision, recall and F1 over sentences.

    Parameters
    ----------
    matches
        Shape (sentences, 4), one :class:`Matches` a row.
    weights
        Shape (..., sentences).
    """
    predicted, predicted_matched, gold, gold_matched = np.moveaxis(weights @ matches, -1, 0)
    precision, recall = ratio(predicted_matched, predicted), ratio(gold_matched, gold)
    none_found = (predicted_matched == 0) & (predicted + gold > 0)
    return precision, recall, np.where(none_found, 0.0, ratio(2 * precision * recall, precision + recall))


def _touched(spans: Sequence[Span], others: Sequence[Span]) -> int:
    return sum(any(start < right and left < end for left, right in others) for start, end in spans)
