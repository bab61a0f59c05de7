"""Tables of what training measured, from records made up here."""

import json
from dataclasses import fields

import pytest

from reportedly.eval.figures import ABLATIONS
from reportedly.eval.training_tables import (
    _LATER,
    _LATER_OF_CORPORA,
    _filled,
    ablation_table,
    benchmark_table,
    gather_variant,
    held_out_means,
    held_out_table,
    read_records,
)
from reportedly.model.axes import AXES
from reportedly.training.config import CorpusConfig, TrainConfig

FIGURE = {"mean": 0.8123, "deviation": 0.0104}
BENCHMARK = {
    "title": "Made-up bias",
    "metric": "macro_f1",
    "published": [
        {"system": "Big", "value": 0.841, "parameters": 125},
        {"system": "Rules", "value": 0.5, "parameters": None},
    ],
    "config": {"encoder": "small"},
    "parameters": 22_700_000,
    "figures": {"macro_f1": FIGURE, "average_precision": {"mean": 0.9, "deviation": None}},
    "runs": [{"part": f"fold{number}", "seed": 13} for number in range(5)],
    "looks": [{}, {}],
}


def _run(fold: int, seed: int, f1: float, **changes: object) -> dict:
    measures = {"f1": f1, "average_precision": 0.5, "token_f1": 0.25, "calibration_error": 0.02}
    config = {"name": "base", "average_decay": 0.995, "corpora": [{"name": "news3", "share": 1.0}], "seed": seed}
    return {
        "fold": fold,
        "revision": "abc",
        "config": config | changes,
        "held_out": {axis: measures | {"f1": f1 + 0.01 * index} for index, axis in enumerate(AXES)},
    }


def _gathered(folder, *runs):
    for run in runs:
        file = folder / f"{run['fold']}-{run['config']['seed']}" / "training.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(run))
    return gather_variant(folder)


def test_a_benchmark_stands_beside_the_published_figures():
    row = benchmark_table([BENCHMARK]).splitlines()[2]
    assert row == (
        "| Made-up bias: macro F1 | **0.812 ± 0.010** (23 M) | 0.900 "
        "| Big .841 (125 M); Rules .500 | `small` | 5 folds | 2 |"
    )


def test_what_was_not_run_has_no_row(tmp_path):
    assert read_records(tmp_path / "nothing") == []
    assert benchmark_table([]) == ablation_table([]) == held_out_table([]) == "No run is recorded yet.\n"


def test_variants_are_paired_with_the_base_by_fold_and_seed(tmp_path):
    base = _gathered(tmp_path / "base", _run(0, 13, 0.70), _run(1, 14, 0.80))
    other = _gathered(
        tmp_path / "plain",
        _run(0, 13, 0.69, name="plain", average_decay=0.0),
        _run(1, 14, 0.77, name="plain", average_decay=0.0),
    )
    _, _, first, second = ablation_table([other, base]).splitlines()
    # mean over the axes is f1 + .015: .715 and .815, then .705 and .785; differences -.01 and -.03
    assert first.startswith("| base | 0.765 ± 0.071 |  | 0.750 ± 0.071 | 0.760 ")
    assert second.startswith("| average_decay 0.995 → 0.0 | 0.745 ± 0.057 | -0.020 ± 0.014 | 0.730 ")
    assert second.endswith("| 0.500 ± 0.000 | 0.250 ± 0.000 | 2 |")


def test_until_the_base_is_run_variants_stand_beside_the_whole_recipe(tmp_path):
    whole = _gathered(tmp_path / "open", _run(0, 13, 0.7, name="open"))
    other = _gathered(tmp_path / "plain", _run(0, 13, 0.69, name="plain", average_decay=0.0))
    _, _, first, second = ablation_table([other, whole]).splitlines()
    assert first.startswith("| base | 0.715 |  |")
    assert second.startswith("| average_decay 0.995 → 0.0 | 0.705 | -0.010 |")


def test_the_shipped_recipe_has_its_own_table(tmp_path):
    base = _gathered(tmp_path / "base", _run(0, 13, 0.5))
    whole = _gathered(tmp_path / "open", _run(0, 13, 0.7, name="open"), _run(0, 14, 0.8, name="open"))
    assert held_out_table([base]) == "No run is recorded yet.\n"
    rows = held_out_table([base, whole]).splitlines()
    assert rows[3] == "| emotive | 0.760 ± 0.071 | 0.500 ± 0.000 | 0.020 ± 0.000 | 0.250 ± 0.000 |"
    assert rows[6] == "| **mean** | 0.765 ± 0.071 | 0.500 ± 0.000 | 0.020 ± 0.000 | 0.250 ± 0.000 |"
    assert rows[-1] == "Runs: 2."
    assert held_out_means([base]) == {}
    assert held_out_means([base, whole])["f1"] == pytest.approx(0.765)


@pytest.mark.parametrize(
    ("corpora", "change"),
    [
        ([("news3", 1.0), ("written", 1.0)], "+ written"),
        ([("written", 1.0)], "+ written, − news3"),
        ([("news3", 0.5)], "in other shares"),
    ],
)
def test_a_change_of_corpora_is_told_by_their_names(tmp_path, corpora, change):
    base = _gathered(tmp_path / "base", _run(0, 13, 0.7))
    changed = [{"name": name, "share": share} for name, share in corpora]
    other = _gathered(tmp_path / "more", _run(0, 13, 0.7, name="more", corpora=changed))
    assert f"| corpora {change} | 0.715 | +0.000 |" in ablation_table([base, other])


def test_runs_of_two_configurations_are_not_one_variant(tmp_path):
    with pytest.raises(ValueError, match=r"1-14/training\.json: is of another configuration"):
        _gathered(tmp_path, _run(0, 13, 0.7), _run(1, 14, 0.7, average_decay=0.5))


def test_a_run_from_before_a_field_is_of_the_same_configuration(tmp_path):
    before = [{"name": "news3", "share": 1.0}]
    after = [{"name": "news3", "share": 1.0, "soft": True}]
    old = _gathered(tmp_path / "old", _run(0, 13, 0.7, corpora=before), _run(0, 14, 0.7, corpora=after))
    new = _gathered(tmp_path / "new", _run(0, 13, 0.7, name="new", average_decay=0.0, corpora=after))
    assert "| average_decay 0.995 → 0.0 | 0.715 |" in ablation_table([old, new])
    assert "| average_decay 0.995 → 0.0 | 0.715 |" in ablation_table(
        [old | {"config": _run(0, 13, 0.7)["config"]}, new]
    )


def test_every_later_field_is_known_to_the_tables():
    """A field that the first records lack has its default here, or they would be told to differ in it."""
    assert _LATER.items() <= {field.name: field.default for field in fields(TrainConfig)}.items()
    assert _LATER_OF_CORPORA.items() <= {field.name: field.default for field in fields(CorpusConfig)}.items()
    for record in read_records(ABLATIONS):
        config = _filled(record["config"])
        assert set(config) >= {field.name for field in fields(TrainConfig)} - {"seed"}, record["variant"]
        for corpus in config["corpora"]:
            assert set(corpus) >= {field.name for field in fields(CorpusConfig)}, record["variant"]


def test_a_benchmark_whose_first_look_is_not_ended_has_no_row():
    assert benchmark_table([{"runs": [], "looks": [{"date": "2031-04-11"}]}]) == "No run is recorded yet.\n"


def test_a_run_that_held_out_nothing_is_named(tmp_path):
    run = _run(0, 13, 0.7)
    del run["held_out"]
    with pytest.raises(ValueError, match="held out no fold"):
        _gathered(tmp_path, run)
