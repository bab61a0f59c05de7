"""Measures as pure functions of arrays.

Every measure of a sample takes ``weights`` of shape (..., items): how often each item counts. Leading dimensions are
resamples, all computed at once, so that a bootstrap is one call. What a sample does not define is ``nan``.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def ratio(numerator: Any, denominator: Any) -> Floats:
    """Divide, giving ``nan`` where the denominator is 0."""
    numerator, denominator = np.broadcast_arrays(np.asarray(numerator, float), np.asarray(denominator, float))
    return np.divide(numerator, denominator, out=np.full(denominator.shape, np.nan), where=denominator != 0)
