"""Fields of a record by dotted name, and their values as text."""

import json
from collections.abc import Mapping
from typing import Any

from ..model.text import encodable


def field(fields: Mapping[str, Any], name: str) -> Any:
    """Look a field up: by its whole name, else nested by the parts between dots; ``None`` where there is none.

    >>> field({"body": {"text": "It rained."}}, "body.text")
    'It rained.'
    >>> field({"body.text": "It snowed.", "body": {"text": "It rained."}}, "body.text")
    'It snowed.'
    """
    if name in fields:
        return fields[name]
    head, dot, rest = name.partition(".")
    inner = fields.get(head) if dot else None
    return field(inner, rest) if isinstance(inner, Mapping) else None


def null_in(fields: Mapping[str, Any], name: str) -> str | None:
    """The part of a name down to which a record has fields, where that is null; ``None`` where none is.

    >>> null_in({"body": None}, "body.text"), null_in({"body": {"text": None}}, "body.text"), null_in({}, "body.text")
    ('body', 'body.text', None)
    """
    head, dot, rest = (name, "", "") if name in fields else name.partition(".")
    if head not in fields:
        return None
    if fields[head] is None:
        return head
    inner = null_in(fields[head], rest) if dot and isinstance(fields[head], Mapping) else None
    return inner and f"{head}.{inner}"


def as_text(value: Any) -> str | None:
    """A value of any type as the text that tables carry: strings and dates as they are, lists and the like as JSON.

    Raises
    ------
    UnicodeDecodeError
        For bytes that are no UTF-8.

    Examples
    --------
    >>> as_text(3), as_text("x"), as_text(None), as_text(float("nan")), as_text(["a"]), as_text(b"a1"), as_text(True)
    ('3', 'x', None, None, '["a"]', 'a1', 'true')
    """
    if value is None or value != value:  # NaN, as data frames have it
        return None
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, (bool, float, list, tuple, dict)):
        return encodable(json.dumps(value, ensure_ascii=False, default=str))
    return encodable(str(value))
