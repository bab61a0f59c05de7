"""Pages: one article per file, its text extracted by trafilatura."""

import functools
from collections.abc import Iterator
from typing import Any

from ..partitions import Piece
from ..records import Article, Failure, Reading, Record, to_article
from .whole import read_whole

METADATA = ("title", "author", "date", "sitename", "url", "hostname", "description", "language")
"""Fields that a page may offer to ``--keep``."""


def read(piece: Piece, reading: Reading) -> Iterator[Record]:
    """Locate the one record of a file."""
    return read_whole(piece, reading, parse_page)


def parse_page(
    content: bytes, fields: dict[str, str | None], reading: Reading, source: str, position: int
) -> Article | Failure:
    """Extract the article of a page. What ``fields`` says wins over what the page says of itself."""
    from lxml.etree import LxmlError

    try:
        # Metadata costs as much as the text, so it is only looked for where something of it is asked for.
        asked = bool(reading.keep or reading.id_field)
        page = _trafilatura().bare_extraction(content, include_comments=False, with_metadata=asked)
    except (LxmlError, ValueError, TypeError, AttributeError, RecursionError) as error:
        return Failure(source, position, f"no article could be extracted: {error!r:.200}")
    if page is None or not page.text:
        return Failure(source, position, "empty: no article text found in the page")
    offered = {name: getattr(page, name, None) for name in METADATA}
    return to_article({**offered, **fields, reading.text_field: page.text}, reading, source, position, extracted=True)


@functools.cache
def _trafilatura() -> Any:
    """Trafilatura with its own messages off: what fails is recorded here."""
    import logging

    import trafilatura

    for name in ("trafilatura", "htmldate", "courlan"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return trafilatura
