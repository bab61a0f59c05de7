"""Sentences of a document, by offset: ``document[start:end]`` is the sentence, always."""

import re
from collections.abc import Iterator
from itertools import chain, pairwise

import sentencex

from .text import curly, encodable, paragraphs

# sentencex keeps a whole quotation together; the unit of the guidelines is the sentence, quoted or not.
# Marks are therefore hidden from it, one blank for one mark, and each edge is put right afterwards. A straight single
# mark may be an apostrophe, at which it breaks no word as long as that is curly.
# So is every other white space than ASCII's: sentencex 1.0.32 panics over one between a lone capital and a full stop.
_HIDDEN = str.maketrans(
    dict.fromkeys('“”„«»‘"()[]', " ")
    | {"'": "’"}
    | {character: " " for character in map(chr, range(0x80, 0x3001)) if character.isspace()}
)
_OPENERS_AT_END = re.compile(r"""(?<=\s)[“„«‘"'(\[]+\s*$""")
_CLOSERS_AT_START = re.compile(r"""^[”»’"')\]]+(?=\s|$)""")

_MONTH = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_DAY = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_LEADING_LOWERCASE = re.compile(r"""^[“„«‘"'(\[]*[a-z]""")
_START_OF_WORD = r"(?:^|[\s(\[“\"‘'’—–/]|\b(?:then|ex|former|vice)-)"
_TITLES = (
    "Mr|Mrs|Ms|Dr|Profs?|Revs?|Hon|Sens?|Reps?|Govs?|Amb|Ald|Cllr|Treas|Atty|Dep|Assoc|"
    "Lts?|Cols?|Gen|Sgt|Capt|Cdr|Cmdr|Spc|Det|Supt|Insp|Ofc|Ft|Ste"
)
_ENDED_BY_ABBREVIATION = re.compile(rf"{_START_OF_WORD}(?:e\.g|i\.e|cf|vs|approx|est|[Vv]ol|{_TITLES})\.$")
# words that sentencex takes for abbreviations (me for Maine), at the end of a sentence
_WORD_AT_END = re.compile(
    r"(?<![\w.])(?:arc|ark|art|con|fed|id|ill|ken|may|me|min|miss|no|ok|ore|rep|sec|Art|Bart|Ken|May|ID|OK|Yahoo)\."
    r"(?=\s+(?![IVX]+\b)[A-Z])"
)
_MARK_AT_END = re.compile(r"""(?<=[A-Za-z]{2}\.)[”"’'](?=\s+[“‘"'(\[]*[A-Z])""")
_NUMBER = re.compile(rf"{_START_OF_WORD}[Nn]o\.$")
_NUMBER_OF_ITEM = re.compile(r"\(?(?:\d{1,3}|[A-Z]|[IVX]{1,5})[.)]$")
_DOTTED_NAME = re.compile(r"[A-Z0-9]\.\Z")
_REST_OF_DOTTED_NAME = re.compile(r"[A-Z]{1,4}\b")
_REST_OF_ADDRESS = re.compile(r"(?:Com|Org|Net|Gov)\b")
_CLOCK = re.compile(r"\b[ap]\.m\.$")
_AFTER_CLOCK = re.compile(rf"^(?:\d|(?:{_MONTH}|{_DAY})[a-z]*\b|[A-Z]{{2,4}}\b|\()")
_INITIAL = re.compile(r"(?:^|[\s(.-])[A-Z]-?[A-Z]?\.$|\b[A-Z]-[A-Z][a-z]*\.$")
_STATE_INITIAL = re.compile(r"^[A-Z]\.[,)]?\s?")
# sentencex takes quadratic time over a paragraph of apostrophes, so that it sees no more than this at once, and the
# end of a sentence tells whether it ended: a run-on sentence is not to be read again for each of its parts.
_CHARACTERS_AT_ONCE = 20_000
_CHARACTERS_OF_AN_END = 64

_EXCLAIMED = re.compile(r"[?!…][”»’\"']+$")
_DASHED_ON = re.compile(r"[–—-]\s*[a-z]")
_ATTRIBUTION = re.compile(
    r"^(?:[A-Z][\w.’'-]*\s){1,3}(?:said|says|asked|asks|added|adds|wrote|shouted|cried|told|yelled|replied|joked)\b"
)


