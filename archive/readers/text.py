"""Plain text: one article per file."""

from collections.abc import Iterator

from ..partitions import Piece
from ..records import Article, Failure, Reading, Record, not_utf8, to_article
from .whole import read_whole


def read(piece: Piece, reading: Reading) -> Iterator[Record]:
    """Locate the one record of a file."""
    return read_whole(piece, reading, parse_text)


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
