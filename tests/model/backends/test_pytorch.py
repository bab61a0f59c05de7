import pytest
import torch

from reportedly import Scorer


@pytest.mark.parametrize("texts", [["The mayor said it.", "Fire!"], ["the fire"] * 5000])
def test_the_number_of_threads_is_as_before_after_scoring(tiny_checkpoint, texts):
    before = torch.get_num_threads()
    Scorer.from_pretrained(tiny_checkpoint)(texts)
    assert torch.get_num_threads() == before


def test_the_number_of_threads_is_as_before_where_a_stream_is_left_unfinished(tiny_checkpoint):
    before = torch.get_num_threads()
    stream = Scorer.from_pretrained(tiny_checkpoint).documents(["The mayor said it."] * 5000)
    next(stream)
    stream.close()
    assert torch.get_num_threads() == before
