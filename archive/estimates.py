"""The summary as a table for other programs: a row per group and axis."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pyarrow as pa

from ..model.axes import AXES, Voice
from .inputs import UsageError
from .summary import Estimate, Group
from .tables import JSONL, PARQUET, Rows, table_file

_FIGURES = ("share", "mean", "share_difference", "mean_difference")
_ENDS = ("", "_low", "_high")
FIGURES = pa.schema(
    [
        pa.field("voices", pa.string(), nullable=False),
        pa.field("articles", pa.int64(), nullable=False),
        pa.field("sentences", pa.int64(), nullable=False),
        pa.field("axis", pa.string(), nullable=False),
        *(
            pa.field(f"{figure}{end}", pa.float64(), nullable=f"{figure}{end}" not in ("share", "mean"))
            for figure in _FIGURES
            for end in _ENDS
        ),
    ]
)


def require_table(place: Path, by: Sequence[str]) -> None:
    """Refuse what cannot be written, before anything is read.

    Raises
    ------
    UsageError
        Where the ending is neither ``.parquet`` nor ``.jsonl``, or a column has the name of a figure.
    """
    if place.suffix.lower() not in (PARQUET, JSONL):
        raise UsageError(f"--output {place}: a table is written, expected a name that ends in {PARQUET} or {JSONL}")
    if taken := [name for name in by if name in FIGURES.names]:
        raise UsageError(
            f"--output: the table has a column {taken[0]!r} of its own; score again with --keep NAME={taken[0]}"
        )


def write_estimates(place: Path, groups: Sequence[Group], by: Sequence[str], voices: Collection[Voice]) -> None:
    """Write the columns that were grouped by, as text, and the figures.

    Ends of an interval are null without one, differences where nothing is compared. ``voices`` are
    those whose sentences were counted, where not all were.
    """
    schema = pa.schema([*(pa.field(name, pa.string(), nullable=False) for name in by), *FIGURES])
    place.parent.mkdir(parents=True, exist_ok=True)
    with table_file(place, schema) as sink:
        rows = Rows(sink, schema)
        rows.add(
            {
                **dict(zip(by, group.key, strict=True)),
                "voices": ",".join(voices or Voice),
                "articles": group.articles,
                "sentences": group.sentences,
                "axis": axis.value,
                **{
                    f"{figure}{end}": value
                    for figure in _FIGURES
                    for end, value in zip(_ENDS, _values(getattr(group, figure).get(axis)), strict=True)
                },
            }
            for group in groups
            for axis in AXES
        )
        rows.flush()


def _values(estimate: Estimate | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if estimate is None else (estimate.value, estimate.low, estimate.high)
