from dataclasses import asdict
from pathlib import Path

import pytest
import yaml

import reportedly
from reportedly.training.config import ConfigError, CorpusConfig, TrainConfig, filled, load_benchmark, load_config
from reportedly.training.corpora import CORPORA
from reportedly.training.protocols import PROTOCOLS

FOLDER = Path(reportedly.__file__).parent / "configs" / "train"
PUBLISHED = sorted((FOLDER / "benchmarks").glob("*.yaml"))
CONFIGS = sorted(set(FOLDER.rglob("*.yaml")) - set(PUBLISHED))
MINIMAL = {
    "name": "x",
    "encoder": "somewhere",
    "dev": "news3",
    "calibrate_on": ["news3"],
    "corpora": [{"name": "news3"}],
    "epochs": 1,
    "learning_rate": 1e-4,
    "head_learning_rate": 1e-3,
}


def write(folder: Path, **changes: object) -> Path:
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(MINIMAL | changes))
    return file


@pytest.mark.parametrize("file", CONFIGS, ids=lambda file: file.stem)
def test_every_shipped_configuration_loads(file):
    config = load_config(file)
    assert config.name == file.stem
    assert {corpus.name for corpus in config.corpora} | {config.dev} <= set(CORPORA)


def test_every_protocol_has_a_configuration_of_its_name():
    assert {load_benchmark(file).name: file.stem for file in PUBLISHED} == {name: name for name in PROTOCOLS}


def test_a_base_is_taken_over_and_changed(tmp_path):
    write(tmp_path, seed=1, dropout=0.3)
    (tmp_path / "variant.yaml").write_text("base: config.yaml\nseed: 2\n")
    variant = load_config(tmp_path / "variant.yaml")
    assert (variant.seed, variant.dropout, variant.name) == (2, 0.3, "x")


def test_a_base_that_leads_back_is_named(tmp_path):
    (tmp_path / "one.yaml").write_text("base: two.yaml\n")
    (tmp_path / "two.yaml").write_text("base: one.yaml\n")
    with pytest.raises(ConfigError, match=r"one\.yaml: field base leads back to it"):
        load_config(tmp_path / "one.yaml")


def test_a_benchmark_that_is_not_known_is_named(tmp_path):
    file = tmp_path / "config.yaml"
    wanted = {key: MINIMAL[key] for key in ("encoder", "epochs", "learning_rate", "head_learning_rate")}
    file.write_text(yaml.safe_dump(wanted | {"name": "babel"}))
    with pytest.raises(ConfigError, match="field name: unknown benchmark babel; did you mean babe"):
        load_benchmark(file)
    file.write_text(yaml.safe_dump(wanted | {"name": "babe", "refit": 1}))
    with pytest.raises(ConfigError, match="field refit: must be bool, is 1"):
        load_benchmark(file)


def test_the_open_configuration_trains_on_commercial_terms_only():
    config = load_config(next(file for file in CONFIGS if file.stem == "open"))
    assert all(CORPORA[corpus.name].commercial for corpus in config.corpora)


def test_a_whole_number_stands_for_a_fraction(tmp_path):
    assert load_config(write(tmp_path, learning_rate=1)).learning_rate == 1.0


def test_a_power_of_ten_without_a_point_is_a_number(tmp_path):
    file = write(tmp_path)
    file.write_text(file.read_text().replace("learning_rate: 0.0001", "learning_rate: 1e-4"))
    assert yaml.safe_load(file.read_text())["learning_rate"] == "1e-4"
    assert load_config(file).learning_rate == 1e-4


def test_a_stored_configuration_is_filled_with_the_defaults_of_later_fields(tmp_path):
    config = asdict(load_config(write(tmp_path)))
    stored = {name: value for name, value in config.items() if name != "alike"} | {"corpora": [{"name": "news3"}]}
    assert filled(stored, TrainConfig) == config | {"corpora": [asdict(CorpusConfig("news3"))]}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learning_rat": 1e-4}, r"config\.yaml: unknown field learning_rat; did you mean learning_rate\?"),
        ({"zzz": 1}, "unknown field zzz; known are name, encoder"),
        ({"epochs": "six"}, "field epochs: must be int, is 'six'"),
        ({"epochs": True}, "field epochs: must be int, is True"),
        ({"corpora": []}, "field corpora must be a list"),
        ({"corpora": [{"nam": "news3"}]}, r"corpora\[0\]: unknown field nam; did you mean name\?"),
        ({"corpora": [{"name": "news4"}]}, r"corpora\[0\]: unknown corpus news4; did you mean news3\?"),
        ({"calibrate_on": ["news4"]}, r"field calibrate_on: unknown corpus news4"),
        ({"calibrate_on": []}, "field calibrate_on must be a list"),
        ({"calibrate_on": ["invented"]}, "field calibrate_on lacks news3, the corpus of field dev; add it"),
        ({"dev": "news4"}, r"field dev: unknown corpus news4; did you mean news3\?"),
        ({"epochs": 0}, r"config\.yaml: field epochs: must be at least 1, is 0"),
        ({"batch_size": 0}, "field batch_size: must be at least 1, is 0"),
        ({"learning_rate": -1e-4}, "field learning_rate: must be above 0, is -0.0001"),
        ({"head_learning_rate": float("inf")}, "field head_learning_rate: must be above 0, is inf"),
        ({"head_learning_rate": "fast"}, "field head_learning_rate: must be float, is 'fast'"),
        ({"dropout": 1}, "field dropout: must be from 0 to below 1, is 1.0"),
        ({"weight_decay": "nan"}, "field weight_decay: must be at least 0, is nan"),
        ({"soft_share": 1.5}, "field soft_share: must be from 0 to 1, is 1.5"),
        ({"corpora": [{"name": "news3", "share": 0}]}, r"corpora\[0\]: field share: must be above 0 and at most 1"),
        ({"window": 7}, "field window: must be at least 8, is 7"),
        ({"seed": -1}, r"field seed: must be from 0 to below 2\*\*32, is -1"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, changes, message):
    with pytest.raises(ConfigError, match=message):
        load_config(write(tmp_path, **changes))


def test_a_missing_field_is_named(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump({key: value for key, value in MINIMAL.items() if key != "dev"}))
    with pytest.raises(ConfigError, match="field dev is missing"):
        load_config(file)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"- a", "must be a mapping"), (b"a: [", "not valid YAML"), (b"a: caf\xe9", "not valid YAML: .* can't decode")],
)
def test_a_file_of_another_shape(tmp_path, content, message):
    file = tmp_path / "config.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        load_config(file)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        load_config(tmp_path / "nowhere.yaml")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_config(tmp_path)
