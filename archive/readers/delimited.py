"""CSV and TSV: a header, then one record per row; a quoted field may hold newlines."""

import csv
import re
from collections.abc import Iterator
from enum import Enum, auto
from functools import partial
from typing import BinaryIO

from ..inputs import Format
from ..partitions import Piece
from ..records import Article, Failure, Reading, Record, named_twice, not_utf8, over_cap, to_article, wrong_delimiter
from .streams import BombError, opened

_LONGEST_SKIP = 1 << 30


class _At(Enum):
    """Where in a record one is."""

    START = auto()
    """Of a field."""
    WITHIN = auto()
    """A field that is not quoted, or what follows a quoted one."""
    QUOTED = auto()
    CLOSED = auto()
    """At the end of a quoted field, which a mark would continue."""


class _OverCapError(Exception):
    """The record in hand is larger than the cap."""


class _Lines(Iterator[str]):
    """Lines for ``csv.reader``, which raise inside it where a record outgrows the cap."""

    def __init__(self, stream: BinaryIO, limit: int, delimiter: bytes) -> None:
        self.number = 0
        self.ended = False
        """Whether a line was asked for that is not there: within a record, that of a field without an end."""
        self._stream = stream
        self._limit = limit
        self._held = 0
        self._cut = False
        self._at = _At.START
        self._marks = re.compile(rb'"+|%b+|\n' % delimiter)

    def begin(self) -> int:
        """Start a record; returns the number of its first line."""
        self._held = 0
        self._at = _At.START
        return self.number + 1

    def __next__(self) -> str:
        line = self._stream.readline(self._limit + 1)
        if not line:
            self.ended = True
            raise StopIteration
        self._cut = len(line) > self._limit and not line.endswith(b"\n")
        self.number += not self._cut  # of a cut line, the end is counted
        self._held += len(line)
        if self._held > self._limit:
            self._follow(line)
            raise _OverCapError
        self._at = _At.QUOTED  # where another line is asked for, as only a quoted field goes on over its end
        if self.number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        return line.decode("utf-8", "surrogateescape")

    def skip_record(self) -> None:
        """Pass over the rest of a record: it ends at the first newline that is in no quoted field."""
        ended = not self._cut and self._at is not _At.QUOTED
        while not ended and (part := self._stream.readline(1 << 16)):
            self._held += len(part)
            self._follow(part)
            self.number += part.endswith(b"\n")
            ended = part.endswith(b"\n") and self._at is not _At.QUOTED
            if self._held > _LONGEST_SKIP:
                raise BombError(f"the record that ends after line {self.number} is larger than 1 GB")

    def _follow(self, part: bytes) -> None:
        """Where a part of a record leads to, by the rules of ``csv``: a mark within an unquoted field is text."""
        done = 0
        for mark in self._marks.finditer(part):
            if mark.start() > done and self._at is not _At.QUOTED:
                self._at = _At.WITHIN
            if not mark[0].startswith(b'"'):
                self._at = self._at if self._at is _At.QUOTED else _At.START
            elif len(mark[0]) % 2 and self._at is not _At.WITHIN:  # two marks in a row are one that is text
                self._at = _At.CLOSED if self._at is _At.QUOTED else _At.QUOTED
            elif self._at is _At.START:
                self._at = _At.CLOSED
            done = mark.end()
        if done < len(part) and self._at is not _At.QUOTED:
            self._at = _At.WITHIN


def read(piece: Piece, reading: Reading) -> Iterator[Record]:
    """Locate the rows of a file. The position of a row is the line on which it begins."""
    csv.field_size_limit(max(csv.field_size_limit(), reading.article_bytes))
    source = piece.input.source
    with opened(piece.input) as stream:
        delimiter = "\t" if piece.input.format is Format.TSV else ","
        lines = _Lines(stream.bytes, reading.article_bytes, delimiter.encode())
        rows = csv.reader(lines, delimiter=delimiter, strict=True)  # else it drops marks and joins rows
        header: list[str] | None = None
        at = 0
        while True:
            first = lines.begin()
            outcome: list[str] | str
            try:
                outcome = next(rows)
            except StopIteration:
                return
            except _OverCapError:
                lines.skip_record()
                outcome = over_cap(reading.article_bytes)
            except csv.Error as error:
                outcome = (
                    "broken CSV: a quotation mark opens a field that never ends" if lines.ended else _broken(error)
                )
            consumed = stream.consumed()
            if not outcome:  # a blank line gives no cell
                continue
            if header is None:
                if isinstance(outcome, str) or (problem := _header_problem(outcome, reading)):
                    reason = outcome if isinstance(outcome, str) else problem
                    yield Record(partial(Failure, source, first, f"unreadable header: {reason}"), consumed - at)
                    return
                header = outcome
            else:
                yield Record(partial(_parse, outcome, header, reading, source, first), consumed - at)
                at = consumed


def _broken(error: csv.Error) -> str:
    return f"broken CSV: {error}; a field that begins with a quotation mark is quoted, and each mark in it doubled"


def _parse(outcome: list[str] | str, header: list[str], reading: Reading, source: str, line: int) -> Article | Failure:
    if isinstance(outcome, str):
        return Failure(source, line, outcome)
    if len(outcome) != len(header):
        counted = f"broken CSV: {len(outcome)} cells under a header of {len(header)}"
        return Failure(source, line, "; ".join(filter(None, (counted, wrong_delimiter(header)))))
    if problem := _encoding_problem(outcome):
        return Failure(source, line, problem)
    # an empty cell has no value, as CSV knows no other way to say so
    fields = {name: cell or None for name, cell in zip(header, outcome, strict=True)}
    return to_article(fields, reading, source, line)


def _header_problem(header: list[str], reading: Reading) -> str | None:
    return named_twice(header, reading.fields) or _encoding_problem(header)


def _encoding_problem(cells: list[str]) -> str | None:
    """Bytes that are no UTF-8 came through decoding as lone surrogates."""
    try:
        for cell in cells:
            cell.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeDecodeError as error:
        return not_utf8(error)
    return None
