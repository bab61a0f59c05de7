"""Sums over the articles of a group, in memory that does not grow with their number."""

import numpy as np
from numpy.typing import NDArray

MOST = 10_000


class Bundles:
    """Sums per article, up to 10,000 rows; of more articles, sums per bundle.

    Each round of 10,000 articles is dealt to the bundles at random, so that they are as large and as mixed as each
    other, and resampling them gives the spread that resampling the articles would.
    """

    def __init__(self) -> None:
        self.articles = 0
        self._rows: list[NDArray[np.float64]] = []
        self._generator = np.random.default_rng(0)
        self._deal = np.arange(MOST)

    def add(self, sums: NDArray[np.float64]) -> None:
        """Add the sums of one article, float64 of shape (figures,)."""
        if self.articles < MOST:
            self._rows.append(sums.copy())  # which may be a view into those of thousands
        else:
            if self.articles % MOST == 0:
                self._deal = self._generator.permutation(MOST)
            self._rows[self._deal[self.articles % MOST]] += sums
        self.articles += 1

    @property
    def sums(self) -> NDArray[np.float64]:
        """Of the articles or bundles, shape (at most 10,000, figures)."""
        return np.stack(self._rows)
