"""Published benchmarks with labels of their own: each with its official protocol and metric, where it is present.

Nothing is trained here, though a checkpoint may have seen a training part: its card says. What a protocol leaves to
training, the threshold, is chosen on the training part, and the figure at the stored threshold stands beside it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import f1_score

from ..model.axes import Axis
from ..model.scorer import Scorer
from .metrics import Flags, Floats
from .metrics.classification import best_threshold
from .readers import field, rows, shared

Scores = Mapping[Axis, float]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """How to read a benchmark, what answers its question, and how it is measured."""

    file: str
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
        with the stored one.

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
    stored = scorer.thresholds[benchmark.axis]
    figures: dict[str, dict[str, float]] = {}
    for fold_field in benchmark.folds:
        folds = np.array([row[fold_field] for row in found])
        tested = [
            _measure(benchmark, present, scores, folds != fold, folds == fold, stored) for fold in np.unique(folds)
        ]
        figures[fold_field] = {key: float(np.mean([one[key] for one in tested])) for key in ("fitted", "stored")}
    if not benchmark.folds:
        splits = np.array([row["split"] for row in found])
        train, test = np.isin(splits, benchmark.train), splits == benchmark.test
        figures[benchmark.test] = _measure(benchmark, present, scores, train, test, stored)
        present = present[test]
    return {
        "benchmark": name,
        "protocol": benchmark.protocol,
        "published": benchmark.published,
        "model": scorer.checkpoint.hash,
        "sentences": len(present),
        "figures": figures,
    }


def _measure(
    benchmark: Benchmark, present: Flags, scores: Floats, train: Flags, test: Flags, stored: float
) -> dict[str, float]:
    fitted, _ = best_threshold(present[train], scores[train], benchmark.metric)
    return {
        name: float(f1_score(present[test], scores[test] >= at, average=benchmark.metric, zero_division=0))
        for name, at in (("fitted", fitted), ("stored", stored))
    }
