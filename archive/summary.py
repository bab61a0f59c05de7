"""How framing moves by any carried column: share and mean per axis, with intervals over articles."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from ..model.axes import AXES, Axis, Voice
from ..model.language import is_foreign
from .bundles import Bundles
from .dates import period_of, require_date_format
from .inputs import UsageError
from .schema import sentence_schema
from .tables import JSONL, PARQUET

PERIODS = {"year": 4, "month": 7, "day": 10}
"""Columns that are made from a date, and how much of its ISO form they keep."""
MISSING = "(none)"
UNCLEAR = "(unclear)"
"""In place of a year, month or day, where what should be a date is not understood, or coarser."""
LAST = ("", UNCLEAR, MISSING)
FEWEST_ARTICLES = 5
"""For an interval: four have 35 resamples that differ, too few for one in each tail of 2.5 %; five have 126."""
_DRAWS = 1000
_LEVEL = 0.95
_BYTES_PER_BLOCK = 1 << 25
"""Of JSON Lines, where no row may be longer. One carries its article's columns, so that Arrow's 1 MB is too little."""
_ARTICLE = ("source", "position")
_OF_ARTICLES = frozenset({"document", "language", "model", *_ARTICLE})
"""Columns of every table that are the same in all sentences of an article."""
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DATED = re.compile(r"[0-9]{4}-.+")
"""A month, a day, a week or a quarter, as in 2031-W05."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float | None
    """``None`` under five articles, which are too few to resample."""
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
    foreign: int = 0
    """Articles among them that are surely not in English, so that their scores mean nothing."""
    unclear: str | None = None
    """What stands in the first of them for a date that is not understood."""
    share_difference: Mapping[Axis, Estimate] = field(default_factory=dict)
    """To the group that is compared with, where there is one; see :func:`.differences.compare`."""
    mean_difference: Mapping[Axis, Estimate] = field(default_factory=dict)


def summarise(
    scores: Path,
    by: Sequence[str],
    date_column: str = "date",
    date_format: str | None = None,
    voices: Collection[Voice] = (),
) -> list[Group]:
    """Group the sentences of a job by columns, ascending by their values.

    Parameters
    ----------
    scores
        What ``reportedly score`` wrote: a folder, or a ``.parquet`` or ``.jsonl`` file of sentences.
    by
        Columns of articles, such as the kept ones, each once; ``year``, ``month`` and ``day``, unless there are columns
        of that name, are made from ``date_column``. Dates in a column of such a name are cut to it, other values stay
        as they are.
        Numbers come by size, other values as text, what has none last.
    date_format
        How dates are written, as :meth:`datetime.datetime.strptime` has it, where it is none of the usual ways.
    voices
        Count sentences in these voices only; by default all.

    Raises
    ------
    UsageError
        Where there is no such table or column, it is not one of articles, there is no sentence in it, or the format of
        dates is none.
    """
    if date_format is not None:
        require_date_format(date_format)
    columns = {name: _source_of(name, scores, date_column) for name in by}
    totals: defaultdict[tuple[str, ...], Bundles] = defaultdict(Bundles)
    foreign: Counter[tuple[str, ...]] = Counter()
    unclear: dict[tuple[str, ...], str] = {}
    for values, language, sums in _articles(scores, list(columns.values()), voices):
        key = tuple(
            _value(value, name, name == column, date_format)
            for value, (name, column) in zip(values, columns.items(), strict=True)
        )
        totals[key].add(sums)
        foreign[key] += is_foreign(language)
        if UNCLEAR in key:
            unclear.setdefault(key, str(values[key.index(UNCLEAR)]))
    if not totals and voices:
        raise UsageError(f"{scores}: not one sentence in it is {' or '.join(voices)}")
    if not totals:
        raise _without_sentences(scores)
    places = [{value: at for at, value in enumerate(ordered(values))} for values in zip(*totals, strict=True)]
    keys = sorted(totals, key=lambda key: [place[value] for place, value in zip(places, key, strict=True)])
    return [_group(key, totals[key], foreign[key], unclear.get(key), seed) for seed, key in enumerate(keys)]


