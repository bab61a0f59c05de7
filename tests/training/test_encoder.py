"""Where an encoder is looked for."""

import pytest

from reportedly.training.config import ConfigError
from reportedly.training.encoder import encoder_path


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
