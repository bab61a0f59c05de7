import json
import math
from dataclasses import replace
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from sklearn.metrics import f1_score

from reportedly.eval import corpus as corpora_module
from reportedly.eval import results as schema
from reportedly.eval.compare import compare
from reportedly.eval.corpus import Annotation
from reportedly.eval.evaluate import evaluate
from reportedly.eval.paired import holm
from reportedly.eval.predictions import Erasure, Prediction, Predictions
from reportedly.eval.predictors import BASELINES
from reportedly.eval.readers import open_corpus, read_invented
from reportedly.eval.results import plain, read_results, write_results
from reportedly.eval.sample import measure, samples
from reportedly.eval.slices import attributes
from reportedly.model.axes import AXES, Axis
from reportedly.model.voice import quoted_regions


def fits(value, hint, where="results"):
    """Whether builtins fit a type hint, TypedDicts included; says where not."""
    if isinstance(hint, type) and issubclass(hint, dict) and (fields := get_type_hints(hint)):
        assert isinstance(value, dict), where
        assert set(value) == set(fields), f"{where}: {set(value) ^ set(fields)}"
        for name, part in fields.items():
            fits(value[name], part, f"{where}.{name}")
    elif get_origin(hint) is dict:
        assert isinstance(value, dict), where
        for name, item in value.items():
            fits(item, get_args(hint)[1], f"{where}.{name}")
    elif get_origin(hint) is list:
        assert isinstance(value, list), where
        for index, item in enumerate(value):
            fits(item, get_args(hint)[0], f"{where}[{index}]")
    elif hint is Any:
        return
    elif get_args(hint):  # a union with None
        if value is not None:
            fits(value, next(arm for arm in get_args(hint) if arm is not type(None)), where)
        else:
            assert type(None) in get_args(hint), where
    elif hint is float:
        assert isinstance(value, int | float), where
    elif isinstance(hint, type):
        assert isinstance(value, hint), f"{where}: {value!r} is not {hint}"


def test_results_follow_the_schema(results):
    fits(results, schema.Results)


def test_results_round_trip_and_the_version_is_checked(tmp_path, results):
    write_results(tmp_path / schema.RESULTS, results)
    assert read_results(tmp_path) == results
    write_results(tmp_path / schema.RESULTS, results | {"schema": 0})
    with pytest.raises(schema.CorpusError, match="field schema is 0"):
        read_results(tmp_path)


def test_the_same_input_gives_the_same_results(corpus, predictions):
    first, second = (plain(evaluate(corpus, predictions, {}, resamples=100, seed=4)) for _ in range(2))
    assert first == second


def test_f1_is_that_of_the_predictions(corpus, predictions, results):
    for axis in AXES:
        truth = [sentence.gold.grades[axis] > 0 for sentence in corpus.sentences]
        said = [row.scores[axis] >= 0.5 for row in predictions.rows]
        found = results["systems"]["model"]["axes"][axis]
        assert found["measures"]["f1"]["value"] == pytest.approx(f1_score(truth, said), abs=1e-6)
        assert found["confusion"]["true_positive"] + found["confusion"]["false_negative"] == sum(truth)
    mean = np.mean([results["systems"]["model"]["axes"][axis]["measures"]["f1"]["value"] for axis in AXES])
    assert results["systems"]["model"]["macro"]["f1"]["value"] == pytest.approx(mean, abs=1e-5)


def test_perfect_predictions(corpus):
    rows = tuple(
        Prediction({axis: float(grade > 0) for axis, grade in s.gold.grades.items()}, dict(s.gold.evidence))
        for s in corpus.sentences
    )
    perfect = evaluate(corpus, Predictions("perfect", "0", dict.fromkeys(AXES, 0.5), rows), {}, resamples=100)
    for found in perfect["systems"]["model"]["axes"].values():
        for name in ("f1", "mcc", "average_precision", "roc_auc", "span_exact_f1", "span_character_f1"):
            assert found["measures"][name].value == pytest.approx(1.0), name
        assert found["measures"]["brier"].value == 0
    assert not any(kinds["false_positive"] + kinds["false_negative"] for kinds in perfect["errors"].values())


def test_faithfulness_by_hand(corpus):
    rows = [Prediction({Axis.HEDGING: 0.1}) for _ in corpus.sentences]
    rows[0] = Prediction({Axis.HEDGING: 0.9}, None, {Axis.HEDGING: Erasure(0.2, 0.8)})
    rows[5] = Prediction({Axis.HEDGING: 0.7}, None, {Axis.HEDGING: Erasure(0.6, 0.7)})
    found = samples(corpus, Predictions("x", "0", {Axis.HEDGING: 0.5}, tuple(rows)))[Axis.HEDGING]
    measured = measure(found, np.ones(len(corpus.sentences)))
    assert measured["drop_without_evidence"] == pytest.approx((0.7 + 0.1) / 2)
    assert measured["drop_without_random"] == pytest.approx((0.1 + 0.0) / 2)
    assert measured["faithfulness"] == pytest.approx(0.35)


