import json
import shutil

import pytest
from transformers import AutoTokenizer

from reportedly.training.tokenizer import load_tokenizer


@pytest.fixture(scope="module")
def tokenizer(tiny_checkpoint):
    return load_tokenizer(str(tiny_checkpoint))


def directed(tokenizer, text):
    return tokenizer.backend_tokenizer.normalizer.normalize_str(text)


@pytest.mark.parametrize(
    ("straight", "curly"),
    [
        ('"go", he said. "now"', "“go”, he said. “now”"),
        ("a 'mess', she said", "a ‘mess’, she said"),
        ("(\"it's 'so' bad\")", "(“it's ‘so’ bad”)"),
        ('he paused—"no"—and left', "he paused—“no”—and left"),
        ("``old type''", "“old type”"),
    ],
)
def test_a_straight_mark_is_read_with_its_direction(tokenizer, straight, curly):
    assert directed(tokenizer, straight) == directed(tokenizer, curly) == curly


def test_an_apostrophe_is_one_whatever_its_shape(tokenizer):
    assert directed(tokenizer, "it’s the mayor’s") == "it's the mayor's"


def test_a_mark_between_blanks_stays_as_it_is(tokenizer):
    assert directed(tokenizer, 'a " b " c') == 'a " b " c'


def test_offsets_point_into_the_text_as_given(tokenizer):
    text = "``the'' mayor’s \"fire\""
    encoding = tokenizer(text, return_offsets_mapping=True)
    words = [text[start:end] for start, end in encoding["offset_mapping"] if end > start]
    assert {"the", "mayor", "fire"} <= set(words)


def test_the_direction_survives_saving_and_loading(tokenizer, tmp_path, tiny_checkpoint):
    tokenizer.save_pretrained(tmp_path)
    (tmp_path / "config.json").write_bytes((tiny_checkpoint / "config.json").read_bytes())
    assert directed(AutoTokenizer.from_pretrained(tmp_path), '"go"') == "“go”"


def test_a_tokenizer_without_a_normalisation_of_its_own_is_given_the_direction(tokenizer, tmp_path, tiny_checkpoint):
    shutil.copytree(tiny_checkpoint, tmp_path / "plain")
    file = tmp_path / "plain" / "tokenizer.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"normalizer": None}))
    assert directed(load_tokenizer(str(tmp_path / "plain")), 'He "goes"') == "He “goes”"
