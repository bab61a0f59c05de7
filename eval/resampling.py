"""Intervals by resampling articles, since sentences of one article are not independent."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from .metrics import Floats

RESAMPLES = 1000
LEVEL = 0.95
_CHUNK = 100  # resamples, or articles left out, weighed at once, to bound the memory
_LEFT_OUT = 1000
"""Most parts that the articles are dealt into for the jackknife, so that its time does not grow with their square."""
FEWEST = 5
"""Articles below which resampling them says nothing of how a measure varies."""
_NO_SPREAD = 1e-9
"""What resamples may differ by from rounding alone."""

Measures = Mapping[str, Floats]
Statistic = Callable[[Floats], Measures]
"""Weights of shape (..., sentences) to measures of shape (...)."""


class Estimate(NamedTuple):
    """A value with its interval; ``nan`` where the sample does not define it."""

    value: float
    low: float
    high: float


class Replicates(NamedTuple):
    """A statistic on the sample, on its resamples, and with each article left out, or each thousandth part of many."""

    value: Measures
    resampled: Measures
    """Shape (resamples,) each."""
    jackknife: Measures
    """Shape (articles,) each, or of 1,000 parts of more articles."""


def article_weights(articles: NDArray[np.int64], resamples: int, seed: int) -> Iterator[Floats]:
    """How often each sentence counts when articles are drawn with replacement, in parts of (some resamples, sentences).

    The same seed and articles give the same draws, which pairs the intervals of two systems.
    """
    count = int(articles.max()) + 1
    rng = np.random.default_rng(seed)
    for at in range(0, resamples, _CHUNK):
        draws = rng.multinomial(count, np.full(count, 1 / count), size=min(_CHUNK, resamples - at))
        yield draws[:, articles].astype(float)


def replicate(
    statistic: Statistic, articles: NDArray[np.int64], resamples: int = RESAMPLES, seed: int = 0
) -> Replicates:
    """Compute a statistic on the sample, on bootstrap resamples of its articles, and with each article left out.

    Of more than 1,000 articles, parts are left out: sums of independent influences have sums of second and of third
    moments, so that the acceleration (see :func:`bca`) stays what it is.

    Parameters
    ----------
    articles
        The article of each sentence, numbered from 0 without gaps.
    """
    return Replicates(
        statistic(np.ones(len(articles))),
        _in_chunks(statistic, article_weights(articles, resamples, seed)),
        _in_chunks(statistic, _left_out(articles)),
    )


def estimates(replicates: Replicates, level: float = LEVEL) -> dict[str, Estimate]:
    """Bias-corrected and accelerated intervals (Efron 1987) of every measure."""
    return {
        name: Estimate(float(value), *bca(float(value), replicates.resampled[name], replicates.jackknife[name], level))
        for name, value in replicates.value.items()
    }


def bca(value: float, resampled: Floats, jackknife: Floats, level: float = LEVEL) -> tuple[float, float]:
    """The BCa interval; the percentile interval where the correction is undefined (no spread, or a value at the edge).

    Resamples that do not define the measure are left out. The interval is ``nan`` where it would feign certainty: where
    the measure hangs on fewer than five articles, and where all resamples agree, as on a recall of 1.
    """
    defined = resampled[np.isfinite(resampled)]
    left_out = jackknife[np.isfinite(jackknife)]
    carried_by = int((np.abs(left_out - value) > _NO_SPREAD).sum())
    if not np.isfinite(value) or carried_by < FEWEST or not len(defined) or np.ptp(defined) < _NO_SPREAD:
        return float("nan"), float("nan")
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    below = (np.mean(defined < value) + np.mean(defined <= value)) / 2
    gaps = left_out.mean() - left_out
    spread = float((gaps**2).sum())
    if 0 < below < 1 and spread > 1e-18:
        bias, acceleration = norm.ppf(below), float((gaps**3).sum()) / (6 * spread**1.5)
        shifted = bias + norm.ppf(tails)
        tails = norm.cdf(bias + shifted / (1 - acceleration * shifted))
    low, high = np.quantile(defined, tails)
    return float(low), float(high)


def _left_out(articles: NDArray[np.int64]) -> Iterator[Floats]:
    """Weights without each article in turn, in parts of (some articles, sentences)."""
    dealt = articles % _LEFT_OUT
    count = int(dealt.max()) + 1
    for at in range(0, count, _CHUNK):
        yield (np.arange(at, min(at + _CHUNK, count))[:, None] != dealt).astype(float)


def _in_chunks(statistic: Statistic, weights: Iterator[Floats]) -> Measures:
    parts = [statistic(part) for part in weights]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
