"""A lexicon learnt from evidence: every span of the training split is a cue, weighed by how often it is right."""

import hashlib

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import GroupKFold

from ...model.axes import AXES, Axis
from ..corpus import Corpus
from ..metrics import Flags, Floats
from ..metrics.classification import best_threshold
from ..predictions import Prediction, Predictions

_WORDS_AND_MARKS = r"(?u)\w+|[^\w\s]"
_LONGEST = 8
"""Words of a cue; a longer span is hardly ever met again."""
_LEAST = (1, 2, 3, 5)
"""How often a cue must have been a span: the choice, made by cross-validation."""
_FOLDS = 5


def predict(train: Corpus, corpus: Corpus) -> Predictions:
    """Score a sentence by the precision of the best cue in it, as counted on ``train``.

    How often a cue must have been marked, and the threshold, are those of the best F1 in cross-validation over the
    articles of ``train``. An axis whose training articles are too few, or that has no evidence there, is left out.
    """
    scores: dict[Axis, Floats] = {}
    thresholds: dict[Axis, float] = {}
    for axis in AXES:
        known = [sentence for sentence in train.sentences if axis in sentence.gold.grades]
        present = np.array([sentence.gold.grades[axis] > 0 for sentence in known])
        articles = np.array([sentence.article for sentence in known])
        marked = [
            [train.documents[sentence.document][start:end] for start, end in sentence.gold.evidence.get(axis, ())]
            for sentence in known
        ]
        if len({article for article, spans in zip(articles, marked, strict=True) if spans}) < _FOLDS:
            continue
        tokens = CountVectorizer(token_pattern=_WORDS_AND_MARKS).build_analyzer()
        spans = [{" ".join(words) for span in row if 0 < len(words := tokens(span)) <= _LONGEST} for row in marked]
        cues = CountVectorizer(
            vocabulary=sorted(set().union(*spans)),
            ngram_range=(1, _LONGEST),
            token_pattern=_WORDS_AND_MARKS,
            binary=True,
        )
        inside = cues.transform([train.text(sentence) for sentence in known])
        as_span = CountVectorizer(vocabulary=cues.vocabulary, analyzer=list, binary=True).transform(map(sorted, spans))

        held_out = np.zeros((len(_LEAST), len(known)))
        for fitted, held in GroupKFold(_FOLDS).split(present, groups=articles):
            for row, least in enumerate(_LEAST):
                weights = _precision(inside[fitted], as_span[fitted], present[fitted], least)
                held_out[row, held] = _best(inside[held], weights)
        chosen = [best_threshold(present, row) for row in held_out]
        least, (thresholds[axis], _) = max(zip(_LEAST, chosen, strict=True), key=lambda pair: pair[1][1])
        found = cues.transform([corpus.text(sentence) for sentence in corpus.sentences])
        scores[axis] = _best(found, _precision(inside, as_span, present, least))
    return Predictions(
        system="lexicon",
        hash=hashlib.sha256(f"{train.hash} {_LONGEST} {_LEAST}".encode()).hexdigest()[:16],
        thresholds=thresholds,
        rows=tuple(
            Prediction({axis: float(column[row]) for axis, column in scores.items()})
            for row in range(len(corpus.sentences))
        ),
    )


def _precision(inside: csr_matrix, as_span: csr_matrix, present: Flags, least: int) -> Floats:
    """Share of the sentences with a cue that have the axis; 0 for a cue that was marked less than ``least`` times."""
    met = np.asarray(inside.sum(axis=0)).ravel()
    right = np.asarray(inside[present].sum(axis=0)).ravel()
    often: NDArray[np.bool_] = np.asarray(as_span.sum(axis=0)).ravel() >= least
    return np.divide(right, met, out=np.zeros(len(met)), where=often & (met > 0))


def _best(inside: csr_matrix, weights: Floats) -> Floats:
    return inside.multiply(weights).max(axis=1).toarray().ravel()
