import json

import pytest
from typer.testing import CliRunner

from reportedly.cli import app
from reportedly.eval.results import read_results


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_eval_writes_predictions_results_and_both_pages(tmp_path, corpora, tiny_checkpoint):
    out = tmp_path / "out"
    done = run("eval", tiny_checkpoint, "-o", out, "--resamples", 100)
    assert done.exit_code == 0, done.output
    written = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert written == {
        "predictions/model.jsonl",
        "predictions/wordlist.jsonl",
        "predictions/lexicon.jsonl",
        "predictions/tfidf.jsonl",
        "predictions/majority.jsonl",
        "results.json",
        "report.html",
        "report.md",
    }
    results = read_results(out)
    assert results["behaviour"]["cases"] >= 400
    assert set(results["systems"]) == {"model", "wordlist", "lexicon", "tfidf", "majority"}


def test_predictions_evaluate_to_the_same_figures(tmp_path, corpora, tiny_checkpoint):
    run("eval", tiny_checkpoint, "-o", tmp_path / "one", "--resamples", 100)
    done = run("eval", tmp_path / "one/predictions/model.jsonl", "-o", tmp_path / "two", "--resamples", 100)
    assert done.exit_code == 0, done.output
    one, two = read_results(tmp_path / "one"), read_results(tmp_path / "two")
    assert one["systems"]["model"] == two["systems"]["model"]
    assert two["behaviour"] is None


def test_users_labels_of_one_axis(tmp_path, corpora):
    mine = tmp_path / "mine.jsonl"
    rows = [("It may rain.", True), ("It rained.", False), ("He reportedly left.", True), ("He left.", False)]
    mine.write_text("".join(json.dumps({"text": text, "hedging": flag}) + "\n" for text, flag in rows))
    done = run("eval", "wordlist", "--corpus", mine, "-o", tmp_path / "out", "--resamples", 100)
    assert done.exit_code == 0, done.output
    results = read_results(tmp_path / "out")
    assert list(results["systems"]["model"]["axes"]) == ["hedging"]
    assert results["systems"]["model"]["axes"]["hedging"]["measures"]["f1"]["value"] == 1
    assert results["systems"]["model"]["axes"]["hedging"]["grades"] is None
    learnt = "The learnt lexicon and TF-IDF learn from the train split of invented."  # regression: no page said so
    assert learnt in (tmp_path / "out" / "report.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--label-map", "LABEL_1=emotive"), "--label-map"),
        (("tfidf", "--label-map", "LABEL_1=emotive"), "--label-map"),
        (("some/model", "--corpus", "babe", "--label-map", "LABEL_1=emotive"), "--label-map"),
        (("--corpus", "babe", "--split", "train"), "--split"),
        (("tfidf", "--corpus", "babe"), "MODEL"),
        (("mine.jsonl", "--corpus", "babe"), "MODEL"),
        (("--corpus", "mine.jsonl", "--split", "train"), "--split"),
    ],
)
def test_options_that_would_do_nothing_are_refused(tmp_path, arguments, named):
    # regression: with a label map and no model the shipped checkpoint was measured
    done = run("eval", *arguments, "-o", tmp_path)
    assert done.exit_code == 2
    assert f"Invalid value for {named}" in done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("gone.jsonl",), "gone.jsonl: no such file\n"),  # regression: told to be no corpus
        (("--corpus", "gone"), "gone: no such file, and no corpus that `reportedly eval --help` lists\n"),
    ],
)
def test_what_is_not_there_is_told_as_what_it_was_to_be(tmp_path, corpora, arguments, message):
    done = run("eval", *arguments, "-o", tmp_path)
    assert (done.exit_code, done.output) == (2, f"reportedly: {message}")


