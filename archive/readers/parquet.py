"""Parquet: one record per row, read row group by row group."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from ..inputs import Input
from ..partitions import PARQUET_ERRORS, Piece
from ..records import Article, Failure, Reading, Record, named_twice, over_cap, to_article
from .streams import BombError, opened

_ROWS_AT_ONCE = 64
_LARGEST_ROW_GROUP = 1 << 31
_LARGEST_EXPANSION = 32
"""How far a compressed Parquet file may grow when it is unpacked; its columns are compressed already."""


def read(piece: Piece, reading: Reading) -> Iterator[Record]:
    """Locate the rows of a file or of a range of its row groups. Only the columns asked for are decoded."""
    try:
        yield from _records(piece, reading)
    except (OSError, pa.ArrowException):
        raise
    except PARQUET_ERRORS as error:
        raise pa.ArrowInvalid(f"{error!r:.200}") from error


def _records(piece: Piece, reading: Reading) -> Iterator[Record]:
    source = piece.input.source
    with ExitStack() as stack:
        file = piece.input.path if piece.input.compression is None else _unpacked(piece.input, stack)
        metadata = pq.read_metadata(file)
        leaves = {metadata.schema.column(index).path for index in range(metadata.num_columns)}
        # A text that repeats is held once (read_dictionary): a small file can claim a huge text a million times.
        repeated = [reading.text_field] if reading.text_field in leaves else []
        table = stack.enter_context(
            pq.ParquetFile(file, metadata=metadata, read_dictionary=repeated, pre_buffer=False, buffer_size=1 << 20)
        )
        columns = _columns(table.schema_arrow, reading)
        if _base(reading.text_field, table.schema_arrow) is None:
            names = ", ".join(map(repr, table.schema_arrow.names[:10]))
            reason = f"no column {reading.text_field!r}; there are {names}; name another with --text-field"
            yield Record(partial(Failure, source, None, reason), piece.input.size)
            return
        if problem := named_twice(table.schema_arrow.names, columns):
            yield Record(partial(Failure, source, None, problem), piece.input.size)
            return
        stop = table.num_row_groups if piece.stop is None else piece.stop
        groups = [metadata.row_group(group) for group in range(piece.start, stop)]
        size = piece.size // max(sum(group.num_rows for group in groups), 1)
        row = piece.first
        for number, group in enumerate(groups, piece.start):
            # Not by its columns: pyarrow ends the process over those of a damaged file.
            if group.total_byte_size > _LARGEST_ROW_GROUP:
                reason = f"row group {number} holds more than 2 GB; write smaller row groups"
                yield Record(partial(Failure, source, row, reason), size * group.num_rows)
                row += group.num_rows
                continue
            for batch in table.iter_batches(_ROWS_AT_ONCE, row_groups=[number], columns=columns, use_threads=False):
                for index in range(batch.num_rows):
                    yield Record(partial(_parse, batch, index, reading, source, row), size)
                    row += 1


def _parse(batch: pa.RecordBatch, index: int, reading: Reading, source: str, row: int) -> Article | Failure:
    if _text_bytes(batch, index, reading.text_field) > reading.article_bytes:
        return Failure(source, row, over_cap(reading.article_bytes))
    try:
        fields = batch.slice(index, 1).to_pylist()[0]
        text = fields.get(reading.text_field)
        if isinstance(text, bytes):
            fields[reading.text_field] = text.decode("utf-8")
    except UnicodeDecodeError:
        return Failure(source, row, "invalid UTF-8 in a text column")
    except PARQUET_ERRORS as error:  # a year, zone or struct unknown here
        return Failure(source, row, f"a value has no form in Python: {error}".splitlines()[0][:300])
    return to_article(fields, reading, source, row)


def _text_bytes(batch: pa.RecordBatch, index: int, name: str) -> int:
    """Size of a text before it is copied out of its batch; 0 where it is nested or no text."""
    if name not in batch.schema.names:
        return 0
    value = batch.column(name)[index]
    value = value.value if isinstance(value, pa.DictionaryScalar) else value
    buffer = value.as_buffer() if hasattr(value, "as_buffer") else None
    return buffer.size if buffer is not None else 0


def _columns(schema: pa.Schema, reading: Reading) -> list[str]:
    return list(dict.fromkeys(base for name in reading.fields if (base := _base(name, schema)) is not None))


def _base(name: str, schema: pa.Schema) -> str | None:
    """The top column that a dotted name lies in."""
    head = name.partition(".")[0]
    return name if name in schema.names else head if head in schema.names else None


def _unpacked(file: Input, stack: ExitStack) -> BinaryIO:
    """Parquet is read from its end, so a compressed file is unpacked to a temporary one first."""
    unpacked: BinaryIO = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
    with opened(file) as stream:
        while block := stream.bytes.read(1 << 20):
            unpacked.write(block)
            if unpacked.tell() > _LARGEST_EXPANSION * file.size + (1 << 24):
                raise BombError(f"grows to more than {_LARGEST_EXPANSION} times its size when unpacked")
    unpacked.seek(0)
    return unpacked
