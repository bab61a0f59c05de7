import pytest

from reportedly import Scorer
from reportedly.model.backends import choice
from reportedly.model.backends.choice import BackendChoice, BackendError, load_backend
from reportedly.model.loading import open_checkpoint


@pytest.mark.parametrize(
    ("installed", "gpu", "chosen"),
    [
        (True, False, BackendChoice.OPENVINO),
        (True, True, BackendChoice.TORCH),
        (False, False, BackendChoice.TORCH),
        (False, True, BackendChoice.TORCH),
    ],
)
def test_auto_takes_the_fastest_that_is_there(monkeypatch, installed, gpu, chosen):
    monkeypatch.setattr(choice, "find_spec", lambda name: object() if installed else None)
    monkeypatch.setattr(choice, "_has_gpu", lambda: gpu)
    assert choice._fastest() is chosen


def test_without_openvino_the_extra_is_named_and_auto_goes_on(monkeypatch, tiny_checkpoint):
    monkeypatch.setattr(choice, "find_spec", lambda name: None)
    checkpoint = open_checkpoint(tiny_checkpoint)
    with pytest.raises(BackendError, match=r"pip install 'reportedly\[fast\]'"):
        load_backend(checkpoint, "openvino")
    assert load_backend(checkpoint, "auto").name.startswith("torch ")


def test_an_unknown_backend_is_refused_with_those_that_exist(tiny_checkpoint):
    with pytest.raises(BackendError, match="'onnx', expected one of exact, torch, openvino, auto"):
        Scorer.from_pretrained(tiny_checkpoint, backend="onnx")


def test_the_default_is_exact(tiny_checkpoint):
    assert Scorer.from_pretrained(tiny_checkpoint).backend.endswith(" fp32")
    assert Scorer.from_pretrained(tiny_checkpoint).backend.startswith("torch ")
