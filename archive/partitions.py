"""The archive cut into partitions: the same for the same inputs, whoever reads them and in whatever order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from .inputs import Format, Input

_BLOCK = 1 << 20

PARQUET_ERRORS = (
    pa.ArrowException,
    OSError,
    ArithmeticError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What pyarrow raises over damaged files: errors of its own, and whatever Cython makes of those of C++."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A file or a part of one."""

    input: Input
    size: int
    """Bytes of the stored file, for the progress bar."""
    start: int = 0
    """First byte (JSON Lines) or first row group (Parquet)."""
    stop: int | None = None
    """End of the part, exclusive; ``None`` for the end of the file."""
    first: int = 1
    """Position of the first record: its line or row, from 1."""


@dataclass(frozen=True, slots=True)
class Partition:
    """What one worker reads from beginning to end."""

    index: int
    pieces: tuple[Piece, ...]

    @property
    def size(self) -> int:
        """Bytes of the stored files."""
        return sum(piece.size for piece in self.pieces)


def partition(files: Iterable[Input], target_bytes: int, most_files: int) -> list[Partition]:
    """Cut the inputs into partitions of about ``target_bytes``.

    Small files are grouped, no more than ``most_files`` together. Larger plain JSON Lines are cut at lines and
    Parquet at row groups. What can only be read from its beginning (compressed files, CSV, WARC, standard input)
    is a partition of its own, however large: its shards are cut while it is read.
    """
    groups: list[tuple[Piece, ...]] = []
    small: list[Piece] = []
    size = 0
    for file in files:
        if file.size <= target_bytes and file.modified is not None:
            if small and (size + file.size > target_bytes or len(small) == most_files):
                groups.append(tuple(small))
                small, size = [], 0
            small.append(Piece(file, file.size))
            size += file.size
            continue
        if small:
            groups.append(tuple(small))
            small, size = [], 0
        groups += [(piece,) for piece in _cut(file, target_bytes)]
    if small:
        groups.append(tuple(small))
    return [Partition(index, pieces) for index, pieces in enumerate(groups)]


def _cut(file: Input, target_bytes: int) -> Iterator[Piece]:
    if file.format is Format.JSONL and file.compression is None and file.modified is not None:
        return _cut_lines(file, target_bytes)
    if file.format is Format.PARQUET and file.compression is None:
        return _cut_row_groups(file, target_bytes)
    return iter((Piece(file, file.size),))


def _cut_lines(file: Input, target_bytes: int) -> Iterator[Piece]:
    """Cut at the first newline after each ``target_bytes``; reads the file once to count its lines."""
    start, first, line, at = 0, 1, 1, 0
    try:
        with Path(file.path).open("rb") as stream:
            while block := stream.read(_BLOCK):
                counted = 0
                while (cut := block.find(b"\n", max(start + target_bytes - at, 0))) >= 0:
                    line += block.count(b"\n", counted, cut + 1)
                    counted = cut + 1
                    yield Piece(file, at + counted - start, start, at + counted, first)
                    start, first = at + counted, line
                line += block.count(b"\n", counted)
                at += len(block)
    except OSError:
        at = file.size  # the reader meets what is wrong with it, and records it
    if start < at:
        yield Piece(file, at - start, start, None, first)


def _cut_row_groups(file: Input, target_bytes: int) -> Iterator[Piece]:
    try:
        metadata = pq.read_metadata(file.path)
        groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
        unpacked = [max(group.total_byte_size, 1) for group in groups]
        ratio = file.size / max(sum(unpacked), 1)
    except PARQUET_ERRORS:
        yield Piece(file, file.size)  # the reader records what is wrong with it
        return
    start, row, held, rows = 0, 1, 0, 0
    for index, group in enumerate(groups):
        # Its columns know its stored size, but pyarrow ends the process over those of a damaged file.
        size = int(unpacked[index] * ratio)
        if held and held + size > target_bytes:
            yield Piece(file, held, start, index, row)
            start, row, held, rows = index, row + rows, 0, 0
        held += size
        rows += group.num_rows
    yield Piece(file, held, start, None, row)
