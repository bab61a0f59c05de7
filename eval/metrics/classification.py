"""Present against absent, at a threshold."""

from typing import NamedTuple

import numpy as np
from sklearn.metrics import precision_recall_curve

from . import Flags, Floats, ratio


class Confusion(NamedTuple):
    """Weighted counts, each of the leading shape of the weights."""

    true_positive: Floats
    false_positive: Floats
    false_negative: Floats
    true_negative: Floats


def confusion(present: Flags, flagged: Flags, weights: Floats) -> Confusion:
    """Count agreement of truth and flags.

    >>> confusion(np.array([True, True, False]), np.array([True, False, True]), np.ones(3))[:3]
    (np.float64(1.0), np.float64(1.0), np.float64(1.0))
    """
    cells = [present & flagged, ~present & flagged, present & ~flagged, ~present & ~flagged]
    return Confusion(*(weights @ cell.astype(float) for cell in cells))


def precision(counts: Confusion) -> Floats:
    """Share of the flagged that is present; undefined where nothing is flagged."""
    return ratio(counts.true_positive, counts.true_positive + counts.false_positive)


def recall(counts: Confusion) -> Floats:
    """Share of the present that is flagged."""
    return ratio(counts.true_positive, counts.true_positive + counts.false_negative)


def f1(counts: Confusion) -> Floats:
    """Harmonic mean of precision and recall; undefined where there is nothing to find and nothing flagged."""
    return ratio(2 * counts.true_positive, 2 * counts.true_positive + counts.false_positive + counts.false_negative)


def specificity(counts: Confusion) -> Floats:
    """Share of the absent that is not flagged."""
    return ratio(counts.true_negative, counts.true_negative + counts.false_positive)


def balanced_accuracy(counts: Confusion) -> Floats:
    """Mean of recall and specificity: 0.5 for any constant answer."""
    return (recall(counts) + specificity(counts)) / 2


def mcc(counts: Confusion) -> Floats:
    """Matthews correlation coefficient (Matthews 1975), 0 where a margin is empty, as in scikit-learn."""
    tp, fp, fn, tn = counts
    margins = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return np.nan_to_num(ratio(tp * tn - fp * fn, np.sqrt(margins)))


def cohen_kappa(counts: Confusion) -> Floats:
    """Agreement beyond chance of two ratings absent or present (Cohen 1960)."""
    tp, fp, fn, tn = counts
    total = tp + fp + fn + tn
    observed = ratio(tp + tn, total)
    expected = ratio((tp + fp) * (tp + fn) + (tn + fp) * (tn + fn), total**2)
    return ratio(observed - expected, 1 - expected)


def best_threshold(present: Flags, scores: Floats) -> tuple[float, float]:
    """The score from which flagging gives the highest F1, and that F1.

    >>> best_threshold(np.array([True, True, False]), np.array([0.9, 0.6, 0.4]))
    (0.6, 1.0)
    """
    precisions, recalls, thresholds = precision_recall_curve(present, scores)
    values = 2 * precisions[:-1] * recalls[:-1] / np.maximum(precisions[:-1] + recalls[:-1], np.finfo(float).tiny)
    return float(thresholds[values.argmax()]), float(values.max())
