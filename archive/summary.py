"""How framing moves by any carried column: share and mean per axis, with intervals over articles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.json
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ..model.axes import AXES, Axis
from .inputs import UsageError
from .schema import sentence_schema
from .tables import JSONL, PARQUET

PERIODS = {"year": 4, "month": 7, "day": 10}
"""Columns that are made from a date, and how much of its ISO form they keep."""
MISSING = "(none)"
_DRAWS = 1000
_LEVEL = 0.95
_MOST_UNITS = 10_000
_ARTICLE = ("source", "position")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float | None
    """``None`` where a single article leaves nothing to resample."""
    high: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """The articles that share the values of the grouping columns."""

    key: tuple[str, ...]
    articles: int
    sentences: int
    share: dict[Axis, Estimate]
    """Share of the sentences over threshold."""
    mean: dict[Axis, Estimate]
    """Mean probability over the sentences."""


def summarise(scores: Path, by: Sequence[str], date_column: str = "date") -> list[Group]:
    """Group the sentences of a job by columns, ascending by their values.

    Parameters
    ----------
    scores
        What ``reportedly score`` wrote: a folder, or a ``.parquet`` or ``.jsonl`` file of sentences.
    by
        Kept columns; ``year``, ``month`` and ``day``, unless there are columns of that name, are made
        from ``date_column``.

    Raises
    ------
    UsageError
        Where there is no such table or column.
    """
    columns = {name: name if name in _names(scores) else _source_of(name, scores, date_column) for name in by}
    totals: dict[tuple[str, ...], list[NDArray[np.float64]]] = {}
    for key, sums in _articles(scores, columns):
        totals.setdefault(key, []).append(sums)
    return [_group(key, np.stack(sums), seed) for seed, (key, sums) in enumerate(sorted(totals.items()))]


def bootstrap(sums: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Resample articles with replacement and pool the sentences of each draw.

    Of more than 10,000 articles, random bundles are resampled in their stead, which leaves the spread as it is and
    the time bounded.

    Parameters
    ----------
    sums
        Per article: number of sentences, then sums over them; float64 of shape (articles, 1 + figures).

    Returns
    -------
    float64 of shape (2, figures)
        Ends of the 95 % percentile interval of each figure per sentence (Efron and Tibshirani 1993, chapter 13).
    """
    generator = np.random.default_rng(seed)
    if len(sums) > _MOST_UNITS:
        bundles = np.zeros((_MOST_UNITS, sums.shape[1]))
        np.add.at(bundles, generator.permutation(len(sums)) % _MOST_UNITS, sums)
        sums = bundles
    even = np.full(len(sums), 1 / len(sums))
    drawn = np.concatenate([generator.multinomial(len(sums), even, size=50) @ sums for _ in range(_DRAWS // 50)])
    tail = (1 - _LEVEL) / 2
    return np.quantile(drawn[:, 1:] / drawn[:, :1], [tail, 1 - tail], axis=0)


def _group(key: tuple[str, ...], sums: NDArray[np.float64], seed: int) -> Group:
    pooled = sums.sum(axis=0)
    values = pooled[1:] / pooled[0]
    ends = bootstrap(sums, seed) if len(sums) > 1 else None
    estimates = [
        Estimate(float(value), *((float(ends[0, i]), float(ends[1, i])) if ends is not None else (None, None)))
        for i, value in enumerate(values)
    ]
    return Group(
        key,
        len(sums),
        int(pooled[0]),
        share=dict(zip(AXES, estimates[: len(AXES)], strict=True)),
        mean=dict(zip(AXES, estimates[len(AXES) :], strict=True)),
    )


def _articles(scores: Path, columns: dict[str, str]) -> Iterator[tuple[tuple[str, ...], NDArray[np.float64]]]:
    """Per article, in order: its group, and its number of sentences, of flags per axis, and sums of the scores."""
    figures = [*(f"{axis}_flag" for axis in AXES), *AXES]
    current: tuple[object, ...] | None = None
    key: tuple[str, ...] = ()
    sums = np.zeros(1 + len(figures))
    for batch in _batches(scores, [*_ARTICLE, *figures, *columns.values()]):
        values = np.column_stack(
            [np.ones(batch.num_rows), *(batch.column(name).to_numpy(zero_copy_only=False) for name in figures)]
        ).astype(np.float64)
        places = list(zip(*(batch.column(name).to_pylist() for name in _ARTICLE), strict=True))
        starts = [row for row in range(batch.num_rows) if row == 0 or places[row] != places[row - 1]]
        for start, part in zip(starts, np.add.reduceat(values, starts, axis=0) if starts else (), strict=True):
            if places[start] != current:
                if current is not None:
                    yield key, sums
                current = places[start]
                key = tuple(_value(name, column, batch, start) for name, column in columns.items())
                sums = part
            else:
                sums = sums + part
    if current is not None:
        yield key, sums


def _value(name: str, column: str, batch: pa.RecordBatch, row: int) -> str:
    value = batch.column(column)[row].as_py()
    if value is None:
        return MISSING
    return str(value) if name == column else _period(str(value), PERIODS[name])


def _period(value: str, length: int) -> str:
    """The year, month or day of a date in ISO form or as in an e-mail.

    >>> _period("2031-04-11T08:00:00Z", 7), _period("Fri, 11 Apr 2031 08:00:00 +0000", 7), _period("spring", 7)
    ('2031-04', '2031-04', '(none)')
    """
    for parse in (date.fromisoformat, datetime.fromisoformat, parsedate_to_datetime):
        try:
            return parse(value).isoformat()[:length]
        except ValueError:
            continue
    return value[:length] if len(value) == length == PERIODS["month"] and value[4] == "-" else MISSING


def _source_of(name: str, scores: Path, date_column: str) -> str:
    names = _names(scores)
    if name in PERIODS and date_column in names:
        return date_column
    kept = ", ".join(names[len(sentence_schema().names) :]) or "none"
    hint = f"; {name} is made from the column that --date names" if name in PERIODS else ""
    raise UsageError(f"{scores}: no column {name!r}; kept columns are {kept} (score again with --keep {name}){hint}")


def _files(scores: Path) -> list[Path]:
    if scores.is_dir() and (shards := sorted((scores / "sentences").glob("part-*.parquet"))):
        return shards
    if scores.suffix in (PARQUET, JSONL) and scores.is_file():
        return [scores]
    raise UsageError(f"{scores}: no sentences of `reportedly score` here; give its folder, .parquet or .jsonl")


def _names(scores: Path) -> list[str]:
    file = _files(scores)[0]
    try:
        if file.suffix == PARQUET:
            names = pq.read_schema(file).names
        else:
            with file.open("rb") as lines:
                names = pyarrow.json.open_json(pa.BufferReader(lines.readline())).schema.names
    except (pa.ArrowException, OSError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from None
    if missing := set(sentence_schema().names).difference(names):
        raise UsageError(f"{file}: not a table of sentences, it lacks {', '.join(sorted(missing))}")
    return list(names)


def _batches(scores: Path, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
    columns = list(dict.fromkeys(map(str, wanted)))
    for file in _files(scores):
        if file.suffix == PARQUET:
            with pq.ParquetFile(file, pre_buffer=False) as table:
                yield from table.iter_batches(columns=columns)
        else:
            known = sentence_schema()
            schema = pa.schema([known.field(name) if name in known.names else (name, pa.string()) for name in columns])
            options = pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
            yield from pyarrow.json.open_json(file, parse_options=options)
