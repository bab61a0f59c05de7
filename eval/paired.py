"""Two systems on the same sentences: whether the difference is more than chance."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from .metrics import Flags, Floats
from .metrics.classification import Confusion, cells, f1

_CHUNK = 100  # rounds swapped at once, to bound the memory


def mcnemar(present: Flags, one: Flags, other: Flags) -> tuple[int, int, float]:
    """Sentences that only one system, and that only the other, gets right, and the exact two-sided p (McNemar 1947).

    It takes sentences as independent, which those of one article are not: read it beside :func:`permutation`.
    """
    only_one = int(((one == present) & (other != present)).sum())
    only_other = int(((other == present) & (one != present)).sum())
    discordant = only_one + only_other
    return only_one, only_other, float(binomtest(only_one, discordant).pvalue) if discordant else 1.0


def permutation(
    present: Flags, one: Flags, other: Flags, articles: NDArray[np.int64], rounds: int = 10_000, seed: int = 0
) -> float:
    """Two-sided p of the difference in F1 when the systems are swapped article by article (Noreen 1989).

    Counts the observed assignment among the rounds, so that p is never 0.
    """
    ours, theirs = _by_article(present, one, articles), _by_article(present, other, articles)
    our_total, their_total, gained = ours.sum(axis=1), theirs.sum(axis=1), theirs - ours
    observed = abs(_difference(our_total, their_total))
    rng = np.random.default_rng(seed)
    extreme = 0
    for at in range(0, rounds, _CHUNK):
        swapped = rng.random((min(_CHUNK, rounds - at), ours.shape[1])) < 0.5
        moved = gained @ swapped.T
        differences = _difference(our_total[:, None] + moved, their_total[:, None] - moved)
        extreme += int((np.abs(differences) >= observed - 1e-12).sum())
    return (extreme + 1) / (rounds + 1)


def bootstrap_p(differences: Floats) -> float:
    """Two-sided p that a difference is 0, from its paired bootstrap: twice the smaller share beyond 0."""
    defined = differences[np.isfinite(differences)]
    if not len(defined):
        return float("nan")
    beyond = min((defined <= 0).sum(), (defined >= 0).sum())
    return float(min(1.0, 2 * (beyond + 1) / (len(defined) + 1)))


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjust p values for being several (Holm 1979), keeping their names. One that is ``nan`` is no test: it stays so.

    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'b': 0.06, 'c': 0.06}
    """
    adjusted = dict.fromkeys(p_values, math.nan)
    worst = 0.0
    ordered = sorted((name for name, p in p_values.items() if not math.isnan(p)), key=lambda name: p_values[name])
    for rank, name in enumerate(ordered):
        worst = max(worst, min(1.0, (len(ordered) - rank) * p_values[name]))
        adjusted[name] = worst
    return adjusted


def _by_article(present: Flags, flagged: Flags, articles: NDArray[np.int64]) -> Floats:
    """The counts of :class:`Confusion` in each article, shape (4, articles)."""
    count = int(articles.max()) + 1
    return np.stack([np.bincount(articles[cell], minlength=count) for cell in cells(present, flagged)]).astype(float)


def _difference(one: Floats, other: Floats) -> Floats:
    """F1 of one minus F1 of the other, from counts; an undefined F1 counts as 0."""
    return np.nan_to_num(f1(Confusion(*one))) - np.nan_to_num(f1(Confusion(*other)))
