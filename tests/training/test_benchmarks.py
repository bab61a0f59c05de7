"""Published protocols, on a tiny encoder and corpora of our own making in the shape of the real ones."""

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import yaml
from rich.console import Console
from typer.testing import CliRunner

import reportedly
from reportedly.cli import app
from reportedly.model.axes import AXES
from reportedly.training import benchmarks as module
from reportedly.training.benchmarks import run_benchmark
from reportedly.training.config import BenchmarkConfig, ConfigError
from reportedly.training.corpora import CorpusError
from reportedly.training.encoder import new_network
from reportedly.training.protocols import PROTOCOLS
from reportedly.training.records import versions

CONSOLE = Console(quiet=True)


def _row(number: int) -> dict:
    """A row that has the fields of every benchmark; every third says *alarming*, and is positive for each."""
    positive = number % 3 == 0
    return {
        "id": f"r{number}",
        "text": f"the {'alarming' if positive else 'town'} report {number}",
        "spans": [{"start": 4, "end": 12, "label": label} for label in ("biased_word", "cue:speculation")] * positive,
        "source": f"a{number // 2}",
        "news_link": f"https://outlet.example/{number // 2}",
        "fold_official5": number % 5,
        "fold_group5": number // 2 % 5,
        "loaded_language": positive,
        "frac_biased": 0.9 if positive else 0.1,
    }


def _cues(rows: list[dict]) -> list[dict]:
    """Cues of the positive rows, as the file beside WikiWeasel has them; none was found in row 0."""
    spans = [{"start": 4, "end": 12, "label": "silver_cue"}]
    return [{"id": row["id"], "spans": spans if row["id"] != "r0" else []} for row in rows if row["loaded_language"]]


