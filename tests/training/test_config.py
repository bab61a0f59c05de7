from pathlib import Path

import pytest
import yaml

import reportedly
from reportedly.training.config import ConfigError, load_config
from reportedly.training.corpora import CORPORA

CONFIGS = sorted((Path(reportedly.__file__).parent / "configs" / "train").rglob("*.yaml"))
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


def test_the_open_configuration_trains_on_commercial_terms_only():
    config = load_config(next(file for file in CONFIGS if file.stem == "open"))
    assert all(CORPORA[corpus.name].commercial for corpus in config.corpora)


def test_a_whole_number_stands_for_a_fraction(tmp_path):
    assert load_config(write(tmp_path, learning_rate=1)).learning_rate == 1.0


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
        ({"dev": "news4"}, r"field dev: unknown corpus news4; did you mean news3\?"),
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


@pytest.mark.parametrize(("content", "message"), [("- a", "must be a mapping"), ("a: [", "not valid YAML")])
def test_a_file_of_another_shape(tmp_path, content, message):
    file = tmp_path / "config.yaml"
    file.write_text(content)
    with pytest.raises(ConfigError, match=message):
        load_config(file)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        load_config(tmp_path / "nowhere.yaml")
