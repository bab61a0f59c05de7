"""What every room may assume of a text: paragraphs by offset, and characters that can be encoded."""

import re
from collections.abc import Iterator
from itertools import chain, pairwise

_BLANK_LINE = re.compile(r"(?>\r\n|[\n\r\u2029])[ \t]*(?:(?>\r\n|[\n\r\u2029])[ \t]*)+|\u2029")
_LINE = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DOUBLED = re.compile(
    r"(?P<opening>(?<!`)``(?!`)|(?:^|(?<=[\s([{—–/'-]))''(?=[^\s']))|(?P<alone>(?<=\s)''(?!'))|(?P<closing>''(?!'))"
)
_CURLY = {"opening": "““", "alone": "»»", "closing": "””"}
"""What stands for a mark of two characters; ``»`` opens nothing, and closes as ``”`` does."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_UNFINISHED = re.compile(r"[\w,]\s*\Z")
_EXPECTANT = re.compile(r"(?:^|\s)(?:a|an|and|as|at|but|by|for|from|in|of|on|or|that|the|their|to|with)\s*\Z")
"""The word at the end of a line after which no headline ends, and no item."""
_FIRST_WORD = re.compile(r"\S+")
_BYLINE = re.compile(r"by [A-Z]")
_WIDEST_HARD_WRAP = 120
_NARROWEST_HARD_WRAP = 50
"""Below this a line is a headline or an item of a list."""


def encodable(text: str) -> str:
    r"""Replace lone surrogates, which no UTF-8 consumer accepts, by U+FFFD. The length stays.

    >>> encodable("a\ud800b") == "a\ufffdb"
    True
    """
    return _SURROGATE.sub("\ufffd", text)


def curly(text: str) -> str:
    """Write double quotation marks of two characters, as LaTeX and many news databases have them, as two curly ones.

    The length stays. What follows an opening mark is no white space, what is before it is some, or a bracket or dash.
    Two single marks alone between white space become ``»»``.

    >>> curly("``We fled,'' she said, and: ''Never again.''")
    '““We fled,”” she said, and: ““Never again.””'
    """
    return _DOUBLED.sub(lambda mark: _CURLY[str(mark.lastgroup)], text)


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
    r"""The ``(start, end)`` code-point offsets of the paragraphs of a text.

    A blank line ends a paragraph. So does a single newline, since most archives store one paragraph a
    line, unless the lines look hard-wrapped: no wider than 120, and broken in the middle of a phrase, before a
    lower-case letter or after a word such as *of*, or where the next word would not have fitted into the width at
    which such lines are broken.

    >>> list(paragraphs("Storm hits coast\nA storm hit the coast of Marrow today."))
    [(0, 16), (17, 55)]
    """
    usual = max((_wrap_width(text, lines) for lines in _blocks(text)), default=0)
    return (paragraph for lines in _blocks(text) for paragraph in _unwrapped(text, lines, usual))


def _blocks(text: str) -> Iterator[list[tuple[int, int]]]:
    """The lines of each stretch between blank lines."""
    start = 0
    for end, following in chain((gap.span() for gap in _BLANK_LINE.finditer(text)), [(len(text), len(text))]):
        if lines := [match.span() for match in _LINE.finditer(text, start, end) if match.group().strip()]:
            yield lines
        start = following


def _unwrapped(text: str, lines: list[tuple[int, int]], usual: int) -> Iterator[tuple[int, int]]:
    widest = _widest(lines)
    width = _wrap_width(text, lines) or (usual if widest <= usual else 0)
    opened = lines[0][0]
    for line, following in pairwise(lines):
        filled = width and _filled(text, line, following, width)
        if not (filled or (widest <= _WIDEST_HARD_WRAP and _unfinished(text, line, following))):
            yield opened, line[1]
            opened = following[0]
    yield opened, lines[-1][1]


def _wrap_width(text: str, lines: list[tuple[int, int]]) -> int:
    """The width at which the lines of a block are wrapped; 0 where none of them goes on in the next.

    The widest of a list of headlines is full, too.
    """
    width = _widest(lines)
    if not _NARROWEST_HARD_WRAP <= width <= _WIDEST_HARD_WRAP:
        return 0
    return width if any(_unfinished(text, *neighbours) for neighbours in pairwise(lines)) else 0


def _widest(lines: list[tuple[int, int]]) -> int:
    return max(stop - begin for begin, stop in lines)


def _filled(text: str, line: tuple[int, int], following: tuple[int, int], width: int) -> bool:
    """Whether the first word of the following line would not have fitted."""
    word = _FIRST_WORD.search(text, *following)
    return word is not None and (line[1] - line[0]) + 1 + len(word.group()) > width


def _unfinished(text: str, line: tuple[int, int], following: tuple[int, int]) -> bool:
    if _EXPECTANT.search(text, *line):
        return True
    if line[1] - line[0] < _NARROWEST_HARD_WRAP and _BYLINE.match(text, *following):
        return False
    word = _FIRST_WORD.search(text, *following)
    continues = word is not None and (word.group()[0].islower() or word.group()[0] in ".,;:!?)")
    return continues and _UNFINISHED.search(text, *line) is not None
