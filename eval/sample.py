"""Truth and prediction of one axis side by side, as arrays, and everything that is measured of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..model.axes import AXES, Axis
from .corpus import Annotation, Corpus, Spans
from .metrics import Flags, Floats, calibration, classification, ranking, ratio, spans
from .metrics.grades import Grades, grade_of, quadratic_kappa, spearman
from .predictions import Prediction, Predictions

SPAN_MATCHES = {"exact": spans.exact, "overlap": spans.overlap, "character": spans.characters}


@dataclass(frozen=True, slots=True)
class Sample:
    """One axis over the sentences that carry a label and a score of it."""

    rows: NDArray[np.int64]
    """Their places in the corpus; every other array has the same length."""
    grades: Grades
    scores: Floats
    threshold: float
    span_matches: dict[str, Floats]
    """Per way of matching, shape (sentences, 4); empty where either side has no spans."""
    drops: Floats
    """Fall of the score without the evidence, without random words, and 1; zeros where nothing was erased."""

    @property
    def present(self) -> Flags:
        """Grade 1 or 2."""
        return self.grades > 0

    @property
    def flagged(self) -> Flags:
        """Score at or over the threshold."""
        return self.scores >= self.threshold

    @property
    def graded(self) -> bool:
        """Whether the labels tell strong from weak."""
        return bool((self.grades > 1).any())


def article_numbers(corpus: Corpus) -> NDArray[np.int64]:
    """The article of every sentence, numbered from 0."""
    _, numbers = np.unique([sentence.article for sentence in corpus.sentences], return_inverse=True)
    return numbers


def samples(corpus: Corpus, predictions: Predictions, gold: list[Annotation] | None = None) -> dict[Axis, Sample]:
    """The axes that are both labelled and predicted.

    Parameters
    ----------
    gold
        What to take for the truth instead of the settled labels: one pass, say.
    """
    truth = [sentence.gold for sentence in corpus.sentences] if gold is None else gold
    found: dict[Axis, Sample] = {}
    for axis in AXES:
        pairs = [
            (row, labels, predicted)
            for row, (labels, predicted) in enumerate(zip(truth, predictions.rows, strict=True))
            if axis in labels.grades and axis in predicted.scores
        ]
        if not pairs:
            continue
        scores = np.array([predicted.scores[axis] for _, _, predicted in pairs])
        found[axis] = Sample(
            rows=np.array([row for row, _, _ in pairs]),
            grades=np.array([labels.grades[axis] for _, labels, _ in pairs], dtype=np.int64),
            scores=scores,
            threshold=predictions.thresholds[axis],
            span_matches=_span_matches(axis, [(labels, predicted) for _, labels, predicted in pairs]),
            drops=np.array([_drops(axis, predicted) for _, _, predicted in pairs]),
        )
    return found


def measure(sample: Sample, weights: Floats) -> dict[str, Floats]:
    """Everything that is measured of an axis.

    Parameters
    ----------
    weights
        Shape (..., sentences of the corpus), here and in the parts below.
    """
    parts = (
        measure_decisions,
        measure_ranking,
        measure_calibration,
        measure_strength,
        measure_spans,
        measure_faithfulness,
    )
    return {name: values for part in parts for name, values in part(sample, weights).items()}


def measure_decisions(sample: Sample, weights: Floats) -> dict[str, Floats]:
    """Present against flagged, at the threshold."""
    weights = weights[..., sample.rows]
    counts = classification.confusion(sample.present, sample.flagged, weights)
    return {
        "prevalence": ratio(weights @ sample.present.astype(float), weights.sum(axis=-1)),
        "precision": classification.precision(counts),
        "recall": classification.recall(counts),
        "f1": classification.f1(counts),
        "balanced_accuracy": classification.balanced_accuracy(counts),
        "mcc": classification.mcc(counts),
        "kappa": classification.cohen_kappa(counts),
    }


def measure_ranking(sample: Sample, weights: Floats) -> dict[str, Floats]:
    """The order of the scores, whatever the threshold."""
    weights = weights[..., sample.rows]
    return {
        "average_precision": ranking.average_precision(sample.present, sample.scores, weights),
        "roc_auc": ranking.roc_auc(sample.present, sample.scores, weights),
    }


def measure_calibration(sample: Sample, weights: Floats) -> dict[str, Floats]:
    """The scores as probabilities."""
    weights = weights[..., sample.rows]
    parts = calibration.brier_parts(sample.present, sample.scores, weights)
    return {
        "brier": calibration.brier(sample.present, sample.scores, weights),
        **{f"brier_{name}": values for name, values in parts._asdict().items()},
        "calibration_error": calibration.expected_calibration_error(sample.present, sample.scores, weights),
    }


def measure_strength(sample: Sample, weights: Floats) -> dict[str, Floats]:
    """Grades against the scores; nothing where the labels are not graded."""
    if not sample.graded:
        return {}
    weights = weights[..., sample.rows]
    said = grade_of(sample.scores, sample.threshold)
    return {
        "quadratic_kappa": quadratic_kappa(sample.grades, said, weights),
        "spearman": spearman(sample.grades, sample.scores, weights),
    }


def measure_spans(sample: Sample, weights: Floats) -> dict[str, Floats]:
    """Evidence against the annotated words."""
    weights = weights[..., sample.rows]
    measured: dict[str, Floats] = {}
    for name, matches in sample.span_matches.items():
        precision, recall, f1 = spans.f1(matches, weights)
        measured |= {f"span_{name}_precision": precision, f"span_{name}_recall": recall, f"span_{name}_f1": f1}
    return measured


def measure_faithfulness(sample: Sample, weights: Floats) -> dict[str, Floats]:
    """Mean fall of the score without the evidence, without random words, and their difference."""
    if not sample.drops[:, 2].any():
        return {}
    evidence, random, count = np.moveaxis(weights[..., sample.rows] @ sample.drops, -1, 0)
    return {
        "drop_without_evidence": ratio(evidence, count),
        "drop_without_random": ratio(random, count),
        "faithfulness": ratio(evidence - random, count),
    }


def restrict(sample: Sample, inside: Flags) -> Sample:
    """The part of a sample that lies in some sentences of the corpus, its rows numbered among those."""
    kept = inside[sample.rows]
    return Sample(
        rows=(np.cumsum(inside) - 1)[sample.rows[kept]],
        grades=sample.grades[kept],
        scores=sample.scores[kept],
        threshold=sample.threshold,
        span_matches={name: matches[kept] for name, matches in sample.span_matches.items()},
        drops=sample.drops[kept],
    )


def _span_matches(axis: Axis, pairs: list[tuple[Annotation, Prediction]]) -> dict[str, Floats]:
    sides: list[tuple[Spans, Spans]] = []
    for labels, predicted in pairs:
        if axis not in labels.evidence or predicted.evidence is None:
            return {}
        sides.append((labels.evidence[axis], predicted.evidence.get(axis, ())))
    return {name: np.array([match(*side) for side in sides], dtype=float) for name, match in SPAN_MATCHES.items()}


def _drops(axis: Axis, predicted: Prediction) -> tuple[float, float, float]:
    erasure = predicted.erasure.get(axis)
    if erasure is None:
        return 0.0, 0.0, 0.0
    score = predicted.scores[axis]
    return score - erasure.evidence, score - erasure.random, 1.0