def _written(root: Path, file: str, rows: list[dict]) -> None:
    (root / file).parent.mkdir(exist_ok=True)
    (root / file).write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def corpora(tmp_path, monkeypatch):
    root = tmp_path / "corpora"
    root.mkdir()
    monkeypatch.setenv("REPORTEDLY_CORPORA", str(root))
    rows = [_row(number) for number in range(60)]
    bias = ["Non-biased", "Biased"]
    no_agreement = {"label": "No agreement", "fold_official5": None, "fold_group5": None}
    babe = [*({**row, "label": bias[row["loaded_language"]]} for row in rows), _row(60) | no_agreement]
    _written(root, PROTOCOLS["babe"].file, babe)
    _written(root, PROTOCOLS["conll2010_wiki"].spans_file, _cues(rows))
    for name, labels, splits in (
        ("conll2010_bio", ("certain", "uncertain"), ("train", "train", "test")),
        ("conll2010_wiki", ("certain", "uncertain"), ("train",)),
        ("checkthat_subj_en", ("OBJ", "SUBJ"), ("train", "dev", "train", "dev_test")),
        ("ptc", ("non-propaganda", "propaganda"), ("train",)),
    ):
        parted = (
            row | {"label": labels[row["loaded_language"]], "split": splits[number // 3 % len(splits)]}
            for number, row in enumerate(rows)
        )
        _written(
            root, PROTOCOLS[name].file, [{**row, "spans": []} if row["split"] == "test" else row for row in parted]
        )
    return root


@pytest.fixture
def config(tiny_checkpoint):
    return BenchmarkConfig(
        name="checkthat_subj_en",
        encoder=str(tiny_checkpoint),
        epochs=2,
        learning_rate=2e-3,
        head_learning_rate=1e-2,
        batch_size=16,
        max_tokens=64,
        repeats=2,
        refit=True,
    )


@pytest.mark.usefixtures("corpora")
@pytest.mark.parametrize("name", PROTOCOLS)
def test_parts_share_nothing_and_leave_no_row_out(name):
    protocol = PROTOCOLS[name]
    parts = list(protocol.parts())
    tested = [example.id for part in parts for example in part.test]
    assert len(tested) == len(set(tested))
    for part in parts:
        train, dev, test = ({example.id for example in rows} for rows in (part.train, part.dev, part.test))
        assert train
        assert dev
        assert not train & dev | train & test | dev & test
        assert len(train | dev | test) == 60  # "No agreement" is left out
        assert not {example.document for example in part.train} & {example.document for example in part.dev}
    assert len(tested) == 60 if len(parts) == 5 else [part.name for part in parts] == ["test"]


@pytest.mark.usefixtures("corpora")
@pytest.mark.parametrize("name", ["babe_grouped", "ptc"])
def test_grouped_folds_keep_articles_together(name):
    for part in PROTOCOLS[name].parts():
        trained = {example.document for example in [*part.train, *part.dev]}
        assert not trained & {example.document for example in part.test}


@pytest.mark.usefixtures("corpora")
def test_the_official_dev_part_is_the_dev_part():
    (part,) = PROTOCOLS["checkthat_subj_en"].parts()
    assert {example.id for example in part.dev} == {f"r{number}" for number in range(60) if number // 3 % 4 == 1}


@pytest.mark.usefixtures("corpora")
def test_evidence_is_known_where_a_row_marks_it_or_has_none():
    (part,) = PROTOCOLS["conll2010_bio"].parts()
    assert {example.evidence["uncertain"] for example in part.train} == {(), ((4, 12),)}
    # regression: the official test has no cues, so its uncertain sentences hide their evidence
    assert [example.evidence for example in part.test if example.grades["uncertain"]] == [{}] * 6
    (part,) = PROTOCOLS["checkthat_subj_en"].parts()
    assert all(example.evidence == {} for example in part.train)


@pytest.mark.usefixtures("corpora")
def test_evidence_may_lie_in_a_file_of_its_own():
    evidence = {example.id: example.evidence for part in PROTOCOLS["conll2010_wiki"].parts() for example in part.test}
    assert (evidence["r0"], evidence["r1"], evidence["r3"]) == ({}, {"uncertain": ()}, {"uncertain": ((4, 12),)})


@pytest.mark.usefixtures("corpora")
def test_a_benchmark_leaves_figures_and_no_weights(config, tmp_path):
    record = run_benchmark(config, tmp_path / "runs", CONSOLE, tmp_path / "results")
    assert [(run["part"], run["seed"]) for run in record["runs"]] == [("test", 13), ("test", 14)]
    values = [run["test"]["macro_f1"] for run in record["runs"]]
    assert record["figures"]["macro_f1"]["mean"] == pytest.approx(sum(values) / 2)
    assert record["figures"]["macro_f1"]["deviation"] == pytest.approx(abs(values[0] - values[1]) / 2**0.5)
    assert sorted(file.name for file in (tmp_path / "runs").rglob("*")) == ["test-seed13.json", "test-seed14.json"]
    written = (tmp_path / "results" / "checkthat_subj_en.json").read_text()
    assert "the alarming report" not in written
    assert json.loads(written)["looks"][0]["figures"] == record["figures"]


@pytest.mark.usefixtures("corpora")
def test_a_marked_benchmark_learns_its_one_label(config, tmp_path):
    easy = replace(config, name="babe", epochs=12, dropout=0.0, repeats=1, refit=False)
    record = run_benchmark(easy, tmp_path / "runs", CONSOLE, tmp_path / "results")
    assert [run["part"] for run in record["runs"]] == [f"fold{number}" for number in range(5)]
    assert record["figures"]["macro_f1"]["mean"] > 0.9


@pytest.mark.usefixtures("corpora")
def test_shares_of_annotators_are_what_is_trained_on_and_not_what_is_measured(config, tmp_path, monkeypatch):
    trained = []

    class NoTrainer:
        def __init__(self, network, data, *others):
            trained.append(data)

        def fit(self, *others):
            return [{"epoch": 1, "mean_average_precision": 0.5}]

    monkeypatch.setattr(module, "Trainer", NoTrainer)
    run_benchmark(replace(config, name="babe", repeats=1), tmp_path / "runs", CONSOLE, tmp_path / "results")
    choose, refit = trained[:2]
    for data in (choose, refit):
        assert {round(float(row.present[0]), 3) for row in data.corpora[0][1]} == {0.1, 0.9}
    assert {float(row.present[0]) for row in choose.dev} == {0.0, 1.0}
    assert refit.dev == []


@pytest.mark.usefixtures("corpora")
def test_runs_from_another_encoder_are_not_taken_for_these(config, tmp_path, tiny_checkpoint):
    run_benchmark(replace(config, repeats=1), tmp_path / "runs", CONSOLE, tmp_path / "results")
    encoder = tmp_path / "encoder"
    shutil.copytree(tiny_checkpoint, encoder)
    run_benchmark(replace(config, repeats=1, encoder=str(encoder)), tmp_path / "other", CONSOLE, tmp_path / "results")
    network = new_network(config, AXES)  # its head is drawn anew
    network.classifier.save_pretrained(encoder)
    with pytest.raises(ConfigError, match=r"test-seed13\.json: is of another configuration"):
        run_benchmark(replace(config, repeats=1, encoder=str(encoder)), tmp_path / "other", CONSOLE)


def but_for_seed_14(run):
    """As the user would, stop a run of two seeds in the second."""

    def stopped(settings, *others):
        if settings.seed == 14:
            raise KeyboardInterrupt
        return run(settings, *others)

    return stopped


@pytest.mark.usefixtures("corpora")
def test_finished_runs_are_not_run_again_and_a_repetition_is_no_look(config, tmp_path, monkeypatch):
    run = module._run
    monkeypatch.setattr(module, "_run", but_for_seed_14(run))
    with pytest.raises(KeyboardInterrupt):
        run_benchmark(config, tmp_path / "runs", CONSOLE, tmp_path / "results")
    (look,) = json.loads((tmp_path / "results" / "checkthat_subj_en.json").read_text())["looks"]
    assert {"date", "revision"} <= set(look)  # regression: the test was looked at, and nothing told of it
    assert "figures" not in look

    def only_the_second(settings, *others):
        assert settings.seed == 14
        return run(settings, *others)

    monkeypatch.setattr(module, "_run", only_the_second)
    for _ in range(2):
        run_benchmark(config, tmp_path / "runs", CONSOLE, tmp_path / "results")
    monkeypatch.setattr(module, "_run", run)
    with pytest.raises(ConfigError, match=r"test-seed13\.json: is of another configuration"):
        run_benchmark(replace(config, epochs=1), tmp_path / "runs", CONSOLE, tmp_path / "results")
    run_benchmark(replace(config, epochs=1), tmp_path / "other", CONSOLE, tmp_path / "results")
    looks = json.loads((tmp_path / "results" / "checkthat_subj_en.json").read_text())["looks"]
    assert [set(look) for look in looks] == [{"date", "revision", "runs", "figures"}] * 2


@pytest.mark.usefixtures("corpora")
def test_a_look_that_is_broken_off_and_never_gone_on_with_counts(config, tmp_path, monkeypatch):
    run, seeds = module._run, []

    def only_one(settings, *others):
        if seeds:
            raise KeyboardInterrupt
        seeds.append(settings.seed)
        return run(settings, *others)

    monkeypatch.setattr(module, "_run", only_one)
    with pytest.raises(KeyboardInterrupt):
        run_benchmark(config, tmp_path / "runs", CONSOLE, tmp_path / "results")
    monkeypatch.setattr(module, "_run", run)
    record = run_benchmark(replace(config, epochs=1), tmp_path / "other", CONSOLE, tmp_path / "results")
    broken_off, ended = json.loads((tmp_path / "results" / "checkthat_subj_en.json").read_text())["looks"]
    assert "figures" not in broken_off
    assert ended["figures"] == record["figures"]


@pytest.mark.usefixtures("corpora")
def test_a_run_that_is_measured_again_elsewhere_is_another_look(config, tmp_path, monkeypatch):
    # regression: with the folder removed, the test could be looked at as often as one liked
    run = module._run
    monkeypatch.setattr(module, "_run", but_for_seed_14(run))
    for place in ("one", "two", "two"):
        with pytest.raises(KeyboardInterrupt):
            run_benchmark(config, tmp_path / place, CONSOLE, tmp_path / "results")
    monkeypatch.setattr(module, "_run", run)
    run_benchmark(config, tmp_path / "two", CONSOLE, tmp_path / "results")
    looks = json.loads((tmp_path / "results" / "checkthat_subj_en.json").read_text())["looks"]
    assert ["figures" in look for look in looks] == [False, True]


@pytest.mark.usefixtures("corpora")
def test_each_run_tells_its_code_and_libraries(config, tmp_path, monkeypatch):
    # regression: the record told those of the last command, which may have run nothing
    for code, repeats in (("aaa", 1), ("bbb", 2), ("ccc", 2)):
        monkeypatch.setattr(module, "revision", lambda mark, code=code: code)
        record = run_benchmark(
            replace(config, epochs=1, repeats=repeats), tmp_path / "runs", CONSOLE, tmp_path / "results"
        )
    assert [run["revision"] for run in record["runs"]] == record["revision"] == ["aaa", "bbb"]
    assert record["versions"] == [versions()]
    looks = json.loads((tmp_path / "results" / "checkthat_subj_en.json").read_text())["looks"]
    assert [(look["revision"], look["runs"]) for look in looks] == [("aaa", 1), ("bbb", 2)]


@pytest.mark.usefixtures("corpora")
def test_a_run_that_was_broken_off_is_not_gone_on_with_from_another_encoder(
    config, tmp_path, stopped_after, tiny_checkpoint
):
    encoder = tmp_path / "encoder"
    shutil.copytree(tiny_checkpoint, encoder)
    config = replace(config, repeats=1, encoder=str(encoder))
    with stopped_after(1), pytest.raises(KeyboardInterrupt):
        run_benchmark(config, tmp_path / "runs", CONSOLE, tmp_path / "results")
    new_network(config, AXES[:1]).classifier.save_pretrained(encoder)
    with pytest.raises(ConfigError, match=r"choose: holds a run of .* from another encoder"):
        run_benchmark(config, tmp_path / "runs", CONSOLE, tmp_path / "results")


@pytest.mark.usefixtures("corpora")
def test_finished_runs_of_before_a_field_are_taken_and_broken_ones_named(config, tmp_path):
    config = replace(config, epochs=1, repeats=1, refit=False)
    output, results = tmp_path / "runs", tmp_path / "results"
    record = run_benchmark(config, output, CONSOLE, results)
    file = output / "test-seed13.json"
    before = json.loads(file.read_text())
    del before["settings"]["warmup"]
    file.write_text(json.dumps(before))
    assert run_benchmark(config, output, CONSOLE, results)["figures"] == record["figures"]
    file.write_text(json.dumps({name: value for name, value in before.items() if name != "data"}))
    with pytest.raises(ConfigError, match=r"test-seed13\.json: is of another configuration or of other data"):
        run_benchmark(config, output, CONSOLE, results)
    file.write_text(json.dumps(before)[:100])
    with pytest.raises(ConfigError, match=r"test-seed13\.json: not a whole record; remove it"):
        run_benchmark(config, output, CONSOLE, results)


def test_records_lie_in_the_repository_whatever_the_working_directory():
    assert Path(reportedly.__file__).parent / "training" / "results" / "benchmarks" == module.RESULTS


@pytest.mark.usefixtures("corpora")
def test_dev_only_never_opens_the_test(config, tmp_path):
    record = run_benchmark(config, tmp_path / "runs", CONSOLE, tmp_path / "results", dev_only=True)
    assert all("test" not in run for run in record["runs"])
    assert not (tmp_path / "results").exists()


def test_an_absent_benchmark_names_the_variable(config, tmp_path, monkeypatch):
    monkeypatch.setenv("REPORTEDLY_CORPORA", str(tmp_path))
    with pytest.raises(CorpusError, match="REPORTEDLY_CORPORA"):
        run_benchmark(config, tmp_path / "runs", CONSOLE, tmp_path / "results")


@pytest.mark.usefixtures("corpora")
def test_the_command_prints_the_figures_beside_the_published_ones(config, tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(asdict(config) | {"epochs": 1, "repeats": 1, "refit": False}))
    command = ["benchmark", str(file), "-o", str(tmp_path / "runs"), "--results", str(tmp_path / "results")]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0
    assert done.stdout.startswith("CheckThat! subjectivity, English, 2024 test; runs: 1, measured on: test\nmacro_f1  ")
    assert "published           0.665  mDeBERTa (278 M parameters)" in done.stdout
    file.write_text(yaml.safe_dump(asdict(config) | {"epochs": 2}))
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 2
    assert "is of another configuration" in done.stderr
