"""Names that the network must not tell apart."""

from collections import Counter

import pytest
import yaml

from reportedly import Scorer
from reportedly.training.alike import GROUPS, alike_tokens
from reportedly.training.tokenizer import load_tokenizer


def test_each_word_is_in_one_group():
    words = Counter(word for group in yaml.safe_load(GROUPS.read_text(encoding="utf-8")) for word in group)
    assert [word for word, times in words.items() if times > 1] == []


def test_words_of_several_tokens_are_left_out(shipped):
    tokenizer = load_tokenizer(str(shipped))
    countries, peoples, *_ = alike_tokens(tokenizer)
    words = tokenizer.convert_ids_to_tokens(countries)
    assert {"israel", "ukraine", "norway"} <= set(words)
    assert not any(word.startswith("##") for word in words)
    assert len(set(countries) & set(peoples)) == 0


@pytest.mark.parametrize(
    "sentences",
    [
        [f"Troops from {name} may have shelled the shameful prison." for name in ("Russia", "Ukraine", "Gaza")],
        [f"“These {name} are a disgrace,” she said." for name in ("Israelis", "Palestinians", "Americans")],
        [f"The {name} preacher allegedly hid the cash." for name in ("Muslim", "Jewish", "Catholic", "Hindu")],
        [f"A source said the {name} had bought votes." for name in ("Democrats", "Republicans")],
    ],
)
def test_the_shipped_network_does_not_tell_them_apart(shipped, sentences):
    first, *others = Scorer.from_pretrained(shipped)(sentences)
    for other in others:
        assert dict(other.scores) == pytest.approx(dict(first.scores), abs=1e-6)
