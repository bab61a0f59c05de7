"""Two systems on one corpus: differences with paired intervals and tests, corrected over the axes."""

import math
from functools import partial

import numpy as np

from ..model.axes import Axis
from .corpus import Corpus
from .metrics import Floats
from .paired import bootstrap_p, holm, mcnemar, permutation
from .predictions import Predictions
from .resampling import FEWEST, estimates, replicate
from .sample import Sample, article_numbers, measure_calibration, measure_decisions, measure_ranking, samples

_MEASURES = ("f1", "average_precision", "brier")


def compare(corpus: Corpus, one: Predictions, other: Predictions, resamples: int, seed: int) -> dict[Axis, dict]:
    """Compare two systems on the axes that both predict.

    Returns
    -------
    dict
        Per axis ``one`` and ``other`` (the values of both), ``difference`` (one minus other, with its paired
        interval), ``only_one_right`` and ``only_other_right`` (sentences), ``p`` (``f1_permutation``,
        ``average_precision_bootstrap``, ``accuracy_mcnemar``), and ``p_holm``, the same corrected over the axes.
    """
    ours, theirs = samples(corpus, one), samples(corpus, other)
    articles = article_numbers(corpus)
    found: dict[Axis, dict] = {}
    for axis in [axis for axis in ours if axis in theirs]:
        first, second = ours[axis], theirs[axis]
        replicates = replicate(partial(_difference, first, second), articles, resamples, seed)
        present, numbers = first.present, articles[first.rows]
        only_one, only_other, p_mcnemar = mcnemar(present, first.flagged, second.flagged)
        _, dense = np.unique(numbers, return_inverse=True)
        resampled = replicates.resampled["average_precision"]
        found[axis] = {
            "one": _values(first),
            "other": _values(second),
            "difference": estimates(replicates),
            "only_one_right": only_one,
            "only_other_right": only_other,
            "p": {
                "f1_permutation": permutation(present, first.flagged, second.flagged, dense, seed=seed),
                "average_precision_bootstrap": bootstrap_p(resampled) if dense.max() + 1 >= FEWEST else math.nan,
                "accuracy_mcnemar": p_mcnemar,
            },
        }
    tests = next(iter(found.values()))["p"] if found else ()
    corrected = {test: holm({axis: row["p"][test] for axis, row in found.items()}) for test in tests}
    return {axis: row | {"p_holm": {test: corrected[test][axis] for test in tests}} for axis, row in found.items()}


def _difference(one: Sample, other: Sample, weights: Floats) -> dict[str, Floats]:
    ours, theirs = _compared(one, weights), _compared(other, weights)
    return {name: ours[name] - theirs[name] for name in _MEASURES}


def _values(sample: Sample) -> dict[str, float]:
    return {name: float(value) for name, value in _compared(sample, np.ones(int(sample.rows.max()) + 1)).items()}


def _compared(sample: Sample, weights: Floats) -> dict[str, Floats]:
    parts = (measure_decisions, measure_ranking, measure_calibration)
    measured = {name: values for part in parts for name, values in part(sample, weights).items()}
    return {name: measured[name] for name in _MEASURES}
