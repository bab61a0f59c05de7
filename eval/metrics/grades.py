"""Agreement on the strength of an axis: 0 absent, 1 weak, 2 strong."""

import numpy as np
from numpy.typing import NDArray

from . import Floats, ratio

GRADES = 3
Grades = NDArray[np.int64]


def grade_of(scores: Floats, threshold: float) -> Grades:
    """The grade that a probability stands for: 0 below the threshold, 2 from half-way between it and 1, else 1.

    A fixed rule, fitted to nothing. A probability is not a strength, and the agreement shows how far it serves as one.
    """
    return np.where(scores < threshold, 0, np.where(scores >= (threshold + 1) / 2, 2, 1))


def quadratic_kappa(one: Grades, other: Grades, weights: Floats) -> Floats:
    """Cohen's kappa with quadratic weights (Cohen 1968); undefined where both give one grade throughout."""
    left, right = np.eye(GRADES)[one], np.eye(GRADES)[other]
    distance = (np.arange(GRADES)[:, None] - np.arange(GRADES)) ** 2
    observed = weights @ distance[one, other].astype(float)
    expected = np.einsum("...i,ij,...j->...", weights @ left, distance.astype(float), weights @ right)
    return 1 - ratio(observed * weights.sum(axis=-1), expected)


def spearman(grades: Grades, scores: Floats, weights: Floats) -> Floats:
    """Correlation of the ranks of grades and scores, ties at their mean rank (Spearman 1904)."""
    x, y = _ranks(grades.astype(float), weights), _ranks(scores, weights)
    total = weights.sum(axis=-1, keepdims=True)
    x = x - ratio((weights * x).sum(axis=-1, keepdims=True), total)
    y = y - ratio((weights * y).sum(axis=-1, keepdims=True), total)
    variances = (weights * x * x).sum(axis=-1) * (weights * y * y).sum(axis=-1)
    return ratio((weights * x * y).sum(axis=-1), np.sqrt(np.where(variances > 1e-9, variances, 0.0)))


def _ranks(values: Floats, weights: Floats) -> Floats:
    """Mean rank of each item where item i stands ``weights[..., i]`` times."""
    _, run = np.unique(values, return_inverse=True)
    order = np.argsort(run, kind="stable")
    starts = np.flatnonzero(np.diff(run[order], prepend=-1))
    count = np.add.reduceat(weights[..., order], starts, axis=-1)
    before = np.cumsum(count, axis=-1) - count
    return (before + (count + 1) / 2)[..., run]
