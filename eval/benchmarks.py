"""Published benchmarks with labels of their own: each with its official protocol and metric, where it is present.

Nothing is trained here, though a checkpoint may have seen a training part: its card says. What a protocol leaves to
training, the threshold, is chosen on the training part, and the figure at the stored threshold stands beside it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..model.axes import Axis
from ..model.scorer import Scorer
from .metrics import Flags, Floats
from .metrics.classification import best_threshold, confusion, f1_of
from .readers import field, rows, shared
from .resampling import Estimate, estimates, replicate

Scores = Mapping[Axis, float]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """How to read a benchmark, what answers its question, and how it is measured."""

    file: str
    document: str
    """The field that tells which sentences are resampled together; one that has none is by itself."""
    positive: str
    labels: frozenset[str]
    answer: Callable[[Scores], float]
    """Our probability for the positive label."""
    axis: Axis
    """Whose stored threshold is used."""
    folds: tuple[str, ...]
    """Fields that hold a fold; without them ``train`` and ``test`` name splits."""
    train: tuple[str, ...]
    test: str
    metric: str
    """``binary`` (F1 of the positive label) or ``macro``."""
    protocol: str
    published: str


BENCHMARKS: dict[str, Benchmark] = {
    "conll2010_bio": Benchmark(
        file="conll2010_bio/conll2010_bio.jsonl",
        document="id",  # the test does not tell its papers apart
        positive="uncertain",
        labels=frozenset({"uncertain", "certain"}),
        answer=lambda scores: scores[Axis.HEDGING],
        axis=Axis.HEDGING,
        folds=(),
        train=("train",),
        test="test",
        metric="binary",
        protocol="CoNLL-2010 task 1, biological: F1 of uncertain on the official test",
        published=".864 (Tang, official best)",
    ),
    "babe": Benchmark(
        file="babe/babe.jsonl",
        document="news_link",
        positive="Biased",
        labels=frozenset({"Biased", "Non-biased"}),
        answer=lambda scores: max(scores[Axis.EMOTIVE], scores[Axis.EMOTIVE_QUOTED]),
        axis=Axis.EMOTIVE,
        folds=("fold_official5", "fold_group5"),
        train=(),
        test="",
        metric="macro",
        protocol="BABE: macro F1, mean of five folds, official (which share articles) and grouped by article",
        published=".804 (RoBERTa with distant supervision), .841 (MAGPIE)",
    ),
    "checkthat_subj_en": Benchmark(
        file="checkthat_subj_en/checkthat_subj_en.jsonl",
        document="source",
        positive="SUBJ",
        labels=frozenset({"SUBJ", "OBJ"}),
        answer=lambda scores: scores[Axis.EMOTIVE],
        axis=Axis.EMOTIVE,
        folds=(),
        train=("train", "dev"),
        test="dev_test",
        metric="macro",
        protocol="CheckThat! subjectivity, English: macro F1 on the 2024 test",
        published=".744 (HYBRINFOX, 2024 best)",
    ),
}


def run_benchmark(name: str, scorer: Scorer) -> dict[str, Any]:
    """Score a benchmark by its protocol.

    Returns
    -------
    dict
        ``benchmark``, ``protocol``, ``published``, ``model``, ``sentences`` (of the test part), and in ``figures``
        ``{"fitted", "stored"}`` per test part: the official metric with the threshold chosen on the training part, and
        with the stored one, each an :class:`.Estimate` over documents with the thresholds held fixed.

    Raises
    ------
    CorpusError
        Where the benchmark is not present.
    """
    benchmark = BENCHMARKS[name]
    found = [
        row
        for where, row in rows(shared(benchmark.file))
        if field(row, "text", str, where) and row["label"] in benchmark.labels
    ]
    present = np.array([row["label"] == benchmark.positive for row in found])
    scores = np.array([benchmark.answer(result.scores) for result in scorer(row["text"] for row in found)])
    documents = np.array([row.get(benchmark.document) or row["id"] for row in found])

    def measured(parts: NDArray[np.generic], tested: Iterable[Any], train: tuple[str, ...] = ()) -> dict[str, Estimate]:
        """Of the rows of the parts that are tested; trained on are the named parts, or all others."""
        among = np.isin(parts, tested := list(tested))
        fitted = np.zeros_like(present)
        for part in tested:
            learnt = np.isin(parts, train) if train else parts != part
            at, _ = best_threshold(present[learnt], scores[learnt], benchmark.metric)
            fitted |= (parts == part) & (scores >= at)
        flags = {"fitted": fitted[among], "stored": scores[among] >= scorer.thresholds[benchmark.axis]}
        return _estimates(benchmark.metric, present[among], flags, parts[among], documents[among])

    figures = {}
    for fold_field in benchmark.folds:
        folds = np.array([row[fold_field] for row in found])
        figures[fold_field] = measured(folds, np.unique(folds))
    if not benchmark.folds:
        splits = np.array([row["split"] for row in found])
        figures[benchmark.test] = measured(splits, [benchmark.test], benchmark.train)
        present = present[splits == benchmark.test]
    return {
        "benchmark": name,
        "protocol": benchmark.protocol,
        "published": benchmark.published,
        "model": scorer.checkpoint.hash,
        "sentences": len(present),
        "figures": figures,
    }


def _estimates(
    metric: str,
    present: Flags,
    flags: Mapping[str, Flags],
    parts: NDArray[np.generic],
    documents: NDArray[np.str_],
) -> dict[str, Estimate]:
    """The mean over the parts of the F1 of each set of flags."""
    rows_of = [np.flatnonzero(parts == part) for part in np.unique(parts)]

    def statistic(weights: Floats) -> dict[str, Floats]:
        return {
            name: np.mean(
                [f1_of(metric, confusion(present[part], flagged[part], weights[..., part])) for part in rows_of], axis=0
            )
            for name, flagged in flags.items()
        }

    return estimates(replicate(statistic, np.unique(documents, return_inverse=True)[1]))
