"""Two systems on the same sentences: whether the difference is more than chance."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from .metrics import Flags, Floats
from .metrics.classification import Confusion, confusion, f1


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
    membership = (np.arange(int(articles.max()) + 1)[:, None] == articles).astype(float)
    ours = np.stack(confusion(present, one, membership))
    theirs = np.stack(confusion(present, other, membership))
    swapped = np.random.default_rng(seed).random((rounds, membership.shape[0])) < 0.5
    mine = ours.sum(axis=1)[:, None] + (theirs - ours) @ swapped.T
    yours = theirs.sum(axis=1)[:, None] + (ours - theirs) @ swapped.T
    observed = abs(_difference(ours.sum(axis=1), theirs.sum(axis=1)))
    extreme = np.abs(_difference(mine, yours)) >= observed - 1e-12
    return float((extreme.sum() + 1) / (rounds + 1))


def bootstrap_p(differences: Floats) -> float:
    """Two-sided p that a difference is 0, from its paired bootstrap: twice the smaller share beyond 0."""
    defined = differences[np.isfinite(differences)]
    if not len(defined):
        return float("nan")
    beyond = min((defined <= 0).sum(), (defined >= 0).sum())
    return float(min(1.0, 2 * (beyond + 1) / (len(defined) + 1)))


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjust p values for being several (Holm 1979), keeping their names.

    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'b': 0.06, 'c': 0.06}
    """
    adjusted: dict[str, float] = {}
    worst = 0.0
    ordered: Sequence[str] = sorted(p_values, key=lambda name: p_values[name])
    for rank, name in enumerate(ordered):
        worst = max(worst, min(1.0, (len(ordered) - rank) * p_values[name]))
        adjusted[name] = worst
    return {name: adjusted[name] for name in p_values}


def _difference(one: Floats, other: Floats) -> Floats:
    """F1 of one minus F1 of the other, from counts; an undefined F1 counts as 0."""
    return np.nan_to_num(f1(Confusion(*one))) - np.nan_to_num(f1(Confusion(*other)))
