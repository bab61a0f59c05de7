"""Agreement of annotators beyond chance."""

import numpy as np

from . import Floats, ratio
from .grades import GRADES, Grades


def krippendorff_alpha(one: Grades, other: Grades, weights: Floats) -> Floats:
    """Krippendorff's alpha of two annotators on ordinal grades, no value missing (Krippendorff 2011, ordinal metric).

    1 is perfect agreement, 0 chance. Undefined where only one grade was ever given.

    >>> grades = np.array([0, 1, 2, 0])
    >>> float(krippendorff_alpha(grades, grades, np.ones(4)))
    1.0
    """
    left, right = np.eye(GRADES)[one], np.eye(GRADES)[other]
    coincidences = np.einsum("...n,ni,nj->...ij", weights, left, right)
    coincidences = coincidences + np.swapaxes(coincidences, -1, -2)
    frequency = coincidences.sum(axis=-1)
    total = frequency.sum(axis=-1)
    distance = _ordinal_distance(frequency)
    observed = (coincidences * distance).sum(axis=(-1, -2))
    expected = (frequency[..., :, None] * frequency[..., None, :] * distance).sum(axis=(-1, -2))
    return 1 - ratio((total - 1) * observed, expected)


def _ordinal_distance(frequency: Floats) -> Floats:
    """Squared number of values that lie between two grades, their own counted half."""
    distance = np.zeros((*frequency.shape, GRADES))
    for low in range(GRADES):
        for high in range(low + 1, GRADES):
            between = frequency[..., low : high + 1].sum(axis=-1) - (frequency[..., low] + frequency[..., high]) / 2
            distance[..., low, high] = distance[..., high, low] = between**2
    return distance
