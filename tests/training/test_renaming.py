"""Sentences under other names: what changes, and that labels move with their words."""

import pytest

from reportedly.training.corpora import CORPORA, parse_marked
from reportedly.training.renaming import renamed


def _renamed(*lines):
    return list(renamed([parse_marked(line, str(number)) for number, line in enumerate(lines)]))


def test_a_person_is_known_by_a_title_and_renamed_wherever_named():
    first, second = _renamed(
        "Sen. Wexcombe {h1:may} resign, two aides to Mr. Wexcombe {u1:said}.",
        "The {e2:shameless} Wexcombe, Wexcombe’s brother and Ms. Marlow left.",
    )
    one = first.text.split()[1]
    assert first.text == f"Sen. {one} may resign, two aides to Mr. {one} said."
    assert "Wexcombe" not in second.text
    assert second.text.endswith(" and Ms. Marlow left.")  # named but once: it may be no name
    assert first.grades == {"hedging": 1, "emotive": 0, "emotive_quoted": 0, "unverified": 1}
    assert [first.text[start:end] for start, end in first.evidence["unverified"]] == ["said"]
    assert [second.text[start:end] for start, end in second.evidence["emotive"]] == ["shameless"]


def test_sentences_without_a_name_give_nothing():
    assert _renamed("The harbour reopened on Monday.") == []


def test_a_name_that_is_evidence_stays():
    assert _renamed("They called it the {e1:Syria} of football.") == []


def test_article_and_plural_stay_right():
    (example,) = _renamed("An Iranian met a Russian and two Russians in Ukraine.")
    words = example.text.split()
    assert words[0] == "An"
    assert words[1][0] in "AEIO"
    assert words[4][0] not in "AEIO"
    assert words[7] == f"{words[4]}s"
    assert "Russian" not in example.text


@pytest.mark.parametrize("split", ["dev", "test"])
def test_only_training_sentences_are_renamed(split):
    assert CORPORA["renamed"].read(split) == []
