import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from reportedly.model.axes import AXES, Axis
from reportedly.model.batching import pad, token_batches
from reportedly.model.inference import Inference
from reportedly.model.loading import open_checkpoint


class Counting:
    """Logits that follow from the token ids; keeps the shapes of its batches and the threads that called."""

    name = "counting"

    def __init__(self, streams=1, batch_tokens=64):
        self.streams, self.batch_tokens = streams, batch_tokens
        self.shapes, self.callers = [], set()

    def __call__(self, input_ids, attention_mask):
        self.shapes.append(input_ids.shape)
        self.callers.add(threading.get_ident())
        summed = (input_ids * attention_mask).sum(axis=1, keepdims=True)
        axes = np.arange(len(AXES))
        return (summed % 7 - axes).astype(np.float32), (input_ids[..., None] % 5 - axes).astype(np.float32)

    @contextmanager
    def threads(self):
        with ThreadPoolExecutor(self.streams) as pool:
            yield pool


@pytest.fixture
def checkpoint(tiny_checkpoint):
    return open_checkpoint(tiny_checkpoint)


TEXTS = ["the fire", "a storm in the harbour town", "the fire", "", "the " * 70, "mayor"]


def test_identical_texts_are_read_once(checkpoint):
    backend = Counting()
    readings = Inference(checkpoint, backend).read(TEXTS)
    assert sum(rows for rows, _ in backend.shapes) == 3 + 3  # three short texts, and three windows of the long one
    assert [reading.windows for reading in readings] == [1, 1, 1, 0, 3, 1]
    np.testing.assert_array_equal(readings[0].scores, readings[2].scores)


def test_no_batch_is_over_its_budget(checkpoint):
    backend = Counting()
    Inference(checkpoint, backend).read([f"{number} fire storm" for number in range(50)])
    assert len(backend.shapes) > 1
    assert all(rows * longest <= 64 for rows, longest in backend.shapes)


@pytest.mark.parametrize("streams", [1, 3])
def test_a_stream_of_groups_reads_the_same_in_order(checkpoint, streams):
    inference = Inference(checkpoint, Counting(streams))
    groups = [TEXTS, [], ["river vote"], TEXTS[::-1]]
    streamed = list(inference.stream(groups))
    assert [len(group) for group in streamed] == [6, 0, 1, 6]
    for group, readings in zip(groups, streamed, strict=True):
        for alone, among in zip(inference.read(group), readings, strict=True):
            np.testing.assert_array_equal(alone.scores, among.scores)
            assert alone.words(Axis.EMOTIVE) == among.words(Axis.EMOTIVE)


def test_the_next_group_is_on_its_way_while_one_is_worked_on(checkpoint):
    drawn = []

    def groups():
        for number in range(4):
            drawn.append(number)
            yield [f"fire {number}"]

    backend = Counting()
    stream = Inference(checkpoint, backend).stream(groups())
    next(stream)
    assert drawn == [0, 1]
    next(stream)
    assert drawn == [0, 1, 2]
    assert threading.get_ident() not in backend.callers


def test_a_fault_of_the_backend_reaches_the_caller_and_the_threads_end(checkpoint):
    class Failing(Counting):
        def __call__(self, input_ids, attention_mask):
            raise RuntimeError("out of memory")

    before = set(threading.enumerate())
    with pytest.raises(RuntimeError, match="out of memory"):
        list(Inference(checkpoint, Failing()).stream([TEXTS]))
    assert set(threading.enumerate()) == before


def test_a_word_has_the_score_of_its_strongest_piece(checkpoint):
    reading = Inference(checkpoint, Counting()).read(["fires alarming"])[0]
    ids = reading.encodings[0].ids  # [CLS] fire ##s alarming [SEP]
    assert len(ids) == 5
    expected = [max(ids[1] % 5, ids[2] % 5), ids[3] % 5]
    assert [(word.start, word.end) for word in reading.words(Axis.HEDGING)] == [(0, 5), (6, 14)]
    assert [word.score for word in reading.words(Axis.HEDGING)] == pytest.approx(
        [1 / (1 + np.exp(-logit)) for logit in expected]
    )


def test_batches_hold_each_item_once_and_a_long_one_alone():
    lengths = [5, 90, 1, 7, 7, 30]
    batches = list(token_batches(lengths, budget=64))
    assert batches[0] == [1]
    assert sorted(index for batch in batches for index in batch) == list(range(6))


def test_padding_is_masked():
    ids, mask = pad([[3, 4, 5], [6]], padding=9)
    assert ids.tolist() == [[3, 4, 5], [6, 9, 9]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]


@pytest.mark.parametrize("window", range(16, 24))
def test_a_word_that_the_edge_of_a_window_cuts_is_one_word(shipped, window):
    text = "heartbreakingly catastrophically " * 12
    checkpoint = open_checkpoint(shipped)
    windows, whole = (
        Inference(replace(checkpoint, window=tokens), Counting()).read([text])[0] for tokens in (window, 512)
    )
    assert windows.windows > 1
    assert whole.windows == 1
    assert [word[:2] for word in windows.words(Axis.HEDGING)] == [word[:2] for word in whole.words(Axis.HEDGING)]
