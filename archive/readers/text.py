"""Plain text: one article per file."""

from collections.abc import Iterator
from functools import partial

from ..partitions import Piece
from ..records import Article, Failure, Reading, Record, not_utf8, over_cap, to_article
from .streams import opened


def read(piece: Piece, reading: Reading) -> Iterator[Record]:
    """Locate the one record of a file."""
    with opened(piece.input) as stream:
        content = stream.bytes.read(reading.article_bytes + 1)
    yield Record(partial(_parse, content, reading, piece.input.source), piece.input.size)


def _parse(content: bytes, reading: Reading, source: str) -> Article | Failure:
    if len(content) > reading.article_bytes:
        return Failure(source, 1, over_cap(reading.article_bytes))
    return parse_text(content, {}, reading, source, 1)


def parse_text(
    content: bytes,
    fields: dict[str, str | None],
    reading: Reading,
    source: str,
    position: int,
    *,
    extracted: bool = False,
) -> Article | Failure:
    """Turn bytes of text into an article; a byte order mark is not part of it. Line ends stay as they are."""
    try:
        text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        return Failure(source, position, not_utf8(error))
    return to_article(
        {"id": source, **fields, reading.text_field: text}, reading, source, position, extracted=extracted
    )