def split_sentences(document: str) -> list[tuple[int, int]]:
    """Split a document into sentences: all of :func:`iter_sentences`.

    Examples
    --------
    >>> text = "“We fled. We lost everything,” she said. It rained."
    >>> [text[start:end] for start, end in split_sentences(text)]
    ['“We fled.', 'We lost everything,” she said.', 'It rained.']
    """
    return list(iter_sentences(document))


def iter_sentences(document: str) -> Iterator[tuple[int, int]]:
    """Find the sentences of a document, paragraph by paragraph.

    Parameters
    ----------
    document
        Any string; lone surrogates and control characters are allowed.

    Yields
    ------
    (start, end)
        Code-point offsets, ascending and disjoint, without surrounding white space; only white space
        lies between them. Nothing for a blank document.
    """
    text = curly(encodable(document))
    return (span for start, end in paragraphs(text) for span in _split_paragraph(text, start, end))


def _split_paragraph(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    pieces: list[tuple[int, int]] = []
    for begin, stop in _pieces(text, start, end):
        if pieces:
            opened, closed = pieces[-1]
            previous, following = text[max(opened, closed - _CHARACTERS_OF_AN_END) : closed], text[begin:stop]
            numbered = len(pieces) == 1 and _NUMBER_OF_ITEM.match(text, opened, closed)
            dotted = closed == begin and _goes_on_after_dot(previous, following)
            if numbered or dotted or _belongs_together(previous, following):
                pieces[-1] = (opened, stop)
                continue
        pieces.append((begin, stop))
    return iter(pieces)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Boundaries of sentencex with opening marks moved forward, closing marks back, and blanks cut off."""
    paragraph = text[start:end]
    hidden = paragraph.translate(_HIDDEN)
    further = chain(_WORD_AT_END.finditer(hidden), _MARK_AT_END.finditer(paragraph))
    edges = sorted([*_edges(hidden), *(match.end() for match in further)])
    for index in range(1, len(edges) - 1):
        left, edge, right = edges[index - 1 : index + 2]
        if opener := _OPENERS_AT_END.search(paragraph[left:edge]):
            edges[index] = left + opener.start()
        elif closer := _CLOSERS_AT_START.search(paragraph[edge:right]):
            edges[index] = edge + closer.end()
    for left, right in pairwise(edges):
        piece = paragraph[left:right]
        if body := piece.strip():
            begin = start + left + piece.index(body[0])
            yield begin, begin + len(body)


def _edges(text: str) -> list[int]:
    """Boundaries of sentencex, with 0 and the end of the text, found block by block.

    The last sentence of a block goes on behind it, so the next block begins with that; a sentence that fills a
    block ends nowhere in it.
    """
    edges = [0]
    at = 0
    while at < len(text):
        block = text[at : at + _CHARACTERS_AT_ONCE]
        found = [at + int(boundary["end_index"]) for boundary in sentencex.get_sentence_boundaries("en", block)][:-1]
        edges += found
        at = found[-1] if found and at + len(block) < len(text) else at + len(block)
    return [*edges, len(text)]


def _goes_on_after_dot(previous: str, following: str) -> bool:
    """Whether a stop without white space behind it is inside a name, as in HLM.N and Varley.Com."""
    if _REST_OF_ADDRESS.match(following):
        return True
    return bool(_DOTTED_NAME.search(previous) and _REST_OF_DOTTED_NAME.match(following))


def _belongs_together(previous: str, following: str) -> bool:
    if _LEADING_LOWERCASE.match(following) or _ENDED_BY_ABBREVIATION.search(previous):
        return True
    if following[0] in ",;:":
        return True
    if not any(character.isalnum() for character in following):
        return True  # what is left of "(D-Calif.)."
    if _NUMBER.search(previous):
        return following[0].isdigit()
    if _CLOCK.search(previous):
        return bool(_AFTER_CLOCK.match(following))
    if _INITIAL.search(previous) and _STATE_INITIAL.match(following):
        return True
    return bool(_EXCLAIMED.search(previous) and (_ATTRIBUTION.match(following) or _DASHED_ON.match(following)))
