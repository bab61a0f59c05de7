"""From word probabilities to the spans that carry a score."""

from collections.abc import Sequence
from typing import NamedTuple


class ScoredWord(NamedTuple):
    """A word of the text and the probability that it is evidence."""

    start: int
    end: int
    score: float


def spans(text: str, words: Sequence[ScoredWord], threshold: float) -> list[ScoredWord]:
    """Join neighbouring words over the threshold into spans; where none is over it, take the strongest word.

    Called for axes that are over their own threshold, so that each flagged score shows the words that carry it.
    Punctuation neither opens nor closes a span. A span's score is that of its strongest word.

    Parameters
    ----------
    text
        What the offsets of the words refer to.
    words
        Ascending by offset.

    Examples
    --------
    >>> words = [ScoredWord(0, 3, 0.1), ScoredWord(4, 7, 0.9), ScoredWord(8, 13, 0.8)]
    >>> spans("The far worse", words, threshold=0.5)
    [ScoredWord(start=4, end=13, score=0.9)]
    """
    lexical = [word for word in words if any(character.isalnum() for character in text[word.start : word.end])]
    chosen = [word for word in lexical if word.score >= threshold]
    if not chosen and lexical:
        chosen = [max(lexical, key=lambda word: word.score)]
    joined: list[ScoredWord] = []
    for index, word in enumerate(chosen):
        if index and _adjoin(text, chosen[index - 1], word):
            joined[-1] = ScoredWord(joined[-1].start, word.end, max(joined[-1].score, word.score))
        else:
            joined.append(word)
    return joined


def _adjoin(text: str, word: ScoredWord, after: ScoredWord) -> bool:
    """Whether nothing that parts a span stands between two words: white space, one mark, or the stop of an initial."""
    gap = text[word.end : after.start]
    if word.end - word.start == 1:
        gap = gap.removeprefix(".")  # as in "U.S. officials"
    return len(gap) <= 1 or gap.isspace()
