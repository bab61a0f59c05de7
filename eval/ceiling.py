"""How far two annotators agree, and how far the system agrees with each of them, on one scale."""

from functools import partial
from typing import NamedTuple

import numpy as np

from ..model.axes import AXES, Axis
from .corpus import Annotation, Corpus, Spans
from .metrics import Flags, Floats, classification, spans
from .metrics.agreement import krippendorff_alpha
from .metrics.grades import Grades, grade_of, quadratic_kappa
from .predictions import Predictions
from .resampling import estimates, replicate
from .sample import article_numbers


class _Rating(NamedTuple):
    present: Flags
    grades: Grades
    evidence: list[Spans] | None


class _Pair(NamedTuple):
    one: _Rating
    other: _Rating
    matches: Floats | None

    @classmethod
    def of(cls, one: _Rating, other: _Rating) -> "_Pair":
        if one.evidence is None or other.evidence is None:
            return cls(one, other, None)
        sides = zip(one.evidence, other.evidence, strict=True)
        return cls(one, other, np.array([spans.characters(*pair) for pair in sides], dtype=float))


def ceiling(corpus: Corpus, predictions: Predictions, resamples: int, seed: int) -> dict[Axis, dict] | None:
    """Pass against pass, and the system against each pass (the mean of the two); ``None`` without two passes.

    A system that agrees with a single pass as well as the other pass does has reached what these labels can show. The
    settled labels are no fair scale for the passes, which they were made from.
    """
    if not all(len(sentence.passes) == 2 for sentence in corpus.sentences):
        return None
    articles = article_numbers(corpus)
    found: dict[Axis, dict] = {}
    for axis in AXES:
        if not all(axis in row.scores for row in predictions.rows):
            continue
        one, other = (_of_pass(axis, [sentence.passes[number] for sentence in corpus.sentences]) for number in (0, 1))
        system = _of_system(axis, predictions)

        statistic = partial(_agreements, _Pair.of(one, other), _Pair.of(one, system), _Pair.of(other, system))
        measured = estimates(replicate(statistic, articles, resamples, seed))
        found[axis] = {
            "disputed": int((one.present != other.present).sum()),
            "passes": {name.partition(" ")[2]: value for name, value in measured.items() if name.startswith("passes")},
            "system": {name.partition(" ")[2]: value for name, value in measured.items() if name.startswith("system")},
        }
    return found


def _of_pass(axis: Axis, annotations: list[Annotation]) -> _Rating:
    grades = np.array([annotation.grades[axis] for annotation in annotations], dtype=np.int64)
    marked = all(axis in annotation.evidence for annotation in annotations)
    return _Rating(grades > 0, grades, [annotation.evidence[axis] for annotation in annotations] if marked else None)


def _of_system(axis: Axis, predictions: Predictions) -> _Rating:
    scores = np.array([row.scores[axis] for row in predictions.rows])
    grades = grade_of(scores, predictions.thresholds[axis])
    marked = [row.evidence.get(axis, ()) for row in predictions.rows if row.evidence is not None]
    return _Rating(grades > 0, grades, marked if len(marked) == len(scores) else None)


def _agreements(passes: _Pair, first: _Pair, second: _Pair, weights: Floats) -> dict[str, Floats]:
    between, left, right = (_agreement(pair, weights) for pair in (passes, first, second))
    return {f"passes {name}": values for name, values in between.items()} | {
        f"system {name}": (left[name] + right[name]) / 2 for name in left
    }


def _agreement(pair: _Pair, weights: Floats) -> dict[str, Floats]:
    one, other, matches = pair
    counts = classification.confusion(one.present, other.present, weights)
    measured = {
        "kappa": classification.cohen_kappa(counts),
        "f1": classification.f1(counts),
        "alpha": krippendorff_alpha(one.grades, other.grades, weights),
        "quadratic_kappa": quadratic_kappa(one.grades, other.grades, weights),
    }
    return measured if matches is None else measured | {"span_character_f1": spans.f1(matches, weights)[2]}
