"""From predictions to results: every number is computed here, and from the predictions alone."""

import math
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..model.axes import Axis
from .ceiling import ceiling
from .compare import compare
from .corpus import Corpus, CorpusError
from .errors import errors
from .metrics import Floats, calibration, classification, ranking
from .metrics.grades import GRADES, grade_of
from .predictions import Predictions
from .resampling import RESAMPLES, Estimate, estimates, replicate
from .results import SCHEMA
from .sample import Sample, article_numbers, measure, samples
from .slices import by_cue, cues, slices

_CURVE_POINTS = 200


def evaluate(
    corpus: Corpus,
    model: Predictions,
    baselines: Mapping[str, Predictions],
    *,
    training: Sequence[Corpus] = (),
    behaviour: Mapping[str, Any] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Any]:
    """Measure a model beside the baselines. The result has the shape of :class:`.results.Results`, less ``provenance``.

    Parameters
    ----------
    training
        Corpora whose annotated evidence the model has seen, for the slices by cue.
    behaviour
        What the behaviour suite found, to stand in the same file.

    Raises
    ------
    CorpusError
        Where no axis is both labelled and predicted.
    """
    axes = samples(corpus, model)
    if not axes:
        raise CorpusError(
            f"{corpus.name} has no label of an axis that {model.system} scores, so they have no axis in common; "
            "change --label-map, or give labels of such an axis"
        )
    seen = cues(training)
    return {
        "schema": SCHEMA,
        "corpus": _facts(corpus),
        "systems": {
            name: _system(corpus, system, axes, resamples, seed)
            for name, system in {"model": model, **baselines}.items()
        },
        "comparisons": {
            name: compare(corpus, model, baseline, resamples, seed) for name, baseline in baselines.items()
        },
        "slices": list(slices(corpus, axes, resamples, seed)),
        "cues": {
            "training": [f"{other.name} {other.split}" for other in training],
            "axes": by_cue(corpus, axes, seen, resamples, seed) if training else {},
        },
        "ceiling": ceiling(corpus, model, resamples, seed),
        "errors": errors(corpus, model, axes),
        "behaviour": behaviour,
    }


def _system(
    corpus: Corpus, predictions: Predictions, among: Collection[Axis], resamples: int, seed: int
) -> dict[str, Any]:
    """Measures on those of its axes that the model has too, so that their means are of the same."""
    axes = {axis: sample for axis, sample in samples(corpus, predictions).items() if axis in among}
    measured = {
        name: Estimate(found.value, math.nan, math.nan)
        if name.partition(" ")[2] in calibration.WITHOUT_INTERVAL
        else found
        for name, found in estimates(
            replicate(partial(_measure_all, axes), article_numbers(corpus), resamples, seed)
        ).items()
    }
    by_axis = {
        axis: {name.partition(" ")[2]: found for name, found in measured.items() if name.startswith(f"{axis} ")}
        for axis in ("macro", *axes)
    }
    return {
        "name": predictions.system,
        "hash": predictions.hash,
        "notes": list(predictions.notes),
        "macro": by_axis["macro"],
        "axes": {axis: _axis(sample) | {"measures": by_axis[axis]} for axis, sample in axes.items()},
    }


def _measure_all(axes: dict[Axis, Sample], weights: Floats) -> dict[str, Floats]:
    """Measures of each axis as ``"AXIS NAME"``, and their mean over the axes as ``"macro NAME"``."""
    measured = {axis: measure(sample, weights) for axis, sample in axes.items()}
    everywhere = [name for name in next(iter(measured.values())) if all(name in found for found in measured.values())]
    macro = {f"macro {name}": np.mean([found[name] for found in measured.values()], axis=0) for name in everywhere}
    return {f"{axis} {name}": values for axis, found in measured.items() for name, values in found.items()} | macro


def _axis(sample: Sample) -> dict[str, Any]:
    counts = classification.confusion(sample.present, sample.flagged, np.ones(len(sample.rows)))
    curve = ranking.precision_recall_curve(sample.present, sample.scores)
    kept = np.unique(np.linspace(0, len(curve) - 1, min(len(curve), _CURVE_POINTS)).astype(int)) if curve else ()
    return {
        "threshold": sample.threshold,
        "confusion": {name: int(value) for name, value in counts._asdict().items()},
        "grades": _grade_table(sample) if sample.graded else None,
        "reliability": [point._asdict() for point in calibration.reliability_curve(sample.present, sample.scores)],
        "precision_recall": [list(curve[index][:2]) for index in kept],
        "operating_point": [float(classification.recall(counts)), float(classification.precision(counts))],
    }


def _grade_table(sample: Sample) -> list[list[int]]:
    table = np.zeros((GRADES, GRADES), dtype=int)
    np.add.at(table, (sample.grades, grade_of(sample.scores, sample.threshold)), 1)
    return table.tolist()


def _facts(corpus: Corpus) -> dict[str, Any]:
    def grades(axis: Axis) -> list[int]:
        return [sentence.gold.grades[axis] for sentence in corpus.sentences if axis in sentence.gold.grades]

    return {
        "name": corpus.name,
        "split": corpus.split,
        "hash": corpus.hash,
        "sentences": len(corpus.sentences),
        "articles": len({sentence.article for sentence in corpus.sentences}),
        "axes": {
            axis: {
                "labelled": len(grades(axis)),
                "present": sum(g > 0 for g in grades(axis)),
                "strong": sum(g > 1 for g in grades(axis)),
            }
            for axis in Axis
            if grades(axis)
        },
        "notes": list(corpus.notes),
    }
