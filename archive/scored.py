"""The tables that a job wrote, read back: articles with the sums over their sentences."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ..model.axes import AXES, Voice
from .dates import PERIODS
from .inputs import UsageError
from .schema import article_schema, sentence_schema
from .tables import JSONL, PARQUET

WITHOUT_SENTENCES = "not one sentence in it; `reportedly score` tells at its end what was not read"
_BYTES_PER_BLOCK = 1 << 25
"""Of JSON Lines, where no row may be longer. One carries its article's columns, so that Arrow's 1 MB is too little."""
_ARTICLE = ("source", "position")
_OF_ARTICLES = frozenset({"document", "language", "model", *_ARTICLE})
"""Columns of every table that are the same in all sentences of an article."""


@dataclass(frozen=True, slots=True)
class ScoredArticle:
    """An article in a table of sentences."""

    values: tuple[Any, ...]
    """Of the columns that were asked for."""
    language: str | None
    model: str
    sums: NDArray[np.float64]
    """Over its sentences: their number, flags by axis, scores by axis."""


def columns_of(by: Sequence[str], table: Path, date_column: str) -> dict[str, str]:
    """The columns that articles are grouped by under some names: those of the names, or for a period that of dates.

    Raises
    ------
    UsageError
        Where the table has no such column, or it is one of sentences.
    """
    names = _names(table)
    return {name: _column_of(name, names, table, date_column) for name in by}


def is_blank(table: Path) -> bool:
    """Whether a job found no sentence for a file of JSON Lines, which then has no columns either."""
    return table.suffix.lower() == JSONL and table.is_file() and not table.stat().st_size


def scored_articles(table: Path, columns: Sequence[str], voices: Collection[Voice]) -> Iterator[ScoredArticle]:
    """Read the articles of a table, in order, and sum over their sentences in the wanted voices, or over all.

    Articles without such a sentence are left out.

    Raises
    ------
    UsageError
        Where a file of the table cannot be read.
    """
    figures = [*(f"{axis}_flag" for axis in AXES), *AXES]
    current: tuple[object, ...] | None = None
    held: ScoredArticle | None = None
    for batch in _batches(table, [*_ARTICLE, "language", "model", "voice", *figures, *columns]):
        if voices:
            batch = batch.filter(pc.is_in(batch.column("voice"), pa.array(map(str, voices), pa.string())))
        values = np.column_stack(
            [np.ones(batch.num_rows), *(batch.column(name).to_numpy(zero_copy_only=False) for name in figures)]
        ).astype(np.float64)
        places = list(zip(*(batch.column(name).to_pylist() for name in _ARTICLE), strict=True))
        starts = [row for row in range(batch.num_rows) if row == 0 or places[row] != places[row - 1]]
        for start, sums in zip(starts, np.add.reduceat(values, starts, axis=0) if starts else (), strict=True):
            if held is not None and places[start] == current:
                held = replace(held, sums=held.sums + sums)
                continue
            if held is not None:
                yield held
            current = places[start]
            *found, language, model = (batch.column(name)[start].as_py() for name in (*columns, "language", "model"))
            held = ScoredArticle(tuple(found), language, model, sums)
    if held is not None:
        yield held


def _column_of(name: str, names: Sequence[str], table: Path, date_column: str) -> str:
    if not name:
        raise UsageError("--by: the name of a column is empty")
    if name in sentence_schema().names and name not in _OF_ARTICLES:
        raise UsageError(
            f"column {name!r} is of sentences, and articles are what is grouped"
            + ("; --voice counts the sentences of one voice" if name == "voice" else "")
        )
    if name in names:
        return name
    if name in PERIODS and date_column in names:
        return date_column
    kept = ", ".join(names[len(sentence_schema().names) :]) or "none"
    if name in PERIODS:
        raise UsageError(
            f"{table}: no column {date_column!r}, of which {name} is made; kept columns are {kept} (name another with "
            f"--date, or score again with --keep {date_column})"
        )
    raise UsageError(f"{table}: no column {name!r}; kept columns are {kept} (score again with --keep {name})")


def _files(table: Path) -> list[Path]:
    if table.is_dir() and (shards := sorted((table / "sentences").glob("part-*.parquet"))):
        return shards
    if table.suffix.lower() in (PARQUET, JSONL) and table.is_file():
        return [table]
    raise UsageError(f"{table}: no sentences of `reportedly score` here; give its folder, .parquet or .jsonl")


def _names(table: Path) -> list[str]:
    file = _files(table)[0]
    try:
        if file.suffix.lower() == PARQUET:
            names = pq.read_schema(file).names
        else:
            with file.open("rb") as lines:
                line = lines.readline()
            if not line.strip():
                raise UsageError(f"{table}: {WITHOUT_SENTENCES}")
            names = pyarrow.json.open_json(pa.BufferReader(line), read_options=_in_blocks()).schema.names
    except (pa.ArrowException, OSError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from None
    if set(article_schema().names) <= set(names):
        raise UsageError(f"{file}: a table of articles; name that of the sentences")
    if missing := set(sentence_schema().names).difference(names):
        raise UsageError(f"{file}: not a table of sentences, it lacks {', '.join(sorted(missing))}")
    return list(names)


def _batches(table: Path, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
    columns = list(dict.fromkeys(map(str, wanted)))
    for file in _files(table):
        try:
            yield from _batches_of(file, columns)
        except (pa.ArrowException, OSError) as error:
            raise UsageError(f"{file}: cannot be read: {error}") from None


def _batches_of(file: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    if file.suffix.lower() == PARQUET:
        with pq.ParquetFile(file, pre_buffer=False) as table:
            yield from table.iter_batches(columns=columns)
    else:
        known = sentence_schema()
        schema = pa.schema([known.field(name) if name in known.names else (name, pa.string()) for name in columns])
        options = pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
        yield from pyarrow.json.open_json(file, read_options=_in_blocks(), parse_options=options)


def _in_blocks() -> pyarrow.json.ReadOptions:
    return pyarrow.json.ReadOptions(block_size=_BYTES_PER_BLOCK)
