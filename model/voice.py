"""Quotation tracked over a document: which stretches stand inside quotation marks."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from .axes import Voice
from .text import curly, paragraphs

_DOUBLE_CLOSER = {"“": "”", "„": "“”", "«": "»", '"': '"', "”": "”"}
_DOUBLE_MARKS = frozenset('“”„«»"')
_MIXED = ('“"', '"”')
"""A straight mark and a curly one that some editor left to close each other."""
_SINGLE_MARKS = frozenset("‘’'")
_MARK = re.compile(f"[{''.join(sorted(_DOUBLE_MARKS | _SINGLE_MARKS))}]")
_DEEPEST_NESTING = 6  # deeper is noise, and a bound keeps the scan linear
_BRACKETS = frozenset("([{—–-/“„«\"‘'")

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
    for start, end in paragraphs(text):
        regions.extend(_regions_of_paragraph(text, start, end))
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


def _regions_of_paragraph(text: str, start: int, end: int) -> list[tuple[int, int]]:
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
        elif _opens(text, at, open_marks, closers_of_single, start, end):
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
    return regions


def _neighbours(text: str, at: int, start: int, end: int) -> tuple[str, str]:
    return (text[at - 1] if at > start else " "), (text[at + 1] if at + 1 < end else " ")


def _ends_word(text: str, at: int, start: int, end: int) -> bool:
    before, after = _neighbours(text, at, start, end)
    return not before.isspace() and not after.isalnum()


def _opens(text: str, at: int, open_marks: list[str], closers_of_single: list[int], start: int, end: int) -> bool:
    mark = text[at]
    if len(open_marks) == _DEEPEST_NESTING:
        return False
    before, after = _neighbours(text, at, start, end)
    starts_word = (before.isspace() or before in _BRACKETS) and not after.isspace()
    if mark in "“„«":
        return True
    if mark in '"”':
        return starts_word and mark not in open_marks
    if mark not in "‘'" or not starts_word or mark in open_marks:
        return False
    if mark == "'" and after.isdigit():
        return False
    return bisect_right(closers_of_single, at + 1) < len(closers_of_single)


def _closes(text: str, at: int, opened: str, closers_of_single: list[int], start: int, end: int) -> bool:
    mark = text[at]
    if opened in _DOUBLE_CLOSER:
        inches = mark == '"' and text[at - 1].isdecimal()
        mixed = opened + mark in _MIXED and not inches and _ends_word(text, at, start, end)
        return mixed or mark in _DOUBLE_CLOSER[opened]
    if mark != ("’" if opened == "‘" else "'"):
        return False
    rank = bisect_left(closers_of_single, at)
    if rank == len(closers_of_single) or closers_of_single[rank] != at:
        return False
    before, after = _neighbours(text, at, start, end)
    possessive = before in "sS" and after.isspace()
    return not (possessive and _closed_later(text, closers_of_single, rank))


def _closed_later(text: str, closers_of_single: list[int], rank: int) -> bool:
    """Whether a mark after ``rank`` closes for certain, so that this one is the apostrophe of *the boys’ game*."""
    if rank + 1 == len(closers_of_single):
        return False
    here, later = closers_of_single[rank], closers_of_single[rank + 1]
    return "‘" not in text[here:later] and text[later - 1] in ".,;:!?…—"
