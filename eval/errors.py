"""The sentences on which a system is most confidently wrong."""

import numpy as np

from ..model.axes import Axis
from .corpus import Corpus
from .predictions import Predictions
from .sample import Sample

SHOWN = 8


def errors(corpus: Corpus, predictions: Predictions, axes: dict[Axis, Sample]) -> dict[Axis, dict[str, list[dict]]]:
    """Per axis the false positives of highest and the false negatives of lowest score, with the spans of both sides."""
    return {
        axis: {
            "false_positive": [
                _error(corpus, predictions, axis, row) for row in _worst(sample, sample.flagged, -sample.scores)
            ],
            "false_negative": [
                _error(corpus, predictions, axis, row) for row in _worst(sample, sample.present, sample.scores)
            ],
        }
        for axis, sample in axes.items()
    }


def _worst(sample: Sample, among: np.ndarray, order: np.ndarray) -> list[int]:
    wrong = np.flatnonzero(among & (sample.flagged != sample.present))
    return [int(sample.rows[index]) for index in wrong[np.argsort(order[wrong], kind="stable")][:SHOWN]]


def _error(corpus: Corpus, predictions: Predictions, axis: Axis, row: int) -> dict:
    sentence, predicted = corpus.sentences[row], predictions.rows[row]
    gold = sentence.gold.evidence.get(axis, ())
    said = (predicted.evidence or {}).get(axis, ())
    return {
        "id": sentence.id,
        "text": corpus.text(sentence),
        "grade": sentence.gold.grades[axis],
        "score": predicted.scores[axis],
        "disputed": len({annotation.grades[axis] > 0 for annotation in sentence.passes}) > 1,
        "gold": [[start - sentence.start, end - sentence.start] for start, end in gold],
        "predicted": [[start - sentence.start, end - sentence.start] for start, end in said],
    }
