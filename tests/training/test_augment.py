"""Variants: made by id, of words of the same form, with nothing said of them."""

from reportedly.training.augment import variants
from reportedly.training.example import Example

SENTENCES = [
    Example("a", "The quiet harbour was closed, and three of the ferries that had been waiting turned back.", "d"),
    Example("b", "Angry villagers, who had been warned twice before, boldly refused to leave the burning mill.", "d"),
]


def test_variants_are_the_same_every_time():
    first = list(variants(SENTENCES))
    assert first == list(variants(SENTENCES))
    assert [variant.id for variant in first] == [f"{name}#{number}" for name in "ab" for number in range(4)]


def test_words_are_swapped_for_words_of_the_corpus_and_of_like_form():
    many = [Example(f"{example.id}{number}", example.text, "d") for number in range(40) for example in SENTENCES]
    known = {word.strip(",.") for example in SENTENCES for word in example.text.split()}
    made = list(variants(many))
    texts = {example.text for example in SENTENCES}
    assert len(made) == 4 * len(many)
    assert sum(variant.text in texts for variant in made) < len(made) / 2
    for variant in made:
        words = [word.strip(",.") for word in variant.text.split()]
        assert set(words) <= known
        # what opens a sentence and the words that hold it together stay
        assert not {"The", "Angry"} & set(words[1:])
        assert variant.grades == variant.evidence == {}
        assert variant.document == "d"
