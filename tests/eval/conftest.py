"""A small corpus in the format of ours, about invented people, and predictions for it."""

import json
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest

from reportedly.eval import readers
from reportedly.eval.corpus import Corpus
from reportedly.eval.evaluate import evaluate
from reportedly.eval.predictions import Erasure, Prediction, Predictions
from reportedly.eval.predictors import BASELINES
from reportedly.eval.provenance import provenance
from reportedly.eval.results import plain
from reportedly.model.axes import AXES, Axis

# sentence, then the grades h e q u with the evidence of each axis that is above 0
SENTENCES = (
    ("The council of Varn met on Tuesday.", "0000", {}),
    ("Mayor Ilse Tarn may resign.", "2000", {"hedging": "may"}),
    ("The plan is a staggering disgrace.", "0200", {"emotive": "staggering disgrace"}),
    ("“This is a disgrace,” said Tarn.", "0020", {"emotive_quoted": "disgrace"}),
    ("The bridge was reportedly closed.", "1001", {"hedging": "reportedly", "unverified": "reportedly"}),
    ("Officials claimed the fire was small <b>again</b>.", "0001", {"unverified": "claimed"}),
    ("Rain fell on the harbour all night.", "0000", {}),
)


def write_corpus(folder: Path, articles: int = 12) -> Path:
    """Write articles.jsonl and labels.jsonl; article N starts at sentence N and has four sentences."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "articles.jsonl").open("w") as texts, (folder / "labels.jsonl").open("w") as labels:
        for number in range(articles):
            chosen = [SENTENCES[(number + step) % len(SENTENCES)] for step in range(5)]
            text = " ".join(sentence for sentence, _, _ in chosen)
            split = ("train", "test")[number % 2]
            article = {
                "id": f"a{number}",
                "text": text,
                "outlet": "Varn Post",
                "date": "2030-01-01",
                "style": ("wire", "blog")[number % 3 == 0],
            }
            texts.write(json.dumps(article | {"topic": "politics", "split": split}) + "\n")
            at = 0
            for place, (sentence, digits, evidence) in enumerate(chosen):
                start = text.index(sentence, at)
                at = start + len(sentence)
                label = {
                    "grades": dict(zip(AXES, map(int, digits), strict=True)),
                    "spans": [
                        {"axis": axis, "start": text.index(words, start), "end": text.index(words, start) + len(words)}
                        for axis, words in evidence.items()
                    ],
                }
                none = {"grades": dict.fromkeys(AXES, 0), "spans": []}
                passes = {"a": label, "b": none if number == 1 else label}
                row = {
                    "article": f"a{number}",
                    "sentence": place,
                    "start": start,
                    "end": at,
                    "passes": passes,
                    "adjudicated": [],
                }
                labels.write(json.dumps(row | label) + "\n")
    return folder


@pytest.fixture
def corpora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of corpora, holding the small one under the name of ours; no shared corpora."""
    monkeypatch.setattr(readers, "CORPORA", tmp_path / "corpora")
    monkeypatch.setenv("REPORTEDLY_CORPORA", str(tmp_path / "nowhere"))
    write_corpus(tmp_path / "corpora" / "invented")
    return tmp_path / "corpora"


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same corpus, for tests that only read it."""
    return write_corpus(tmp_path_factory.mktemp("invented"))


@pytest.fixture(scope="session")
def corpus(written: Path) -> Corpus:
    return readers.read_invented(written, "test")


@pytest.fixture(scope="session")
def predictions(corpus: Corpus) -> Predictions:
    """Right nine times in ten, with the annotated evidence."""
    rng = np.random.default_rng(0)
    rows = []
    for sentence in corpus.sentences:
        right = {axis: (grade > 0) != (rng.random() < 0.1) for axis, grade in sentence.gold.grades.items()}
        scores = {axis: 0.9 - 0.2 * rng.random() if flag else 0.3 * rng.random() for axis, flag in right.items()}
        erasure = {axis: Erasure(0.1, scores[axis] - 0.05) for axis in (Axis.HEDGING,) if right[axis]}
        rows.append(Prediction(scores, dict(sentence.gold.evidence), erasure))
    return Predictions("mock", "0" * 16, dict.fromkeys(AXES, 0.5), tuple(rows))


@pytest.fixture(scope="session")
def measured(written: Path, corpus: Corpus, predictions: Predictions) -> dict:
    train = readers.read_invented(written, "train")
    baselines = {name: predict(train, corpus) for name, predict in BASELINES.items()}
    found = evaluate(corpus, predictions, baselines, training=[train], resamples=100)
    return plain({"provenance": provenance(0, 100, 1.0), **found})


@pytest.fixture
def results(measured: dict) -> dict:
    """Results of the mock and the baselines, to change at will."""
    return deepcopy(measured)
