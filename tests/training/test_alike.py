"""Names that the network must not tell apart."""

from collections import Counter

import pytest
import yaml

from reportedly import Scorer
from reportedly.training import alike
from reportedly.training.alike import GROUPS, alike_tokens
from reportedly.training.tokenizer import load_tokenizer


def test_each_word_is_in_one_group():
    words = Counter(word for group in yaml.safe_load(GROUPS.read_text(encoding="utf-8")) for word in group)
    assert [word for word, times in words.items() if times > 1] == []


def test_all_are_words_of_the_shipped_network(shipped):
    tokenizer = load_tokenizer(str(shipped))
    words = yaml.safe_load(GROUPS.read_text(encoding="utf-8"))
    found = [tokenizer.convert_ids_to_tokens(group) for group in alike_tokens(tokenizer)]
    assert [sorted(group) for group in found] == [sorted(map(str.lower, group)) for group in words]


def test_what_a_vocabulary_does_not_know_is_not_tied(tiny_checkpoint, monkeypatch, tmp_path):
    # regression: all words that are no token of a small vocabulary were one with its unknown token
    tokenizer = load_tokenizer(str(tiny_checkpoint))
    (tmp_path / "alike.yaml").write_text("- [town, Zanzibar, report]\n")
    monkeypatch.setattr(alike, "GROUPS", tmp_path / "alike.yaml")
    assert alike_tokens(tokenizer) == [sorted(tokenizer.convert_tokens_to_ids(["town", "report"]))]


@pytest.mark.parametrize(
    "sentences",
    [
        [
            f"Troops from {name} may have shelled the shameful prison."
            for name in ("Russia", "Ukraine", "Israel", "Gaza")
        ],
        [f"“These {name} are a disgrace,” she said." for name in ("Israelis", "Palestinians", "Americans")],
        [f"The {name} preacher allegedly hid the cash." for name in ("Muslim", "Jewish", "Catholic", "Hindu")],
        [f"A source said the {name} had bought votes." for name in ("Democrats", "Republicans")],
    ],
)
def test_the_shipped_network_does_not_tell_them_apart(shipped, sentences):
    first, *others = Scorer.from_pretrained(shipped)(sentences)
    for other in others:
        assert dict(other.scores) == pytest.approx(dict(first.scores), abs=1e-6)
