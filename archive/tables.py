"""Tables written row by row: Parquet or JSON Lines."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from .files import replacing

_ROWS_PER_BATCH = 2048
_ROWS_PER_GROUP = 32 * _ROWS_PER_BATCH
_DIGITS = 6

PARQUET = ".parquet"
JSONL = ".jsonl"


class Sink(Protocol):
    """Writes batches of rows into an open file."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows at the end."""
        ...

    def close(self) -> None:
        """Finish what has been written; the file stays open."""
        ...

    def abandon(self) -> None:
        """Write no more, as the file will not be kept."""
        ...


class ParquetSink:
    """Row groups of 65,536 rows. The bytes depend on the rows only, not on how they came in batches."""

    def __init__(self, stream: BinaryIO, schema: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(stream, schema, compression="zstd")
        self._schema = schema
        self._held: list[pa.RecordBatch] = []
        self._rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """See :class:`Sink`."""
        while self._rows + batch.num_rows >= _ROWS_PER_GROUP:
            room = _ROWS_PER_GROUP - self._rows
            self._held.append(batch.slice(0, room))
            self._flush()
            batch = batch.slice(room)
        self._held.append(batch)
        self._rows += batch.num_rows

    def close(self) -> None:
        """See :class:`Sink`."""
        self._flush()
        self._writer.close()

    def abandon(self) -> None:
        """See :class:`Sink`."""
        self._writer.is_open = False  # or its finalizer would write a footer into a closed file

    def _flush(self) -> None:
        table = pa.Table.from_batches(self._held, self._schema).combine_chunks()
        if table.num_rows:
            self._writer.write_table(table, row_group_size=_ROWS_PER_GROUP)
        self._held, self._rows = [], 0


class JsonLinesSink:
    """One object per row, floats to six decimals."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, batch: pa.RecordBatch) -> None:
        """See :class:`Sink`."""
        for row in batch.to_pylist():
            self._stream.write(json.dumps(_rounded(row), ensure_ascii=False).encode("utf-8") + b"\n")

    def close(self) -> None:
        """See :class:`Sink`."""

    def abandon(self) -> None:
        """See :class:`Sink`."""


@contextmanager
def table_file(path: Path, schema: pa.Schema) -> Iterator[Sink]:
    """Write a table in the format of its ending, ``.parquet`` or else ``.jsonl``: whole or not at all."""
    with replacing(path) as stream:
        sink: Sink = ParquetSink(stream, schema) if path.suffix == PARQUET else JsonLinesSink(stream)
        try:
            yield sink
            sink.close()
        except BaseException:
            sink.abandon()
            raise


class Rows:
    """Rows as dictionaries, handed to a sink in batches."""

    def __init__(self, target: Sink, schema: pa.Schema) -> None:
        self._target = target
        self._schema = schema
        self._held: list[dict[str, Any]] = []

    def add(self, rows: list[dict[str, Any]]) -> None:
        """Add rows; they reach the sink some thousand at a time."""
        self._held += rows
        while len(self._held) >= _ROWS_PER_BATCH:
            self._hand_over(self._held[:_ROWS_PER_BATCH])
            del self._held[:_ROWS_PER_BATCH]

    def flush(self) -> None:
        """Hand the rest over."""
        self._hand_over(self._held)
        self._held = []

    def _hand_over(self, rows: list[dict[str, Any]]) -> None:
        self._target.write(pa.RecordBatch.from_pylist(rows, schema=self._schema))


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return value
