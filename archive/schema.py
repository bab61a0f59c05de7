"""The columns of the tables, documented in ``docs/schema.md`` and held to it by a test."""

from collections.abc import Sequence

import pyarrow as pa

from ..model.axes import AXES, Voice
from .inputs import UsageError

SPAN = pa.struct(
    [
        pa.field("axis", pa.string(), nullable=False),
        pa.field("start", pa.int32(), nullable=False),
        pa.field("end", pa.int32(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("score", pa.float32(), nullable=False),
        pa.field("voice", pa.string(), nullable=False),
    ]
)
MEASURES = ("share", "mean", "per_1000_words")
GROUPS = ("", *(f"_{voice}" for voice in Voice))
"""Suffixes of the aggregates: over all sentences, and over those in each voice."""

ERRORS = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("position", pa.int64()),
        pa.field("reason", pa.string(), nullable=False),
    ]
)


def sentence_schema(kept: Sequence[str] = ()) -> pa.Schema:
    """Columns of the sentence table, with those carried through at its end."""
    return _with_kept(
        [
            pa.field("document", pa.string(), nullable=False),
            pa.field("source", pa.string(), nullable=False),
            pa.field("position", pa.int64(), nullable=False),
            pa.field("sentence", pa.int32(), nullable=False),
            pa.field("start", pa.int32(), nullable=False),
            pa.field("end", pa.int32(), nullable=False),
            pa.field("text", pa.string(), nullable=False),
            *(pa.field(axis.value, pa.float32(), nullable=False) for axis in AXES),
            *(pa.field(f"{axis}_flag", pa.bool_(), nullable=False) for axis in AXES),
            pa.field("voice", pa.string(), nullable=False),
            pa.field("spans", pa.list_(pa.field("element", SPAN, nullable=False)), nullable=False),
            pa.field("windows", pa.int32(), nullable=False),
            pa.field("language", pa.string()),
            pa.field("model", pa.string(), nullable=False),
        ],
        kept,
    )


def article_schema(kept: Sequence[str] = ()) -> pa.Schema:
    """Columns of the article table, with those carried through at its end."""
    return _with_kept(
        [
            pa.field("document", pa.string(), nullable=False),
            pa.field("source", pa.string(), nullable=False),
            pa.field("position", pa.int64(), nullable=False),
            pa.field("characters", pa.int32(), nullable=False),
            pa.field("language", pa.string()),
            *(pa.field(f"sentences{group}", pa.int32(), nullable=False) for group in GROUPS),
            *(pa.field(f"words{group}", pa.int32(), nullable=False) for group in GROUPS),
            pa.field("windows", pa.int32(), nullable=False),
            *(
                pa.field(f"{axis}_{measure}{group}", pa.float64())
                for axis in AXES
                for group in GROUPS
                for measure in MEASURES
            ),
            pa.field("top_evidence", pa.list_(pa.field("element", SPAN, nullable=False)), nullable=False),
            pa.field("model", pa.string(), nullable=False),
            pa.field("extracted_text", pa.string()),
        ],
        kept,
    )


def _with_kept(fields: list[pa.Field], kept: Sequence[str]) -> pa.Schema:
    return pa.schema([*fields, *(pa.field(name, pa.string()) for name in kept)])


def require_free_names(keep: Sequence[tuple[str, str]]) -> None:
    """Refuse to keep fields under a name that a table has already, or twice.

    Parameters
    ----------
    keep
        Pairs of name and field.

    Raises
    ------
    UsageError
        With the remedy: another name.
    """
    taken = {*sentence_schema().names, *article_schema().names}
    for name, field in keep:
        if name in taken:
            wanted = name if name == field else f"{name}={field}"
            raise UsageError(
                f"--keep {wanted}: there is a column {name!r} already; rename the field: --keep NAME={field}"
            )
        taken.add(name)
