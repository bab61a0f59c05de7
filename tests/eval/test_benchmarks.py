import json

import numpy as np
import pytest
from sklearn.metrics import f1_score

from reportedly.eval import benchmarks
from reportedly.eval.corpus import CorpusError
from reportedly.model.axes import Axis
from reportedly.model.scorer import Scorer


@pytest.mark.parametrize("name", benchmarks.BENCHMARKS)
def test_a_benchmark_measures_its_test_part(tmp_path, monkeypatch, tiny_checkpoint, name):
    benchmark = benchmarks.BENCHMARKS[name]
    rows = [
        {"id": f"{number}", "text": f"The mayor said {'may ' * (number % 3)}so.", "label": label, "split": split}
        | {"fold_official5": number % 5, "fold_group5": number % 5}
        for number in range(20)
        for label in [*benchmark.labels, "No agreement"]
        for split in ("train", benchmark.test)
    ]
    path = tmp_path / benchmark.file
    path.parent.mkdir()
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setenv("REPORTEDLY_CORPORA", str(tmp_path))
    found = benchmarks.run_benchmark(name, Scorer.from_pretrained(tiny_checkpoint))
    assert found["sentences"] == (80 if benchmark.folds else 40)  # "No agreement" is left out
    assert set(found["figures"]) == set(benchmark.folds or [benchmark.test])
    assert all(0 <= one.value <= 1 for row in found["figures"].values() for one in row.values())


def test_the_figure_of_a_benchmark_is_that_of_scikit_learn_over_folds(tmp_path, monkeypatch, tiny_checkpoint):
    rng = np.random.default_rng(3)
    rows = [
        {"text": f"The mayor said {'may ' * rng.integers(9)}so.", "label": ("Biased", "Non-biased")[rng.integers(2)]}
        | {
            "id": f"{number}",
            "news_link": f"page {number % 31}",
            "fold_official5": number % 5,
            "fold_group5": number % 31 % 5,
        }
        for number in range(200)
    ]
    (tmp_path / "babe").mkdir()
    (tmp_path / "babe" / "babe.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setenv("REPORTEDLY_CORPORA", str(tmp_path))
    scorer = Scorer.from_pretrained(tiny_checkpoint)
    figures = benchmarks.run_benchmark("babe", scorer)["figures"]
    scored = [result.scores for result in scorer(row["text"] for row in rows)]
    answers = np.array([max(scores[Axis.EMOTIVE], scores[Axis.EMOTIVE_QUOTED]) for scores in scored])
    truth = np.array([row["label"] == "Biased" for row in rows])
    for name, found in figures.items():
        folds = np.array([row[name] for row in rows])
        of_folds: dict[str, list[float]] = {"stored": [], "fitted": []}
        for fold in range(5):
            train, test = folds != fold, folds == fold
            fitted = max(
                np.unique(answers), key=lambda at: f1_score(truth[train], answers[train] >= at, average="macro")
            )
            for threshold, at in (("stored", scorer.thresholds[Axis.EMOTIVE]), ("fitted", fitted)):
                of_folds[threshold].append(f1_score(truth[test], answers[test] >= at, average="macro"))
        assert {key: one.value for key, one in found.items()} == pytest.approx(
            {key: np.mean(values) for key, values in of_folds.items()}
        )


def test_an_absent_benchmark_names_the_variable(tmp_path, monkeypatch, tiny_checkpoint):
    monkeypatch.setenv("REPORTEDLY_CORPORA", str(tmp_path))
    with pytest.raises(CorpusError, match="REPORTEDLY_CORPORA"):
        benchmarks.run_benchmark("babe", Scorer.from_pretrained(tiny_checkpoint))
