"""How well scores order the sentences, whatever the threshold."""

import numpy as np

from . import Flags, Floats, ratio


def _descending(present: Flags, scores: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Cumulative present and absent weight from the highest score down, at the end of each run of equal scores."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    positives = np.cumsum(weights[..., order] * present[order], axis=-1)[..., ends]
    negatives = np.cumsum(weights[..., order] * ~present[order], axis=-1)[..., ends]
    return positives, negatives, scores[order][ends]


def average_precision(present: Flags, scores: Floats, weights: Floats) -> Floats:
    """Precision averaged over the steps of recall, without interpolation; undefined without a positive.

    As ``sklearn.metrics.average_precision_score``: equal scores make one step.
    """
    positives, negatives, _ = _descending(present, scores, weights)
    precision = np.nan_to_num(ratio(positives, positives + negatives))
    steps = np.diff(positives, axis=-1, prepend=0)
    return ratio((precision * steps).sum(axis=-1), positives[..., -1])


def roc_auc(present: Flags, scores: Floats, weights: Floats) -> Floats:
    """Probability that a present sentence outranks an absent one, ties counted half (Mann and Whitney 1947)."""
    positives, negatives, _ = _descending(present, scores, weights)
    gained, above = np.diff(positives, axis=-1, prepend=0), np.diff(negatives, axis=-1, prepend=0)
    below = negatives[..., -1:] - negatives
    return ratio((gained * (below + above / 2)).sum(axis=-1), positives[..., -1] * negatives[..., -1])


def precision_recall_curve(present: Flags, scores: Floats) -> list[tuple[float, float, float]]:
    """``(recall, precision, threshold)`` from the highest score down; empty without a positive."""
    positives, negatives, thresholds = _descending(present, scores, np.ones(len(scores)))
    if not positives[-1]:
        return []
    precision = positives / (positives + negatives)
    return [
        (float(r), float(p), float(t)) for r, p, t in zip(positives / positives[-1], precision, thresholds, strict=True)
    ]
