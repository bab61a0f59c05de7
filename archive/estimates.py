"""The summary as a table for other programs: a row per group and axis."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pyarrow as pa

from ..model.axes import AXES, Voice
from .inputs import UsageError
from .summary import Group
from .tables import JSONL, PARQUET, Rows, table_file

FIGURES = pa.schema(
    [
        pa.field("voices", pa.string(), nullable=False),
        pa.field("articles", pa.int64(), nullable=False),
        pa.field("sentences", pa.int64(), nullable=False),
        pa.field("axis", pa.string(), nullable=False),
        *(
            pa.field(f"{figure}{end}", pa.float64(), nullable=bool(end))
            for figure in ("share", "mean")
            for end in ("", "_low", "_high")
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
    """Write the columns that were grouped by, as text, and the figures; ends of an interval are null without one.

    ``voices`` are those whose sentences were counted, where not all were.
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
                "share": group.share[axis].value,
                "share_low": group.share[axis].low,
                "share_high": group.share[axis].high,
                "mean": group.mean[axis].value,
                "mean_low": group.mean[axis].low,
                "mean_high": group.mean[axis].high,
            }
            for group in groups
            for axis in AXES
        )
        rows.flush()