def test_what_resampling_would_bias_has_no_interval(results):
    system = results["systems"]["model"]
    for measures in (system["macro"], *(found["measures"] for found in system["axes"].values())):
        for name in ("calibration_error", "brier_reliability"):
            assert measures[name]["value"] > 0
            assert (measures[name]["low"], measures[name]["high"]) == (None, None)
        assert measures["brier"]["low"] < measures["brier"]["value"] < measures["brier"]["high"]


def test_quotations_are_sought_once_a_document(monkeypatch, written):
    # regression: the whole document was searched again for each of its sentences
    sought = []
    monkeypatch.setattr(corpora_module, "quoted_regions", lambda text: sought.append(text) or quoted_regions(text))
    fresh = read_invented(written, "test")
    for sentence in fresh.sentences:
        attributes(fresh, sentence)
    assert sought == list(fresh.documents.values())


def test_slices_part_the_corpus(corpus, results):
    for attribute in ("voice", "length", "style", "topic"):
        assert sum(row["sentences"] for row in results["slices"] if row["attribute"] == attribute) == len(
            corpus.sentences
        )
    quoted = next(sentence for sentence in corpus.sentences if corpus.text(sentence).startswith("“"))
    assert attributes(corpus, quoted)["voice"] == "mixed"
    assert attributes(corpus, quoted)["length"] == "12 words or fewer"


def test_a_slice_has_the_figures_of_its_sentences(corpus, predictions, results):
    row = next(row for row in results["slices"] if row["value"] == "blog")
    inside = [index for index, s in enumerate(corpus.sentences) if s.attributes["style"] == "blog"]
    truth = [corpus.sentences[index].gold.grades[Axis.HEDGING] > 0 for index in inside]
    said = [predictions.rows[index].scores[Axis.HEDGING] >= 0.5 for index in inside]
    assert row["axes"]["hedging"]["f1"]["value"] == pytest.approx(f1_score(truth, said), abs=1e-6)


def test_a_slice_of_other_axes_is_left_out(tmp_path):
    # regression: it ended the evaluation
    labels = tmp_path / "labels.jsonl"
    rows = [{"text": f"It may rain, {n}.", "hedging": n % 2, "outlet": "Osterby Post"} for n in range(6)]
    rows += [{"text": f"A vile day, {n}.", "emotive": n % 2, "outlet": "Gannet"} for n in range(6)]
    labels.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    corpus = open_corpus(str(labels), "all")
    scored = Predictions("one axis", "0", {Axis.HEDGING: 0.5}, (Prediction({Axis.HEDGING: 0.4}),) * 12)
    found = evaluate(corpus, scored, {}, resamples=20)["slices"]
    assert [row["value"] for row in found if row["attribute"] == "outlet"] == ["Osterby Post"]


def test_a_slice_pools_the_decisions_on_all_axes(corpus, predictions, results):
    row = next(row for row in results["slices"] if row["value"] == "wire")
    inside = [index for index, s in enumerate(corpus.sentences) if s.attributes["style"] == "wire"]
    truth = [corpus.sentences[index].gold.grades[axis] > 0 for index in inside for axis in AXES]
    said = [predictions.rows[index].scores[axis] >= 0.5 for index in inside for axis in AXES]
    assert row["pooled_f1"]["value"] == pytest.approx(f1_score(truth, said), abs=1e-6)


def test_cues_seen_in_training(results):
    # every cue of the small corpus stands in its train split, and none of them is ever innocent
    found = results["cues"]["axes"]["hedging"]
    assert found["recall_seen"]["sentences"] > 0
    assert found["recall_unseen"] == {"sentences": 0, "rate": {"value": None, "low": None, "high": None}}
    assert results["cues"]["training"] == ["invented train"]


def test_ceiling_measures_pass_against_pass(corpus, results):
    # the second pass is blank on article a1, all other passes agree
    disputed = sum(s.article == "a1" and s.gold.grades[Axis.HEDGING] > 0 for s in corpus.sentences)
    total = sum(s.gold.grades[Axis.HEDGING] > 0 for s in corpus.sentences)
    found = results["ceiling"]["hedging"]
    assert found["disputed"] == disputed
    assert found["passes"]["f1"]["value"] == pytest.approx(2 * (total - disputed) / (2 * total - disputed), abs=1e-6)


