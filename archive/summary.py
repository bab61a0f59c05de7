"""How framing moves by any carried column: share and mean per axis, with intervals over articles."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from ..model.axes import AXES, Axis, Voice
from ..model.language import is_foreign
from .bundles import Bundles
from .dates import PERIODS, period_of, require_date_format
from .inputs import UsageError
from .manifest import described
from .scored import WITHOUT_SENTENCES, ScoredArticle, columns_of, is_blank, scored_articles

MISSING = "(none)"
UNCLEAR = "(unclear)"
"""In place of a year, month or day, where what should be a date is not understood, or coarser."""
LAST = ("", UNCLEAR, MISSING)
FEWEST_ARTICLES = 5
"""For an interval: four have 35 resamples that differ, too few for one in each tail of 2.5 %; five have 126."""
_DRAWS = 1000
_LEVEL = 0.95
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
    models: frozenset[str] = frozenset()
    """Hashes of the checkpoints that scored them."""
    unclear: str | None = None
    """What stands in the first of them for a date that is not understood."""
    share_difference: Mapping[Axis, Estimate] = field(default_factory=dict)
    """To the group that is compared with, where there is one; see :func:`.differences.compare`."""
    mean_difference: Mapping[Axis, Estimate] = field(default_factory=dict)


@dataclass(slots=True)
class _Found:
    """What is known of a group while the tables are read."""

    bundles: Bundles = field(default_factory=Bundles)
    foreign: int = 0
    models: set[str] = field(default_factory=set)
    unclear: str | None = None

    def add(self, article: ScoredArticle, key: tuple[str, ...]) -> None:
        self.bundles.add(article.sums)
        self.foreign += is_foreign(article.language)
        self.models.add(article.model)
        if self.unclear is None and UNCLEAR in key:
            self.unclear = str(article.values[key.index(UNCLEAR)])


def summarise(
    tables: Sequence[Path],
    by: Sequence[str],
    date_column: str = "date",
    date_format: str | None = None,
    voices: Collection[Voice] = (),
) -> list[Group]:
    """Group the sentences of one job or several by columns, ascending by their values.

    Parameters
    ----------
    tables
        What ``reportedly score`` wrote, each once: folders, or ``.parquet`` or ``.jsonl`` files of sentences.
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
        Where there is no such table or column, it is not one of articles, there is no sentence in any table, one is
        named twice, or the format of dates is none.
    """
    if date_format is not None:
        require_date_format(date_format)
    _require_distinct(tables)
    tables = [table for table in tables if not is_blank(table)] or tables
    sources = [columns_of(by, table, date_column) for table in tables]
    found: defaultdict[tuple[str, ...], _Found] = defaultdict(_Found)
    for table, columns in zip(tables, sources, strict=True):
        for article in scored_articles(table, list(columns.values()), voices):
            key = tuple(
                _value(value, name, name == column, date_format)
                for value, (name, column) in zip(article.values, columns.items(), strict=True)
            )
            found[key].add(article, key)
    if not found:
        missing = f"not one sentence in it is {' or '.join(voices)}" if voices else WITHOUT_SENTENCES
        raise UsageError(f"{', '.join(map(str, tables))}: {missing}")
    places = [{value: at for at, value in enumerate(ordered(values))} for values in zip(*found, strict=True)]
    keys = sorted(found, key=lambda key: [place[value] for place, value in zip(places, key, strict=True)])
    return [_group(key, found[key], seed) for seed, key in enumerate(keys)]


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


def scored_unlike(tables: Sequence[Path], groups: Sequence[Group], by: Sequence[str]) -> Iterator[str]:
    """Tell of scores that are not of one kind, so that groups may differ by what scored them."""
    if "model" not in by and len(models := frozenset[str]().union(*(group.models for group in groups))) > 1:
        yield f"scored by {len(models)} checkpoints, {', '.join(sorted(models))}; --by model sets them apart"
    manifests = [manifest for table in tables if (manifest := described(table)) is not None]
    yield from _thresholds_apart([manifest["model"]["thresholds"] for manifest in manifests])
    yield from _parts_apart([manifest for manifest in manifests if manifest["settings"].get("part")])


def _thresholds_apart(of_tables: Sequence[Mapping[str, float]]) -> Iterator[str]:
    for axis in AXES:
        if len(known := sorted({thresholds.get(axis, math.nan) for thresholds in of_tables})) > 1:
            yield f"{axis} was flagged from different thresholds: {', '.join(f'{one:.6g}' for one in known)}"


def _parts_apart(manifests: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if len({(manifest["settings"]["part"]["of"], manifest["inputs"]["sha256"]) for manifest in manifests}) > 1:
        yield (
            "parts of different arrays, or of an archive that changed between them: articles may be missing, or count "
            "twice"
        )
    elif manifests:
        found = Counter(manifest["settings"]["part"]["number"] for manifest in manifests)
        of = manifests[0]["settings"]["part"]["of"]
        if missing := [str(number) for number in range(1, of + 1) if number not in found]:
            yield f"of {of} parts there are not {', '.join(missing)}"
        if twice := [str(number) for number, count in sorted(found.items()) if count > 1]:
            yield f"part {', '.join(twice)} is there more than once, and its articles count so often"


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


def _group(key: tuple[str, ...], found: _Found, seed: int) -> Group:
    sums, articles = found.bundles.sums, found.bundles.articles
    pooled = sums.sum(axis=0)
    estimates = [
        Estimate(value, None if math.isnan(low) else low, None if math.isnan(high) else high)
        for value, low, high in zip(
            (pooled[1:] / pooled[0]).tolist(), *intervals(sums, articles, seed).tolist(), strict=True
        )
    ]
    return Group(
        key,
        articles,
        int(pooled[0]),
        share=dict(zip(AXES, estimates[: len(AXES)], strict=True)),
        mean=dict(zip(AXES, estimates[len(AXES) :], strict=True)),
        foreign=found.foreign,
        models=frozenset(found.models),
        unclear=found.unclear,
    )


def _require_distinct(tables: Sequence[Path]) -> None:
    places = [table.resolve() for table in tables]
    for table, place in zip(tables, places, strict=True):
        if places.count(place) > 1:
            raise UsageError(f"{table}: is named twice, and its articles would count twice")


def _value(value: object, name: str, own: bool, date_format: str | None) -> str:
    """What a group is named by a value. A column of ``own`` name may hold what is no date."""
    if value is None:
        return MISSING
    period = period_of(str(value), PERIODS[name], date_format) if name in PERIODS else None
    return period or (str(value) if own else UNCLEAR)
