import pytest

from reportedly import Scorer
from reportedly.model.axes import AXES


@pytest.fixture(scope="module")
def scorer(tiny_checkpoint):
    return Scorer.from_pretrained(tiny_checkpoint)


def test_a_string_gives_one_result_and_a_list_a_list(scorer):
    one = scorer("The mayor said it.")
    assert list(one.scores) == list(AXES)
    assert [result.text for result in scorer(["The mayor said it.", "Fire!"])] == ["The mayor said it.", "Fire!"]
