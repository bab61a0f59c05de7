import random

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer

from reportedly.model.axes import Axis
from reportedly.training.example import Example
from reportedly.training.losses import masked_bce, total_loss
from reportedly.training.mixture import UNKNOWN, batches, collate, encode


@pytest.fixture(scope="module")
def tokenizer(tiny_checkpoint):
    return AutoTokenizer.from_pretrained(tiny_checkpoint)


def test_labels_lie_over_the_tokens_that_a_span_touches(tokenizer):
    text = "the mayor reportedly said it"
    example = Example("1", text, "d", grades={Axis.HEDGING: 2, Axis.EMOTIVE: 0}, evidence={Axis.HEDGING: ((10, 20),)})
    (row,) = encode([example], tokenizer, max_tokens=32)
    tokens = tokenizer.convert_ids_to_tokens(row.input_ids)
    assert row.present.tolist() == [1.0, 0.0, UNKNOWN, UNKNOWN]
    assert [token for token, label in zip(tokens, row.evidence[:, 0], strict=True) if label == 1] == ["reportedly"]
    # special tokens and axes without evidence say nothing
    assert row.evidence[0, 0] == row.evidence[-1, 0] == UNKNOWN
    assert (row.evidence[:, 1:] == UNKNOWN).all()


def test_padding_is_unknown(tokenizer):
    examples = [Example(str(size), "the " * size, "d", grades={}, evidence={Axis.EMOTIVE: ()}) for size in (1, 4)]
    batch = collate(encode(examples, tokenizer, max_tokens=32), padding=0)
    assert batch.input_ids.shape == (2, 6)
    assert batch.attention_mask.sum(1).tolist() == [3, 6]
    assert batch.evidence[0, :, 1].tolist() == [UNKNOWN, 0.0, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]


def test_batches_cover_every_row_once_and_hang_on_the_seed(tokenizer):
    rows = encode([Example(str(size), "the " * size, "d") for size in range(1, 24)], tokenizer, max_tokens=32)
    first, again, other = (list(batches(rows, 4, random.Random(seed))) for seed in (1, 1, 2))
    assert sorted(index for batch in first for index in batch) == list(range(23))
    assert first == again != other
    in_order = [index for batch in batches(rows, 4, None) for index in batch]
    assert [len(rows[index].input_ids) for index in in_order] == sorted(len(row.input_ids) for row in rows)


def test_only_known_targets_count():
    # logit 2 against 0 costs log(1 + e^2) = 2.126928, against 1 log(1 + e^-2) = 0.126928, logit 0 costs log 2
    logits = torch.tensor([[2.0, 9.0], [2.0, 0.0]])
    targets = torch.tensor([[0.0, UNKNOWN], [1.0, 0.5]])
    assert masked_bce(logits, targets) == pytest.approx((2.126928 + 0.126928 + np.log(2)) / 3, abs=1e-5)
    assert masked_bce(logits, torch.full((2, 2), UNKNOWN)) == 0


def test_a_temporary_head_sees_its_own_rows_only(tokenizer):
    examples = [Example("1", "the fire", "d", task="weasel", target=1.0), Example("2", "the fire", "d")]
    batch = collate(encode(examples, tokenizer, max_tokens=32), padding=0)
    head = torch.nn.Linear(3, 1)
    torch.nn.init.zeros_(head.weight)
    torch.nn.init.zeros_(head.bias)
    hidden = torch.ones(2, 4, 3)
    loss = total_loss(
        batch, torch.zeros(2, 4), torch.zeros(2, 4, 4), hidden, torch.nn.ModuleDict({"weasel": head}), 1.0
    )
    # no axis is known in either row, so the head's log 2 is all there is
    assert loss.item() == pytest.approx(np.log(2))


def test_no_examples_are_no_rows(tokenizer):
    assert encode([], tokenizer, max_tokens=32) == []
