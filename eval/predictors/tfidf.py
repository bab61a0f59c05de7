"""TF-IDF and logistic regression: what counting the words of the training split gives."""

import hashlib

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline

from ...model.axes import AXES
from ..corpus import Corpus
from ..metrics.classification import best_threshold
from ..predictions import Prediction, Predictions

_WORDS_AND_MARKS = r"(?u)\b\w+\b|[“”\"‘«»]"  # a quotation mark is a word too: it tells the voices apart
_FOLDS = 5


def predict(train: Corpus, corpus: Corpus) -> Predictions:
    """Fit one classifier an axis on ``train``; thresholds give the best F1 in cross-validation over its articles."""
    train_texts = [train.text(sentence) for sentence in train.sentences]
    texts = [corpus.text(sentence) for sentence in corpus.sentences]
    articles = np.array([sentence.article for sentence in train.sentences])
    scores: dict = {}
    thresholds: dict = {}
    for axis in AXES:
        known = np.array([axis in sentence.gold.grades for sentence in train.sentences])
        present = np.array([sentence.gold.grades.get(axis, 0) > 0 for sentence in train.sentences])[known]
        known_texts = [text for text, keep in zip(train_texts, known, strict=True) if keep]
        if len(set(articles[known][present])) < _FOLDS:
            continue  # too few articles with the axis to learn from
        model = _model()
        held_out = cross_val_predict(
            model, known_texts, present, groups=articles[known], cv=GroupKFold(_FOLDS), method="predict_proba"
        )[:, 1]
        thresholds[axis], _ = best_threshold(present, held_out)
        scores[axis] = model.fit(known_texts, present).predict_proba(texts)[:, 1]
    return Predictions(
        system="tfidf",
        hash=hashlib.sha256(f"{train.hash} {_model().get_params()}".encode()).hexdigest()[:16],
        thresholds=thresholds,
        rows=tuple(
            Prediction({axis: float(column[row]) for axis, column in scores.items()})
            for row in range(len(corpus.sentences))
        ),
    )


def _model() -> Pipeline:
    return make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=_WORDS_AND_MARKS),
        LogisticRegression(C=10.0, max_iter=1000),
    )
