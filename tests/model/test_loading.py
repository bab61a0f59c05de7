import json
import re
import shutil

import pytest

from reportedly.model.loading import HASHED, CheckpointError, open_checkpoint, write_checksums


@pytest.fixture
def copy(tiny_checkpoint, tmp_path):
    return shutil.copytree(tiny_checkpoint, tmp_path / "copy")


def test_an_intact_folder_opens_and_its_hash_names_its_content(tiny_checkpoint, copy):
    assert open_checkpoint(copy).hash == open_checkpoint(tiny_checkpoint).hash
    settings = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(settings | {"thresholds": {**settings["thresholds"], "hedging": 0.7}}))
    write_checksums(copy)
    assert open_checkpoint(copy).thresholds["hedging"] == 0.7
    assert open_checkpoint(copy).hash != open_checkpoint(tiny_checkpoint).hash


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(CheckpointError, match="nowhere: no such folder"):
        open_checkpoint(tmp_path / "nowhere")


def test_a_folder_that_is_no_checkpoint(tmp_path):
    with pytest.raises(CheckpointError, match="is not a reportedly checkpoint"):
        open_checkpoint(tmp_path)


def test_a_truncated_file_is_refused(copy):
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match=r"model\.safetensors: differs from its line in SHA256SUMS"):
        open_checkpoint(copy)


@pytest.mark.parametrize("name", HASHED)
def test_one_bit_that_differs_is_refused(copy, name):
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(CheckpointError, match=rf"{re.escape(name)}: differs from its line in SHA256SUMS"):
        open_checkpoint(copy)


@pytest.mark.parametrize("listing", [b"", b"\xff\0", b"0" * 64 + b"  ../../model.safetensors\n"])
def test_a_list_of_checksums_that_lists_nothing_of_it_is_refused(copy, listing):
    (copy / "SHA256SUMS").write_bytes(listing)
    with pytest.raises(CheckpointError, match="differs from its line in SHA256SUMS"):
        open_checkpoint(copy)


@pytest.mark.parametrize("content", ["{", "[]", '{"id2label": 3}', '{"id2label": {}, "window": "many"}', "\0"])
def test_a_config_that_is_none_is_refused(copy, content):
    # regression: with checksums to match, it ended in a traceback
    (copy / "config.json").write_text(content)
    write_checksums(copy)
    with pytest.raises(CheckpointError, match=r"config\.json"):
        open_checkpoint(copy)


def test_a_lost_file_is_named(copy):
    (copy / "spans.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"spans\.safetensors: missing"):
        open_checkpoint(copy)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("id2label", {"0": "toxic"}, "field id2label"),
        ("thresholds", {"hedging": 0.5}, "field thresholds lacks"),
        ("window", None, "field window is missing"),
    ],
)
def test_a_config_without_our_fields_is_refused(copy, field, value, message):
    settings = json.loads((copy / "config.json").read_text())
    settings[field] = value
    if value is None:
        del settings[field]
    (copy / "config.json").write_text(json.dumps(settings))
    write_checksums(copy)
    with pytest.raises(CheckpointError, match=message):
        open_checkpoint(copy)