def test_fitted_baselines_are_left_out_on_the_split_they_learn_from(tmp_path, corpora):
    # regression: the lexicon and TF-IDF were measured on the very sentences that they had been fitted on
    done = run("eval", "wordlist", "--split", "train", "-o", tmp_path, "--resamples", 100)
    assert done.exit_code == 0, done.output
    results = read_results(tmp_path)
    assert set(results["systems"]) == {"model", "majority"}
    assert any("learn from these very sentences" in note for note in results["corpus"]["notes"])
    for page in ("report.md", "report.html"):
        assert "learn from these very sentences" in (tmp_path / page).read_text()
    assert "was trained on the training split" not in (tmp_path / "report.html").read_text()


def test_predictions_of_another_axis_are_named(tmp_path, corpora):
    # regression: no axis in common ended in a traceback
    mine, theirs = tmp_path / "mine.jsonl", tmp_path / "theirs.jsonl"
    mine.write_text('{"text": "It may rain.", "hedging": true}\n')
    theirs.write_text('{"id": "1", "scores": {"emotive": 0.25}}\n')
    done = run("eval", theirs, "--corpus", mine, "-o", tmp_path / "out")
    assert done.exit_code == 2
    assert "theirs.jsonl: field scores has emotive only" in done.output
    assert not (tmp_path / "out").exists()


def test_compare(tmp_path, corpora):
    for name in ("wordlist", "tfidf"):
        run("eval", name, "-o", tmp_path / name, "--resamples", 100)
    done = run("compare", tmp_path / "wordlist", tmp_path / "tfidf", "-o", tmp_path / "both")
    assert done.exit_code == 0, done.output
    assert "| hedging | F1 |" in done.output
    assert (tmp_path / "both" / "comparison.md").read_text() == done.output
    assert json.loads((tmp_path / "both" / "comparison.json").read_text())["axes"]["hedging"]["p_holm"]


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "not JSON in UTF-8"), ("[]", "field schema is None"), ('{"schema": 0}', "field schema is 0")],
)
def test_compare_names_broken_results(tmp_path, content, message):
    (tmp_path / "results.json").write_text(content)
    done = run("compare", tmp_path, tmp_path)
    assert done.exit_code == 2
    assert "results.json: " in done.output
    assert message in done.output


def test_compare_says_where_labels_are_missing(tmp_path, corpora, monkeypatch):
    # regression: it asked for the name of a corpus
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.jsonl").write_text('{"text": "It may rain.", "hedging": 1}\n')
    assert run("eval", "wordlist", "--corpus", "mine.jsonl", "-o", "one", "--resamples", 100).exit_code == 0
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    done = run("compare", "../one", "../one")
    assert done.exit_code == 2
    assert "mine.jsonl: the labels of ../one are not there; compare from the folder where eval was run" in done.output


def test_eval_into_a_file_is_refused(tmp_path, corpora):
    # regression: a traceback
    (tmp_path / "file").write_text("")
    assert run("eval", "wordlist", "-o", tmp_path / "file", "--resamples", 100).exit_code == 2


def test_compare_refuses_other_sentences(tmp_path, corpora):
    run("eval", "wordlist", "-o", tmp_path / "one", "--resamples", 100)
    run("eval", "wordlist", "-o", tmp_path / "two", "--split", "train", "--resamples", 100)
    done = run("compare", tmp_path / "one", tmp_path / "two")
    assert done.exit_code == 2
    assert "only results on the same sentences compare" in done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["eval", "nowhere"], "no such folder"),
        (["eval", "wordlist", "--corpus", "nowhere.jsonl"], "no such file"),
        (["eval", "wordlist", "--corpus", "news3", "--split", "dev"], "REPORTEDLY_CORPORA"),
        (["eval", "tfidf", "--split", "train"], "tfidf learns from invented train itself; give another --split"),
        (["eval", "some/model", "--label-map", "X=bias"], "expected LABEL=axis"),
        (["compare", "nowhere", "nowhere"], "no such file"),
    ],
)
def test_errors_are_one_line_and_exit_2(tmp_path, corpora, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.exit_code == 2
    assert message in done.output
