"""What every room may assume of a text: paragraphs by offset, and characters that can be encoded."""

import re
from collections.abc import Iterator
from itertools import pairwise

_BLANK_LINE = re.compile(r"(?>\r\n|[\n\r\u2029])[ \t]*(?:(?>\r\n|[\n\r\u2029])[ \t]*)+|\u2029")
_LINE = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_UNFINISHED = re.compile(r"[\w,]\s*\Z")
_FIRST_WORD = re.compile(r"\S+")
_WIDEST_HARD_WRAP = 120
_NARROWEST_HARD_WRAP = 50
"""The widest line of a block is always full; below this it is a headline or an item of a list."""


def encodable(text: str) -> str:
    r"""Replace lone surrogates, which no UTF-8 consumer accepts, by U+FFFD. The length stays.

    >>> encodable("a\ud800b") == "a\ufffdb"
    True
    """
    return _SURROGATE.sub("\ufffd", text)


def printable(page: str) -> str:
    """What a page may carry: lone surrogates and NUL become U+FFFD."""
    return encodable(page).replace("\0", "\ufffd")


def shown(text: str) -> str:
    r"""What a terminal may be told: characters that would command it, or turn its direction, are spelt out.

    >>> print(shown("a\x1b[2Jb"))
    a\u001b[2Jb
    """
    return _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    r"""Yield the ``(start, end)`` code-point offsets of the paragraphs of a text.

    A blank line ends a paragraph. So does a single newline, since most archives store one paragraph a
    line, unless the lines look hard-wrapped: no wider than 120, and broken in the middle of a phrase, before a
    lower-case letter, or, where the widest has 50, where the next word would not have fitted.

    >>> list(paragraphs("Storm hits coast\nA storm hit the coast of Marrow today."))
    [(0, 16), (17, 55)]
    """
    start = 0
    for gap in _BLANK_LINE.finditer(text):
        yield from _unwrapped(text, start, gap.start())
        start = gap.end()
    yield from _unwrapped(text, start, len(text))


def _unwrapped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    lines = [match.span() for match in _LINE.finditer(text, start, end) if match.group().strip()]
    if not lines:
        return
    width = max(stop - begin for begin, stop in lines)
    opened = lines[0][0]
    for (begin, stop), (following, following_end) in pairwise(lines):
        word = _FIRST_WORD.search(text, following, following_end)
        filled = word is not None and width >= _NARROWEST_HARD_WRAP and (stop - begin) + 1 + len(word.group()) > width
        continues = word is not None and (word.group()[0].islower() or word.group()[0] in ".,;:!?)")
        unfinished = continues and _UNFINISHED.search(text, begin, stop)
        if not ((filled or unfinished) and width <= _WIDEST_HARD_WRAP):
            yield opened, stop
            opened = following
    yield opened, lines[-1][1]
