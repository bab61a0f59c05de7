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


def as_text(value: Any) -> str | None:
    """A value of any type as the text that tables carry: strings and dates as they are, the rest as JSON.

    >>> as_text(3), as_text("x"), as_text(None), as_text(["a"])
    ('3', 'x', None, '["a"]')
    """
    if value is None:
        return None
    if isinstance(value, str):
        return encodable(value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return encodable(json.dumps(value, ensure_ascii=False, default=str))