def ordered(values: Collection[str]) -> list[str]:
    """Distinct values of a column: by size where all are numbers, else as text; what is empty or missing last.

    >>> ordered(["10", "9", "(none)", "", "9"]), ordered(["b", "10", "9"])
    (['9', '10', '', '(none)'], ['10', '9', 'b'])
    """
    last = [value for value in LAST if value in values]
    known = set(values).difference(last)
    by_size = all(map(_NUMBER.fullmatch, known))
    return [*sorted(known, key=lambda value: (float(value) if by_size else 0.0, value)), *last]


def follow_one_another(values: Collection[str]) -> bool:
    """Whether all are numbers, or all begin with a year, so that their order means something.

    >>> follow_one_another(["2031-W05", "2031-W12"]), follow_one_another(["9", "10"]), follow_one_another(["Monday"])
    (True, True, False)
    """
    return any(all(map(pattern.fullmatch, values)) for pattern in (_NUMBER, _DATED))


def undated(groups: Sequence[Group], by: Sequence[str]) -> Iterator[str]:
    """Tell of dates that are not there, or not understood."""
    for place, name in enumerate(by):
        if name in PERIODS and all(group.key[place] == MISSING for group in groups):
            yield f"{name}: not one article has a date; --date names the column that holds them"
    if found := [group for group in groups if group.unclear is not None]:
        yield (
            f"dates of {sum(group.articles for group in found):,} articles are not understood, or coarser, as "
            f"{found[0].unclear!r}: they are in {UNCLEAR}; --date names the column of the dates, --date-format how "
            "they are written, as in %d/%m/%Y"
        )


