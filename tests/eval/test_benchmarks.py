import json

import pytest

from reportedly.eval import benchmarks
from reportedly.eval.corpus import CorpusError
from reportedly.model.scorer import Scorer


@pytest.mark.parametrize("name", benchmarks.BENCHMARKS)
def test_a_benchmark_measures_its_test_part(tmp_path, monkeypatch, tiny_checkpoint, name):
    benchmark = benchmarks.BENCHMARKS[name]
    rows = [
        {"text": f"The mayor said {'may ' * (number % 3)}so.", "label": label, "split": split}
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
    assert all(0 <= value <= 1 for figures in found["figures"].values() for value in figures.values())


def test_an_absent_benchmark_names_the_variable(tmp_path, monkeypatch, tiny_checkpoint):
    monkeypatch.setenv("REPORTEDLY_CORPORA", str(tmp_path))
    with pytest.raises(CorpusError, match="REPORTEDLY_CORPORA"):
        benchmarks.run_benchmark("babe", Scorer.from_pretrained(tiny_checkpoint))
