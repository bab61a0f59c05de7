"""Tables written row by row: Parquet or JSON Lines."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from .files import replacing
from .memory import release_freed

_ROWS_PER_BATCH = 2048
_ROWS_PER_GROUP = 32 * _ROWS_PER_BATCH
_CHARACTERS_PER_BATCH = 1 << 23
_BYTES_PER_GROUP = 1 << 26
_BYTES_PER_ELEMENT = 64
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
    """Row groups of 65,536 rows, or fewer where their text comes to 64 MB.

    The bytes depend on the rows only, not on how they came in batches.
    """

    def __init__(self, stream: BinaryIO, schema: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(stream, schema, compression="zstd")
        self._schema = schema
        self._held: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """See :class:`Sink`."""
        ends = np.cumsum(_row_bytes(batch))
        done = 0
        while done < batch.num_rows:
            before = ends[done - 1] if done else 0
            full = int(np.searchsorted(ends, before + _BYTES_PER_GROUP - self._bytes)) + 1
            stop = min(full, done + _ROWS_PER_GROUP - self._rows, batch.num_rows)
            self._held.append(batch.slice(done, stop - done))
            self._rows += stop - done
            self._bytes += int(ends[stop - 1] - before)
            done = stop
            if self._rows == _ROWS_PER_GROUP or self._bytes >= _BYTES_PER_GROUP:
                self._flush()

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
        self._held, self._rows, self._bytes = [], 0, 0


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
        sink: Sink = ParquetSink(stream, schema) if path.suffix.lower() == PARQUET else JsonLinesSink(stream)
        try:
            yield sink
            sink.close()
        except BaseException:
            sink.abandon()
            raise


class Rows:
    """Rows as dictionaries, handed to a sink in batches of some thousand, or some megabytes of text."""

    def __init__(self, target: Sink, schema: pa.Schema) -> None:
        self._target = target
        self._schema = schema
        self._held: list[dict[str, Any]] = []
        self._characters = 0

    def add(self, rows: Iterable[dict[str, Any]]) -> None:
        """Add rows; they reach the sink when there are enough."""
        for row in rows:
            self._held.append(row)
            self._characters += sum(len(value) for value in row.values() if isinstance(value, str))
            if len(self._held) == _ROWS_PER_BATCH or self._characters >= _CHARACTERS_PER_BATCH:
                self.flush()

    def flush(self) -> None:
        """Hand over what is held."""
        self._target.write(pa.RecordBatch.from_pylist(self._held, schema=self._schema))
        self._held, self._characters = [], 0
        release_freed()


def _row_bytes(batch: pa.RecordBatch) -> NDArray[np.int64]:
    """About how much each row holds in its texts and lists, the rest being small."""
    total = np.zeros(batch.num_rows, dtype=np.int64)
    for column in batch.columns:
        if pa.types.is_string(column.type):
            total += pc.binary_length(column).fill_null(0).to_numpy(zero_copy_only=False)
        elif pa.types.is_list(column.type):
            total += _BYTES_PER_ELEMENT * pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False)
    return total


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return value
