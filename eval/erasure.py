"""Faithfulness of evidence: whether the score falls more when the words it points to are removed than for others.

The comprehensiveness of ERASER (DeYoung et al. 2020, section 4.2) against a random baseline of equal length.
"""

import re
from collections.abc import Sequence

import numpy as np

from .corpus import Spans
from .words import WORD

DRAWS = 5
_BLANKS = re.compile(r"[ \t]{2,}")


def without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with stretches cut out, and the doubled blanks that this leaves closed.

    >>> without("The mayor allegedly resigned.", [(10, 19)])
    'The mayor resigned.'
    """
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return _BLANKS.sub(" ", text).strip()


def random_words(text: str, evidence: Spans, rng: np.random.Generator) -> Spans | None:
    """As many words outside the evidence as stand in it, drawn at random; ``None`` where there are too few."""
    words = [match.span() for match in WORD.finditer(text)]
    inside = [word for word in words if _touches(word, evidence)]
    outside = [word for word in words if not _touches(word, evidence)]
    if not inside or len(outside) < len(inside):
        return None
    return tuple(outside[index] for index in sorted(rng.choice(len(outside), len(inside), replace=False)))


def _touches(word: tuple[int, int], spans: Spans) -> bool:
    return any(start < word[1] and word[0] < end for start, end in spans)
