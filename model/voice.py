"""Quotation tracked over a document: which stretches stand inside quotation marks."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import chain, pairwise

from .axes import Voice
from .text import curly, paragraphs

_DOUBLE_CLOSER = {"“": "”»", "„": "“”", "«": "»", '"': '"', "”": "”"}
_DOUBLE_MARKS = frozenset('“”„«»"')
_MIXED = ('“"', '"”')
"""A straight mark and a curly one that some editor left to close each other."""
_SINGLE_MARKS = frozenset("‘’'")
_MARK = re.compile(f"[{''.join(sorted(_DOUBLE_MARKS | _SINGLE_MARKS))}]")
_DEEPEST_NESTING = 6  # deeper is noise, and a bound keeps the scan linear
_APOSTROPHES = 8  # at the ends of words in one quotation; a bound keeps the scan linear
_BRACKETS = frozenset("([{—–-/“„«\"‘'")
_ELIDED = re.compile(r"[‘'](?:\d0s|(?:em|til|tis|twas|n|burbs|cos)\b)", re.IGNORECASE)
"""An apostrophe before a word, which word processors turn the wrong way."""

Regions = Sequence[tuple[int, int]]


def quoted_regions(document: str) -> list[tuple[int, int]]:
    """Find the stretches that stand inside quotation marks, marks included.

    Curly, straight, angled and single marks are known, those written as two single ones or two backquotes, a curly
    one closed by a straight one or the other way round, and nesting (the outermost pair counts). By the continuation
    rule of the press, a quotation that its paragraph does not close goes on in the next one if that opens with the
    same mark; otherwise it ends with its paragraph, so that one lost mark never colours the rest.

    Returns
    -------
    list of (start, end)
        Code-point offsets, ascending and disjoint, each within one paragraph.

    Examples
    --------
    >>> text = "“We fled,” she said."
    >>> [text[start:end] for start, end in quoted_regions(text)]
    ['“We fled,”']
    """
    text = curly(document)
    regions: list[tuple[int, int]] = []
    for (start, end), (following, _) in pairwise(chain(paragraphs(text), [(len(text), len(text))])):
        regions.extend(_regions_of_paragraph(text, start, end, _mark_at_start(text, following)))
    return regions


def voice_of(text: str, start: int, end: int, regions: Regions) -> Voice:
    """Whose words ``text[start:end]`` is made of, by its letters and digits inside and outside ``regions``."""
    inside = outside = False
    for left, right, quoted in _stretches(start, end, regions):
        if any(character.isalnum() for character in text[left:right]):
            inside |= quoted
            outside |= not quoted
    if inside and outside:
        return Voice.MIXED
    return Voice.QUOTED if inside else Voice.WRITER


def open_mark(text: str, start: int, regions: Regions) -> str:
    """The quotation mark that stands open before ``start``, or an empty string.

    A sentence in the middle of a quotation gets this mark restored before it is shown to the model, which sees
    text only.
    """
    index = bisect_left(regions, (start, -1)) - 1
    if index >= 0 and regions[index][0] < start < regions[index][1]:
        mark = text[regions[index][0] : regions[index][0] + 2]
        return mark if mark in ("``", "''") else mark[0]
    return ""


def _stretches(start: int, end: int, regions: Regions) -> list[tuple[int, int, bool]]:
    """Cut ``[start, end)`` at the edges of the regions, and say of each stretch whether it is quoted."""
    stretches: list[tuple[int, int, bool]] = []
    at = start
    for index in range(max(bisect_right(regions, (start, -1)) - 1, 0), len(regions)):
        left, right = max(regions[index][0], at), min(regions[index][1], end)
        if regions[index][0] >= end:
            break
        if left < right:
            stretches += [(at, left, False), (left, right, True)]
            at = right
    return [*stretches, (at, end, False)]


def _mark_at_start(text: str, start: int) -> str:
    """The mark with which a paragraph opens a quotation, or goes on with one; else an empty string."""
    opens = _MARK.match(text, start) and text[start + 1 : start + 2].isalnum() and not _ELIDED.match(text, start)
    return text[start] if opens else ""


def _regions_of_paragraph(text: str, start: int, end: int, resumed: str) -> list[tuple[int, int]]:
    """Regions of one paragraph; ``resumed`` is the mark that the next one opens with."""
    regions: list[tuple[int, int]] = []
    for _ in range(_DEEPEST_NESTING):
        found, closed = _regions_until_lost(text, start, end, resumed)
        regions += found
        if closed or resumed == text[regions[-1][0]]:
            break
        # a quotation that no mark closes, in a paragraph with a further one: it ends before that
        lost = regions[-1][0]
        if text[lost] != "“" or (start := text.find("“", lost + 2, end)) < 0:
            break
        regions[-1] = (lost, start)
    return regions


def _regions_until_lost(text: str, start: int, end: int, resumed: str) -> tuple[list[tuple[int, int]], bool]:
    """Regions, and whether the last one is closed by a mark and not by the end of the paragraph."""
    marks = [match.start() for match in _MARK.finditer(text, start, end)]
    closers_of_single = [at for at in marks if text[at] in "’'" and _ends_word(text, at, start, end)]
    regions: list[tuple[int, int]] = []
    open_marks: list[str] = []
    opened_at = start
    for at in marks:
        mark = text[at]
        if open_marks and _closes(text, at, open_marks[-1], closers_of_single, start, end):
            open_marks.pop()
            if not open_marks:
                regions.append((opened_at, at + 1))
        elif _opens(text, at, open_marks, closers_of_single, start, end, resumed):
            if not open_marks:
                opened_at = at
            open_marks.append(mark)
        elif mark in "”»" and mark in "".join(_DOUBLE_CLOSER.get(opened, "") for opened in open_marks):
            # an inner quotation was never closed, the outer one is
            while mark not in _DOUBLE_CLOSER.get(open_marks.pop(), ""):
                pass
            if not open_marks:
                regions.append((opened_at, at + 1))
    if open_marks:
        regions.append((opened_at, end))
    return regions, not open_marks


def _neighbours(text: str, at: int, start: int, end: int) -> tuple[str, str]:
    return (text[at - 1] if at > start else " "), (text[at + 1] if at + 1 < end else " ")


def _after_word(text: str, at: int, start: int, end: int) -> bool:
    """Whether a mark stands where none opens: behind a word or its stop, and before white space or a stop."""
    before, after = _neighbours(text, at, start, end)
    return (before.isalnum() or before in ",.!?…") and (after.isspace() or after in ",.;:!?")


def _ends_word(text: str, at: int, start: int, end: int) -> bool:
    before, after = _neighbours(text, at, start, end)
    return not before.isspace() and not after.isalnum()


def _opens(
    text: str, at: int, open_marks: list[str], closers_of_single: list[int], start: int, end: int, resumed: str
) -> bool:
    mark = text[at]
    if len(open_marks) == _DEEPEST_NESTING:
        return False
    before, after = _neighbours(text, at, start, end)
    starts_word = (before.isspace() or before in _BRACKETS) and not after.isspace()
    if mark in "“„«":
        return not _after_word(text, at, start, end)
    if mark in '"”':
        return starts_word and mark not in open_marks
    if mark not in "‘'" or not starts_word or mark in open_marks:
        return False
    if (mark == "'" and after.isdigit()) or before == "-" or _ELIDED.match(text, at):
        return False
    if mark == resumed and (at == start or after.isupper()):
        return True
    return bisect_right(closers_of_single, at + 1) < len(closers_of_single)


def _closes(text: str, at: int, opened: str, closers_of_single: list[int], start: int, end: int) -> bool:
    mark = text[at]
    if opened in _DOUBLE_CLOSER:
        inches = mark == '"' and text[at - 1].isdecimal()
        mixed = opened + mark in _MIXED and not inches and _ends_word(text, at, start, end)
        return mixed or mark in _DOUBLE_CLOSER[opened] or (mark == opened == "“" and _after_word(text, at, start, end))
    if mark not in "’'":
        return False
    rank = bisect_left(closers_of_single, at)
    if rank == len(closers_of_single) or closers_of_single[rank] != at:
        return False
    before, after = _neighbours(text, at, start, end)
    elided = after.isspace() and (before in "sS" or text.endswith("in", start, at))  # the boys', fightin'
    return not (elided and _closed_later(text, closers_of_single, rank))


def _closed_later(text: str, closers_of_single: list[int], rank: int) -> bool:
    """Whether a mark after ``rank`` closes for certain, so that this one is an apostrophe, as in *the boys’ game*."""
    here = closers_of_single[rank]
    for later in closers_of_single[rank + 1 : rank + 1 + _APOSTROPHES]:
        if "‘" in text[here:later]:
            return False
        if text[later - 1] in ".,;:!?…—":
            return True
        here = later
    return False