def bootstrap(sums: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Resample articles with replacement and pool the sentences of each draw.

    Parameters
    ----------
    sums
        Per article or bundle of them: number of sentences, then sums over them; float64 of shape
        (articles, 1 + figures).

    Returns
    -------
    float64 of shape (2, figures)
        Ends of the 95 % percentile interval of each figure per sentence, expanded for few articles (Hesterberg 2015):
        as much further out as Student's quantile and the unbiased deviation ask for.
    """
    articles = len(sums)
    generator = np.random.default_rng(seed)
    even = np.full(articles, 1 / articles)
    drawn = np.concatenate([generator.multinomial(len(sums), even, size=50) @ sums for _ in range(_DRAWS // 50)])
    tail = ndtr(math.sqrt(articles / (articles - 1)) * stdtrit(articles - 1, (1 - _LEVEL) / 2))
    return np.quantile(drawn[:, 1:] / drawn[:, :1], [tail, 1 - tail], axis=0)


def intervals(sums: NDArray[np.float64], articles: int, seed: int) -> NDArray[np.float64]:
    """Put an interval about each figure, by `bootstrap` unless that would feign certainty.

    A figure of exactly 0 or 1 is the same in every resample. It gets the exact binomial interval of as many articles
    (Clopper and Pearson 1934), from 0 to ``1 - 0.025 ** (1 / articles)`` or its mirror image. That bounds how many
    articles have such a sentence at all (or one that is not such), and is wide for the sentences.

    Parameters
    ----------
    sums
        As for `bootstrap`.
    articles
        How many articles these are of.

    Returns
    -------
    float64 of shape (2, figures)
        Ends of the 95 % intervals, not-a-number under five articles.

    Examples
    --------
    Ten articles of four sentences, none of them flagged:

    >>> intervals(np.tile([4.0, 0.0], (10, 1)), 10, seed=0).round(3).tolist()
    [[0.0], [0.308]]
    """
    if articles < FEWEST_ARTICLES:
        return np.full((2, sums.shape[1] - 1), np.nan)
    pooled = sums.sum(axis=0)
    values = pooled[1:] / pooled[0]
    bound = 1 - ((1 - _LEVEL) / 2) ** (1 / articles)
    exact = np.stack([np.where(values == 1, 1 - bound, 0), np.where(values == 0, bound, 1)])
    return np.where((values == 0) | (values == 1), exact, bootstrap(sums, seed))


def _group(key: tuple[str, ...], bundles: Bundles, foreign: int, unclear: str | None, seed: int) -> Group:
    sums = bundles.sums
    pooled = sums.sum(axis=0)
    estimates = [
        Estimate(value, None if math.isnan(low) else low, None if math.isnan(high) else high)
        for value, low, high in zip(
            (pooled[1:] / pooled[0]).tolist(), *intervals(sums, bundles.articles, seed).tolist(), strict=True
        )
    ]
    return Group(
        key,
        bundles.articles,
        int(pooled[0]),
        share=dict(zip(AXES, estimates[: len(AXES)], strict=True)),
        mean=dict(zip(AXES, estimates[len(AXES) :], strict=True)),
        foreign=foreign,
        unclear=unclear,
    )


def _articles(
    scores: Path, columns: Sequence[str], voices: Collection[Voice]
) -> Iterator[tuple[tuple[Any, ...], str | None, NDArray[np.float64]]]:
    """Per article, in order: its values, its language, and its sums: of sentences, of flags per axis, of scores."""
    figures = [*(f"{axis}_flag" for axis in AXES), *AXES]
    current: tuple[object, ...] | None = None
    held: tuple[Any, ...] = ()
    language: str | None = None
    sums = np.zeros(1 + len(figures))
    for batch in _batches(scores, [*_ARTICLE, "language", "voice", *figures, *columns]):
        if voices:
            batch = batch.filter(pc.is_in(batch.column("voice"), pa.array(map(str, voices), pa.string())))
        values = np.column_stack(
            [np.ones(batch.num_rows), *(batch.column(name).to_numpy(zero_copy_only=False) for name in figures)]
        ).astype(np.float64)
        places = list(zip(*(batch.column(name).to_pylist() for name in _ARTICLE), strict=True))
        starts = [row for row in range(batch.num_rows) if row == 0 or places[row] != places[row - 1]]
        for start, part in zip(starts, np.add.reduceat(values, starts, axis=0) if starts else (), strict=True):
            if places[start] != current:
                if current is not None:
                    yield held, language, sums
                current = places[start]
                held = tuple(batch.column(column)[start].as_py() for column in columns)
                language = batch.column("language")[start].as_py()
                sums = part
            else:
                sums = sums + part
    if current is not None:
        yield held, language, sums


def _value(value: object, name: str, own: bool, date_format: str | None) -> str:
    """What a group is named by a value. A column of ``own`` name may hold what is no date."""
    if value is None:
        return MISSING
    period = period_of(str(value), PERIODS[name], date_format) if name in PERIODS else None
    return period or (str(value) if own else UNCLEAR)


def _source_of(name: str, scores: Path, date_column: str) -> str:
    names = _names(scores)
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
            f"{scores}: no column {date_column!r}, of which {name} is made; kept columns are {kept} (name another with "
            f"--date, or score again with --keep {date_column})"
        )
    raise UsageError(f"{scores}: no column {name!r}; kept columns are {kept} (score again with --keep {name})")


def _files(scores: Path) -> list[Path]:
    if scores.is_dir() and (shards := sorted((scores / "sentences").glob("part-*.parquet"))):
        return shards
    if scores.suffix.lower() in (PARQUET, JSONL) and scores.is_file():
        return [scores]
    raise UsageError(f"{scores}: no sentences of `reportedly score` here; give its folder, .parquet or .jsonl")


def _without_sentences(scores: Path) -> UsageError:
    return UsageError(f"{scores}: not one sentence in it; `reportedly score` tells at its end what was not read")


def _names(scores: Path) -> list[str]:
    file = _files(scores)[0]
    try:
        if file.suffix.lower() == PARQUET:
            names = pq.read_schema(file).names
        else:
            with file.open("rb") as lines:
                line = lines.readline()
            if not line.strip():
                raise _without_sentences(scores)
            names = pyarrow.json.open_json(pa.BufferReader(line), read_options=_in_blocks()).schema.names
    except (pa.ArrowException, OSError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from None
    if missing := set(sentence_schema().names).difference(names):
        raise UsageError(f"{file}: not a table of sentences, it lacks {', '.join(sorted(missing))}")
    return list(names)


def _batches(scores: Path, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
    columns = list(dict.fromkeys(map(str, wanted)))
    for file in _files(scores):
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
