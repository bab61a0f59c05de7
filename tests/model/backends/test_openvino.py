import random
import socket
import subprocess
import sys

import numpy as np
import pytest

from reportedly import Scorer
from reportedly.model.axes import AXES

openvino = pytest.importorskip("openvino", reason="openvino is not installed (extra fast)")

from reportedly.model.backends import openvino as backend  # noqa: E402  # it imports openvino

SENTENCES = (
    "The minister reportedly resigned.; It rained.; “This is a disgrace,” the mayor of Osterby said.; "
    "The council approved the budget by nine votes to four.; Sources say that the bridge may close in March.; "
    "An alarming, troubling and staggering failure, as the harbour report calls it, cost the town its ferry.; "
    "Police could not verify the claim.; The storm is believed to have damaged two hundred roofs.; Nobody was hurt.; "
    "Marta Ilves, who has led the fire service since 2019, declined to comment.; Prices rose by 3.4 per cent."
).split("; ")


@pytest.fixture(scope="module")
def exact(tiny_checkpoint):
    return Scorer.from_pretrained(tiny_checkpoint)


# the small weights are random and large, and bf16 moves their scores far: conversion is tested in fp32, on every CPU
IN_FP32 = dict.fromkeys(backend._FORMATS, openvino.Type.f32)


@pytest.fixture(scope="module")
def converted(tiny_checkpoint):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backend, "_FORMATS", IN_FP32)
        return Scorer.from_pretrained(tiny_checkpoint, backend="openvino")


def mixed_lengths(count):
    generator = random.Random(0)
    return [" ".join(generator.choices(SENTENCES, k=generator.randint(1, 4))) for _ in range(count)]


def agree(one, other, texts):
    """No score differs by 0.02, and no flag."""
    for left, right in zip(one(texts), other(texts), strict=True):
        assert left.windows == right.windows
        for axis in AXES:
            assert left.scores[axis] == pytest.approx(right.scores[axis], abs=0.02)
            assert left.flags[axis] == right.flags[axis]
        assert [(span.axis, span.start, span.end) for span in left.evidence] == [
            (span.axis, span.start, span.end) for span in right.evidence
        ]


def test_it_says_what_it_is(converted):
    assert converted.backend in ("openvino cpu fp32", "openvino cpu bf16")


def test_scores_flags_and_evidence_are_those_of_torch(exact, converted):
    agree(exact, converted, [*SENTENCES, *mixed_lengths(200), "", "the " * 100])


def test_scores_flags_are_those_of_torch_with_the_shipped_checkpoint(shipped):
    one, other = Scorer.from_pretrained(shipped), Scorer.from_pretrained(shipped, backend="openvino")
    for left, right in zip(one(SENTENCES), other(SENTENCES), strict=True):
        assert left.flags == right.flags
        np.testing.assert_allclose(list(left.scores.values()), list(right.scores.values()), atol=0.02)


def test_documents_come_in_order_and_the_same_each_time(converted):
    texts = [f"{number}. {text}" for number, text in enumerate(mixed_lengths(300))]
    first = list(converted.documents(texts))
    assert [document.text for document in first] == texts
    assert first == list(converted.documents(texts))


@pytest.fixture
def conversions(monkeypatch, tmp_path):
    """Counts conversions, with an empty cache at first."""
    monkeypatch.setattr(backend, "_FORMATS", IN_FP32)
    monkeypatch.setenv("REPORTEDLY_CACHE", str(tmp_path))
    counted = []
    convert = backend.convert
    monkeypatch.setattr(backend, "convert", lambda checkpoint: counted.append(checkpoint.hash) or convert(checkpoint))
    return counted


def test_a_checkpoint_is_converted_once_and_again_where_the_cache_is_damaged(
    conversions, tmp_path, tiny_checkpoint, converted
):
    def score():
        return Scorer.from_pretrained(tiny_checkpoint, backend="openvino")(SENTENCES[0])

    assert score() == score() == converted(SENTENCES[0])
    assert len(conversions) == 1
    (weights,) = tmp_path.rglob("network.bin")
    weights.write_bytes(weights.read_bytes()[:-100])
    assert score() == converted(SENTENCES[0])
    assert len(conversions) == 2


def test_where_the_cache_cannot_be_written_scoring_goes_on_with_a_warning(
    conversions, monkeypatch, tmp_path, tiny_checkpoint, converted
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("REPORTEDLY_CACHE", str(tmp_path / "file"))
    with pytest.warns(UserWarning, match="REPORTEDLY_CACHE"):
        scorer = Scorer.from_pretrained(tiny_checkpoint, backend="openvino")
    assert scorer(SENTENCES[0]).scores == pytest.approx(converted(SENTENCES[0]).scores, abs=1e-3)


def test_converting_and_scoring_open_no_connection(conversions, monkeypatch, tiny_checkpoint):
    import openvino_telemetry

    def refuse(*_):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(openvino_telemetry.Telemetry, "send_event", refuse)
    Scorer.from_pretrained(tiny_checkpoint, backend="openvino")(SENTENCES[0])
    assert len(conversions) == 1


FIRST_BATCHES_AT_ONCE = """
import sys, threading
import numpy as np, openvino
import openvino.opset13 as ops
from reportedly.model.backends.openvino import OpenVinoBackend

sys.setswitchinterval(1e-6)
ids, mask = ops.parameter([-1, -1], np.int64), ops.parameter([-1, -1], np.int64)
backend = OpenVinoBackend(openvino.Model([ops.add(ids, mask), ops.add(ids, ids)], [ids, mask]), openvino.Core())
ready, batch = threading.Barrier(4), np.ones((2, 3), dtype=np.int64)

def score():
    ready.wait()
    backend(batch, batch)

threads = [threading.Thread(target=score) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_the_first_batches_of_a_process_do_not_lock_each_other_out():
    """Two threads at once in OpenVINO's first look at numpy hung four processes of ten; a hang fails by the timeout."""
    subprocess.run([sys.executable, "-c", FIRST_BATCHES_AT_ONCE], check=True, timeout=120)
