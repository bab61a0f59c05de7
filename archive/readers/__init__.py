"""Readers: from a piece of the archive to records, one module per kind of file."""

from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa

from ..inputs import Format, Input, UsageError
from ..partitions import Partition, Piece
from ..records import Failure, Reading, Record
from . import delimited, html, jsonl, parquet, text, warc

_READERS: dict[Format, Callable[[Piece, Reading], Iterator[Record]]] = {
    Format.JSONL: jsonl.read,
    Format.CSV: delimited.read,
    Format.TSV: delimited.read,
    Format.PARQUET: parquet.read,
    Format.TEXT: text.read,
    Format.HTML: html.read,
    Format.WARC: warc.read,
}


_EXTRAS = {Format.HTML: ("trafilatura",), Format.WARC: ("trafilatura", "warcio")}


class InputLostError(Exception):
    """An input vanished, changed or broke off under the job. The message names it; the job can be resumed."""


def require_extras(files: Iterable[Input]) -> None:
    """Refuse files that need a package which is not installed, before a job begins.

    Raises
    ------
    UsageError
        Naming the file and what to install.
    """
    for file in files:
        for package in _EXTRAS.get(file.format, ()):
            if find_spec(package) is None:
                raise UsageError(f"{file.path}: needs {package}; pip install 'reportedly[html]'")


def read(partition: Partition, reading: Reading) -> Iterator[Record]:
    """Locate the records of a partition, in order.

    A file that cannot be read as what it claims to be gives a record that parses to a :class:`Failure`.

    Raises
    ------
    InputLostError
        Where a file is no longer what it was when the job began, or its storage fails.
    """
    for piece in partition.pieces:
        yield from _read_piece(piece, reading)


def _read_piece(piece: Piece, reading: Reading) -> Iterator[Record]:
    _require_unchanged(piece)
    try:
        yield from _READERS[piece.input.format](piece, reading)
    except PermissionError:
        yield _failed(piece, "no permission to read the file")
    except OSError as error:
        if error.errno is not None:  # of the storage; a decoder's complaint about the data carries none
            raise InputLostError(f"{piece.input.path}: {error.strerror}") from error
        yield _failed(piece, f"damaged, the rest of the file is not read: {error}")
    except (pa.ArrowException, EOFError) as error:
        yield _failed(piece, f"damaged, the rest of the file is not read: {error}")
    _require_unchanged(piece)


def _failed(piece: Piece, reason: str) -> Record:
    first_line = reason.splitlines()[0][:300]
    return Record(lambda: Failure(piece.input.source, None, first_line), 0)


def _require_unchanged(piece: Piece) -> None:
    if piece.input.modified is None:
        return
    try:
        status = Path(piece.input.path).stat()
    except OSError as error:
        raise InputLostError(f"{piece.input.path}: {error.strerror}") from error
    if (status.st_size, status.st_mtime_ns) != (piece.input.size, piece.input.modified):
        raise InputLostError(f"{piece.input.path}: changed since the job began")
