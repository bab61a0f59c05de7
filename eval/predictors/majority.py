"""The majority answer, absent, with the rate of the training split as its probability: what no skill gives."""

from ...model.axes import AXES
from ..corpus import Corpus
from ..predictions import Prediction, Predictions


def predict(train: Corpus, corpus: Corpus) -> Predictions:
    """Give every sentence the rate at which each axis is present in ``train``."""
    rates = {}
    for axis in AXES:
        known = [sentence.gold.grades[axis] > 0 for sentence in train.sentences if axis in sentence.gold.grades]
        if known:
            rates[axis] = sum(known) / len(known)
    return Predictions(
        system="majority",
        hash=train.hash,
        thresholds=dict.fromkeys(rates, 0.5),
        rows=tuple(Prediction(rates) for _ in corpus.sentences),
    )
