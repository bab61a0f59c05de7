"""Present against absent, at a threshold."""

from typing import NamedTuple

import numpy as np

from . import Flags, Floats, ratio


class Confusion(NamedTuple):
    """Weighted counts, each of the leading shape of the weights."""

    true_positive: Floats
    false_positive: Floats
    false_negative: Floats
    true_negative: Floats


def cells(present: Flags, flagged: Flags) -> tuple[Flags, Flags, Flags, Flags]:
    """Where each cell of a :class:`Confusion` holds, in its order."""
    return present & flagged, ~present & flagged, present & ~flagged, ~present & ~flagged


def confusion(present: Flags, flagged: Flags, weights: Floats) -> Confusion:
    """Count agreement of truth and flags.

    >>> confusion(np.array([True, True, False]), np.array([True, False, True]), np.ones(3))[:3]
    (np.float64(1.0), np.float64(1.0), np.float64(1.0))
    """
    return Confusion(*(weights @ cell.astype(float) for cell in cells(present, flagged)))


def precision(counts: Confusion) -> Floats:
    """Share of the flagged that is present; undefined where nothing is flagged."""
    return ratio(counts.true_positive, counts.true_positive + counts.false_positive)


def recall(counts: Confusion) -> Floats:
    """Share of the present that is flagged."""
    return ratio(counts.true_positive, counts.true_positive + counts.false_negative)


def f1(counts: Confusion) -> Floats:
    """Harmonic mean of precision and recall; undefined where there is nothing to find and nothing flagged."""
    return ratio(2 * counts.true_positive, 2 * counts.true_positive + counts.false_positive + counts.false_negative)


def f1_of(metric: str, counts: Confusion) -> Floats:
    """``binary`` F1, of what is present, or ``macro``: its mean with that of what is absent. Undefined counts as 0."""
    of_present = np.nan_to_num(f1(counts))
    return of_present if metric == "binary" else (of_present + np.nan_to_num(f1(Confusion(*reversed(counts))))) / 2


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


def best_threshold(present: Flags, scores: Floats, metric: str = "binary") -> tuple[float, float]:
    """The score from which flagging gives the highest F1, and that F1. Of equals the lowest.

    Parameters
    ----------
    metric
        Which F1, as in :func:`f1_of`.

    >>> best_threshold(np.array([True, True, False]), np.array([0.9, 0.6, 0.4]))
    (0.6, 1.0)
    """
    thresholds = np.unique(scores)
    hits, alarms = (
        (len(side) - np.searchsorted(np.sort(side), thresholds)).astype(float)
        for side in (scores[present], scores[~present])
    )
    counts = Confusion(hits, alarms, present.sum() - hits, (~present).sum() - alarms)
    values = f1_of(metric, counts)
    return float(thresholds[values.argmax()]), float(values.max())
