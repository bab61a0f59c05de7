import json

import pytest

from reportedly.eval import figures
from reportedly.eval.glance import glance
from reportedly.model.axes import AXES
from reportedly.model.loading import open_checkpoint


@pytest.fixture
def committed():
    found = figures.committed()
    if not found:
        pytest.skip("no results of the shipped model are committed in this tree")
    return found


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("name", figures.DOCUMENTS)
def test_documents_hold_the_figures_of_the_committed_results(name):
    text = (figures.ROOT / name).read_text(encoding="utf-8")
    assert figures.rewrite(text, figures.all_blocks()) == text, "run: python -m reportedly.eval.figures"


def test_committed_results_are_of_the_shipped_checkpoint(committed, shipped):
    measured = {results["systems"]["model"]["hash"] for results in committed}
    measured |= {benchmark["model"] for benchmark in figures.committed_benchmarks()}
    assert measured == {open_checkpoint(shipped).hash}, "run: make figures"


def test_committed_results_quote_no_sentence_of_a_corpus(committed):
    # regression: the errors of news3, whose sentences may not be published, were about to be committed
    assert all(results["errors"] == {} for results in committed)


def test_unknown_block_is_an_error():
    with pytest.raises(KeyError, match="nothing"):
        figures.rewrite("<!-- figures:nothing -->\n<!-- /figures -->", {})


def test_an_absent_document_is_an_error(tmp_path, monkeypatch):
    # regression: a name that no page has was passed over
    monkeypatch.setattr(figures, "ROOT", tmp_path)
    monkeypatch.setattr(figures, "DOCUMENTS", ("misspelt.md",))
    with pytest.raises(FileNotFoundError, match="misspelt"):
        figures.main([])


def test_the_calibration_error_is_a_plain_number(results):
    lines = figures.blocks(results)["invented-headline"].splitlines()
    assert [line.split("|")[4].strip().replace(".", "").isdigit() for line in lines[2:]] == [True] * (len(AXES) + 1)


def test_every_block_renders(results):
    results["ceiling"] = None
    for name, text in figures.blocks(results).items():
        assert name.startswith(f"{results['corpus']['name']}-")
        assert text.endswith("\n")
        tables = [line for line in text.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in tables}) <= 1


def test_the_runs_of_a_variant_are_taken_over_and_fill_the_table(tmp_path, monkeypatch):
    measures = {"f1": 0.75, "average_precision": 0.5, "token_f1": 0.25}
    run = {
        "fold": 0,
        "revision": "abc",
        "config": {"name": "base", "seed": 13},
        "held_out": dict.fromkeys(("hedging", "emotive", "emotive_quoted", "unverified"), measures),
    }
    file = tmp_path / "runs" / "0-13" / "training.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(run))
    (tmp_path / "table.md").write_text("<!-- figures:ablations -->\n<!-- /figures -->\n")
    monkeypatch.setattr(figures, "ROOT", tmp_path)
    monkeypatch.setattr(figures, "ABLATIONS", tmp_path / "ablations")
    monkeypatch.setattr(figures, "DOCUMENTS", ("table.md",))
    figures.main([str(tmp_path / "runs")])
    assert json.loads((tmp_path / "ablations" / "base.json").read_text())["variant"] == "base"
    assert "| base | 0.750 |" in (tmp_path / "table.md").read_text()


def test_every_look_at_a_benchmark_is_kept(tmp_path, monkeypatch):
    # the count was written by hand
    monkeypatch.setattr(figures, "BENCHMARKS", tmp_path / "committed")
    monkeypatch.setattr(figures, "DOCUMENTS", ())
    for model, stored in (("a", 0.5), ("a", 0.5), ("b", 0.25), ("a", 0.5)):
        measure = {"value": stored, "low": None, "high": None}
        measured = {"benchmark": "babe", "protocol": "P", "published": "1", "model": model}
        measured |= {"figures": {"test": {"stored": measure, "fitted": measure}}}
        (tmp_path / "run").mkdir(exist_ok=True)
        (tmp_path / "run" / "benchmark.json").write_text(json.dumps(measured))
        figures.main([str(tmp_path / "run")])
    row = "| P | test | 0.500 | 0.500 | 0.250 to 0.500 (3) | 1 |\n"
    assert figures.all_blocks()["transfer"].endswith(row)


def test_the_figures_at_a_glance(results):
    rates = {
        "pipeline, batch_size=32, same checkpoint": 100.0,
        "pipeline, batch_size=32, RoBERTa-base, random weights": 12.5,
        "network alone, torch": 450.0,
        "reportedly, torch": 350.0,
        "reportedly, openvino": 400.0,
    }
    measured = {"sentences_per_second": rates, "machine": {"cores": 2, "cpu": "Abacus"}}
    results["behaviour"] = {"pass_rate": 0.9, "cases": 1200}
    lines = glance(results, results, {"f1": 0.8, "calibration_error": 0.013}, measured).splitlines()
    assert lines[0].startswith("- **Accuracy**: mean F1 over the four axes 0.80 on ")
    assert "expected error 0.013" in lines[1]
    assert "400 sentences/s from files to Parquet on 2 cores (Abacus), 4.0 times the" in lines[2]
    assert lines[2].endswith("32 times RoBERTa-base in it")
    assert lines[3] == "- **Behaviour**: 90.0 % of 1,200 hand-written cases as they should be"
