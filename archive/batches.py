"""Scoring tables that live elsewhere: a callable for Ray Data, Spark and Dask."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from ..model.axes import Axis, checked_thresholds
from ..model.backends.choice import BackendChoice, backend_choice
from .fields import as_text, field
from .inputs import UsageError
from .job import DocumentScorer
from .loading import load_scorer
from .records import Article, Failure, Reading, to_article
from .rows import sentence_rows
from .schema import sentence_schema

Batch = TypeVar("Batch")
"""A ``pyarrow.Table`` or ``RecordBatch``, a ``pandas.DataFrame``, or a dict of columns, as Ray Data calls NumPy."""

_PLACE = ("source", "position")
"""Columns of the sentence table that say where in a file an article was."""
_SPARK = {pa.string(): "string", pa.int32(): "int", pa.float32(): "float", pa.bool_(): "boolean"}


@dataclass(eq=False)  # not frozen, as Ray Data sets attributes of its own
class BatchScorer:
    """Turns batches of articles into batches of sentences, of the kind that came in: Arrow, pandas, dict of columns.

    The columns are those of the sentence table (``docs/schema.md``) without ``source`` and ``position``, and ``error``:
    an article that cannot be scored gives one row that says why there, and is null otherwise but for its document and
    kept columns. What is loaded is kept for the process, and is not pickled with the object.

    Which sentences share a batch of the network moves the last bits of a score. Where runs have to agree to the byte,
    and to be resumed, use ``reportedly score``.

    Parameters
    ----------
    text, id
        Columns of the text and of the document id; a dotted name is nested.
    keep
        Columns to carry through, as text.
    checkpoint, backend, thresholds
        As :meth:`reportedly.Scorer.from_pretrained` takes them.

    Raises
    ------
    TypeError
        Where ``keep`` is a string.
    UsageError
        Where a column to keep has the name of another one.
    BackendError
        Where there is no such backend.
    ValueError
        Where ``thresholds`` names no axis, or holds no probability.

    Examples
    --------
    Ray Data, Spark and Dask, each with articles in a table of ``id``, ``text`` and ``outlet``::

        ds.map_batches(BatchScorer, fn_constructor_kwargs={"keep": ["outlet"]}, batch_format="pyarrow", concurrency=4)

        score = BatchScorer(keep=["outlet"])
        df.mapInPandas(lambda batches: map(score, batches), score.spark_schema)
        ddf.map_partitions(score, meta=score.empty)
    """

    text: str = "text"
    id: str = "id"
    keep: Sequence[str] = ()
    checkpoint: str | Path | None = None
    backend: BackendChoice | str = BackendChoice.AUTO
    thresholds: Mapping[Axis, float] | None = None

    def __post_init__(self) -> None:
        if isinstance(self.keep, str):
            raise TypeError(f"keep is {self.keep!r}, expected a list of names: keep=[{self.keep!r}]")
        # refused here, as the first batch may be on another machine
        backend_choice(self.backend)
        checked_thresholds(self.thresholds or {})
        names = self.schema.names
        for name in self.keep:
            if names.count(name) > 1:
                raise UsageError(f"keep: there is a column {name!r} already; rename it before")

    @property
    def schema(self) -> pa.Schema:
        """Columns of what comes out."""
        scored = [field.with_nullable(True) for field in sentence_schema() if field.name not in _PLACE]
        return pa.schema([*scored, *(pa.field(name, pa.string()) for name in ("error", *self.keep))])

    @property
    def spark_schema(self) -> str:
        """The columns as Spark takes them, in its data definition language."""
        return ", ".join(f"`{field.name}` {_spark_type(field.type)}" for field in self.schema)

    @property
    def empty(self) -> Any:
        """No row of what comes out, as Dask takes it for ``meta``."""
        return _to_pandas(self.schema.empty_table())

    def __call__(self, batch: Batch) -> Batch:
        """Score a batch.

        Raises
        ------
        KeyError
            Where it lacks a column.
        CheckpointError, BackendError
            Where the scorer cannot be loaded.
        """
        rows = list(self._rows(self._records(batch)))
        kind = pa.RecordBatch if isinstance(batch, pa.RecordBatch) else pa.Table
        result: Any = kind.from_pylist(rows, self.schema)
        if isinstance(batch, Mapping):
            result = {name: result[name].to_numpy() for name in result.column_names}
        elif not isinstance(batch, pa.Table | pa.RecordBatch):
            result = _to_pandas(result)
        return result

    def _records(self, batch: Any) -> list[dict[str, Any]]:
        present = list(getattr(batch, "column_names", batch))  # to iterate over pandas and dicts gives their columns
        columns = {}
        for wanted in (self.text, self.id, *self.keep):
            name = wanted if wanted in present else wanted.partition(".")[0]
            if name not in present:
                raise KeyError(f"no column {name!r} in the batch; there are {', '.join(map(repr, present)) or 'none'}")
            values = batch[name]
            array = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, from_pandas=True)
            columns[name] = array.to_pylist()
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def _rows(self, records: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        reading = Reading(self.text, self.id, tuple((name, name) for name in self.keep))
        parsed = [to_article(record, reading, "batch", row) for row, record in enumerate(records)]
        thresholds = tuple(self.thresholds.items()) if self.thresholds else ()
        scorer, model = _loaded(self.checkpoint, BackendChoice(self.backend), thresholds)
        parts = scorer.parts(article.text for article in parsed if isinstance(article, Article))
        for record, article in zip(records, parsed, strict=True):
            if isinstance(article, Failure):
                carried = {name: _text_or_none(field(record, name)) for name in self.keep}
                yield {"document": _text_or_none(field(record, self.id)), "error": article.reason, **carried}
            else:
                for part in parts:
                    yield from sentence_rows(article, part, model, self.keep)
                    if part.last:
                        break


def _text_or_none(value: Any) -> str | None:
    """Whatever of a failed record can be told: it may have failed because this value is no text."""
    try:
        return as_text(value)
    except (UnicodeDecodeError, RecursionError):
        return None


@functools.lru_cache(maxsize=1)
def _loaded(
    checkpoint: str | Path | None, backend: BackendChoice, thresholds: tuple[tuple[Axis, float], ...]
) -> tuple[DocumentScorer, str]:
    scorer, model = load_scorer(None if checkpoint is None else Path(checkpoint), backend, dict(thresholds))
    return scorer, model.hash


def _to_pandas(table: pa.Table) -> Any:
    """With types that hold nulls, so that they do not depend on whether a batch has any."""
    import pandas as pd

    return table.to_pandas(types_mapper={pa.int32(): pd.Int32Dtype(), pa.bool_(): pd.BooleanDtype()}.get)


def _spark_type(type: pa.DataType) -> str:
    if pa.types.is_list(type):
        return f"array<{_spark_type(type.value_type)}>"
    if pa.types.is_struct(type):
        return f"struct<{','.join(f'`{field.name}`:{_spark_type(field.type)}' for field in type)}>"
    return _SPARK[type]
