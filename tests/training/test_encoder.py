"""Where an encoder is looked for."""

import pytest

from reportedly.training.config import ConfigError
from reportedly.training.encoder import encoder_path


@pytest.mark.parametrize("name", ["runs/frist", "./runs/frist", "/nowhere/at/all"])
def test_a_folder_that_is_not_there_is_not_asked_of_a_hub(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    with pytest.raises(ConfigError, match=f"encoder {name}: no such folder; train it first"):
        encoder_path(name)
