"""Whether a probability of 0.7 means seven times in ten."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import Flags, Floats, ratio

BINS = 10
WITHOUT_INTERVAL = frozenset({"calibration_error", "brier_reliability"})
"""Measures of the gap between probability and rate within bins. Chance alone opens a gap, so that they are biased
upwards, more so where bins hold few sentences (Bröcker 2012); every resample adds the same bias once more, and an
interval from a bootstrap would miss the truth where calibration is good."""


class BrierParts(NamedTuple):
    """``brier = reliability - resolution + uncertainty + within_bin``, exactly."""

    reliability: Floats
    """Squared gap between the mean probability and the rate observed in each bin: less is better."""
    resolution: Floats
    """Squared distance of the rates in the bins from the rate overall: more is better."""
    uncertainty: Floats
    """Variance of the truth, which no forecaster can change."""
    within_bin: Floats
    """What is left because the scores of one bin are not all equal (Stephenson, Coelho and Jolliffe 2008)."""


class Bin(NamedTuple):
    """One point of a reliability curve."""

    mean_score: float
    rate: float
    sentences: int


def brier(present: Flags, scores: Floats, weights: Floats) -> Floats:
    """Mean squared error of the probability (Brier 1950)."""
    return ratio(weights @ (scores - present) ** 2, weights.sum(axis=-1))


def brier_parts(present: Flags, scores: Floats, weights: Floats) -> BrierParts:
    """Decompose the Brier score over ``BINS`` bins of equal width (Murphy 1973)."""
    count, score, rate = _binned(present, scores, weights)
    base = ratio(weights @ present.astype(float), weights.sum(axis=-1))
    reliability = _mean_over_bins((score - rate) ** 2, count)
    resolution = _mean_over_bins((rate - base[..., None]) ** 2, count)
    uncertainty = base * (1 - base)
    within = brier(present, scores, weights) - (reliability - resolution + uncertainty)
    return BrierParts(reliability, resolution, uncertainty, within)


def expected_calibration_error(present: Flags, scores: Floats, weights: Floats) -> Floats:
    """Mean gap between probability and rate over ``BINS`` bins of equal width (Naeini et al. 2015).

    This plug-in estimate is biased upwards on small samples: see :data:`WITHOUT_INTERVAL`.
    """
    count, score, rate = _binned(present, scores, weights)
    return _mean_over_bins(np.abs(score - rate), count)


def reliability_curve(present: Flags, scores: Floats) -> list[Bin]:
    """Mean probability, observed rate and number of sentences of each bin that is not empty."""
    count, score, rate = _binned(present, scores, np.ones(len(scores)))
    return [Bin(float(s), float(r), int(n)) for n, s, r in zip(count, score, rate, strict=True) if n]


def bin_of(scores: Floats) -> NDArray[np.int64]:
    """The bin of each score; 1.0 lies in the last."""
    return np.minimum((scores * BINS).astype(np.int64), BINS - 1)


def _mean_over_bins(values: Floats, count: Floats) -> Floats:
    """Mean over the bins that are not empty, each as often as it counts; ``nan`` where all are."""
    return ratio(np.nansum(values * count, axis=-1), count.sum(axis=-1))


def _binned(present: Flags, scores: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Weight, mean score and rate of each bin, of shape (..., BINS); ``nan`` means in an empty one."""
    membership = np.eye(BINS)[bin_of(scores)]
    sums = weights @ np.hstack([membership, membership * scores[:, None], membership * present[:, None]])
    count, score, rate = np.split(sums, 3, axis=-1)
    return count, ratio(score, count), ratio(rate, count)