def test_errors_are_the_most_confident_first(results):
    for kinds in results["errors"].values():
        scores = [error["score"] for error in kinds["false_positive"]]
        assert scores == sorted(scores, reverse=True)
        assert all(error["grade"] == 0 for error in kinds["false_positive"])
        missed = [error["score"] for error in kinds["false_negative"]]
        assert missed == sorted(missed)


def test_a_system_does_not_differ_from_itself(corpus, predictions):
    for row in compare(corpus, predictions, predictions, 100, 0).values():
        assert row["difference"]["f1"].value == 0
        assert set(row["p"].values()) == {1.0}
        assert (row["only_one_right"], row["only_other_right"]) == (0, 0)


def test_average_precision_of_few_articles_is_not_tested(corpus, predictions):
    """Resamples of two articles are nearly all alike, and a difference of one sign in them was p = .002."""
    other = BASELINES["wordlist"](open_corpus("invented", "train"), corpus)
    articles = sorted({sentence.article for sentence in corpus.sentences})[:4]
    rows = [index for index, sentence in enumerate(corpus.sentences) if sentence.article in articles]
    few = replace(corpus, sentences=tuple(corpus.sentences[row] for row in rows))
    of_few = [replace(system, rows=tuple(system.rows[row] for row in rows)) for system in (predictions, other)]
    for row in compare(few, *of_few, 100, 0).values():
        assert math.isnan(row["p"]["average_precision_bootstrap"])
        assert math.isnan(row["p_holm"]["average_precision_bootstrap"])


def test_a_system_of_one_axis_stands_beside_baselines_on_that_axis(corpora, corpus, predictions):
    """Regression: its mean over one axis was set beside the mean of the baselines over four."""
    alone = replace(
        predictions,
        rows=tuple(replace(row, scores={Axis.HEDGING: row.scores[Axis.HEDGING]}) for row in predictions.rows),
    )
    baseline = BASELINES["wordlist"](open_corpus("invented", "train"), corpus)
    systems = evaluate(corpus, alone, {"wordlist": baseline}, resamples=20)["systems"]
    assert [list(system["axes"]) for system in systems.values()] == [[Axis.HEDGING]] * 2
    assert systems["wordlist"]["macro"]["f1"].value == systems["wordlist"]["axes"][Axis.HEDGING]["measures"]["f1"].value


def test_comparison_turns_round(corpora, corpus, predictions):
    other = BASELINES["wordlist"](open_corpus("invented", "train"), corpus)
    forth, back = compare(corpus, predictions, other, 200, 0), compare(corpus, other, predictions, 200, 0)
    for axis in AXES:
        assert forth[axis]["difference"]["f1"].value == pytest.approx(-back[axis]["difference"]["f1"].value)
        assert forth[axis]["p"]["f1_permutation"] == pytest.approx(back[axis]["p"]["f1_permutation"])
        assert forth[axis]["only_one_right"] == back[axis]["only_other_right"]


def test_an_axis_without_a_test_leaves_the_correction_of_the_others(corpus, predictions):
    # regression: no sentence has the axis, so its average precision has no p, which spoilt the adjusted ones
    blank = replace(
        corpus,
        sentences=tuple(
            replace(sentence, gold=Annotation({**sentence.gold.grades, Axis.HEDGING: 0}))
            for sentence in corpus.sentences
        ),
    )
    other = replace(predictions, rows=tuple(reversed(predictions.rows)))
    name = "average_precision_bootstrap"
    found = compare(blank, predictions, other, 100, 0)
    assert math.isnan(found[Axis.HEDGING]["p"][name])
    assert math.isnan(found[Axis.HEDGING]["p_holm"][name])
    tested = {axis: row["p"][name] for axis, row in found.items() if axis is not Axis.HEDGING}
    assert {axis: found[axis]["p_holm"][name] for axis in tested} == holm(tested)


def test_undefined_measures_are_null():
    assert plain({"a": float("nan"), "b": [math.inf, 0.1234567]}) == {"a": None, "b": [None, 0.123457]}


def test_no_common_axis_is_an_error(corpus):
    silent = Predictions("x", "0", {}, tuple(Prediction({}) for _ in corpus.sentences))
    with pytest.raises(schema.CorpusError, match=r"invented has no label of an axis that x scores.*--label-map"):
        evaluate(corpus, silent, {})


def test_every_field_and_measure_is_documented(results):
    from pathlib import Path

    documented = (Path(schema.__file__).parents[1] / "docs" / "results.md").read_text(encoding="utf-8")
    records = [record for record in vars(schema).values() if isinstance(record, type) and issubclass(record, dict)]
    names = {name for record in records for name in get_type_hints(record)}
    names |= {
        name
        for found in results["systems"]["model"]["axes"].values()
        for name in found["measures"]
        if "span" not in name
    }
    assert not [name for name in sorted(names) if f"`{name}`" not in documented]
