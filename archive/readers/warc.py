"""WARC: web archives, one article per page that was answered with success."""

import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO

from ..partitions import Piece
from ..records import Article, Failure, Reading, Record, over_cap
from .html import parse_page
from .http import BrokenBodyError, unpacked
from .streams import opened
from .text import parse_text

_PAGES = ("text/html", "application/xhtml+xml")
_MALFORMED = (AttributeError, TypeError, ValueError, zlib.error)
"""What warcio raises, besides errors of its own, over headers that lack or garble a field."""

_MOST_HEADER_BYTES = 1 << 20
"""Of one record, the blank lines before it included."""


def read(piece: Piece, reading: Reading) -> Iterator[Record]:
    """Locate the pages (response, resource) and texts (conversion) of an archive.

    The position is the number of the WARC record in the file. Requests, metadata, repeated visits, answers other
    than 200, and whatever is neither HTML nor plain text are no articles and give no record.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.statusandheaders import StatusAndHeadersParserException

    source = piece.input.source
    at = number = 0
    with opened(piece.input) as stream:
        try:
            entries = ArchiveIterator(stream.bytes)
            entries.reader = capped = _header_capped(stream.bytes)
            for number, entry in enumerate(entries, 1):
                capped.header_bytes = 0
                if entry.format != "warc":  # whatever is no WARC is taken for ARC, the format before it
                    raise ArchiveLoadFailed("no WARC record where one is due")  # noqa: TRY301
                if (kind := _kind(entry)) is None:
                    continue
                content = entry.raw_stream.read(reading.article_bytes + 1)
                if len(content) <= reading.article_bytes and getattr(entry.raw_stream, "limit", 0) > 0:
                    raise ArchiveLoadFailed("the file ends within a record")  # noqa: TRY301
                headers = entry.rec_headers
                fields = {
                    "id": headers.get_header("WARC-Record-ID"),
                    "url": headers.get_header("WARC-Target-URI"),
                    "warc_date": headers.get_header("WARC-Date"),
                }
                consumed = stream.consumed()
                parse: Callable[[], Article | Failure]
                if why := headers.get_header("WARC-Truncated"):
                    parse = partial(Failure, source, number, f"only a part of the page was stored: {why}"[:300])
                else:
                    parse = partial(_parse, kind, content, entry.http_headers, fields, reading, source, number)
                yield Record(parse, consumed - at)
                at = consumed
        except (*_MALFORMED, ArchiveLoadFailed, StatusAndHeadersParserException) as error:
            reason = f"damaged, the rest of the file is not read: {error}".splitlines()[0][:300]
            yield Record(partial(Failure, source, number + 1, reason), 0)


def _header_capped(stream: BinaryIO) -> Any:
    """The reader that warcio iterates with, but for lines without an end: headers are read by lines, bodies are not."""
    from warcio.bufferedreaders import DecompressingBufferedReader
    from warcio.exceptions import ArchiveLoadFailed

    class HeaderCapped(DecompressingBufferedReader):
        header_bytes = 0

        def readline(self, length: int | None = None) -> bytes:
            line: bytes = super().readline(min(length or _MOST_HEADER_BYTES, _MOST_HEADER_BYTES))
            self.header_bytes += len(line)
            if self.header_bytes >= _MOST_HEADER_BYTES:
                raise ArchiveLoadFailed("headers of more than 1 MB")
            return line

    return HeaderCapped(stream)


def _kind(entry: Any) -> str | None:
    """The media type of a record that holds an article, or ``None``."""
    if entry.rec_type == "response":
        if entry.http_headers is None or entry.http_headers.get_statuscode() != "200":
            return None
        declared = entry.http_headers.get_header("Content-Type")
    elif entry.rec_type in ("resource", "conversion"):
        declared = entry.rec_headers.get_header("Content-Type")
    else:
        return None
    kind = (declared or "").partition(";")[0].strip().lower()
    return kind if kind in (*_PAGES, "text/plain") else None


def _parse(
    kind: str, content: bytes, headers: Any, fields: dict[str, str | None], reading: Reading, source: str, number: int
) -> Article | Failure:
    if len(content) <= reading.article_bytes:
        try:
            content = unpacked(content, headers, reading.article_bytes + 1)
        except BrokenBodyError as error:
            return Failure(source, number, str(error))
    if len(content) > reading.article_bytes:
        return Failure(source, number, over_cap(reading.article_bytes))
    if kind in _PAGES:
        return parse_page(content, fields, reading, source, number)
    return parse_text(content, fields, reading, source, number, extracted=True)
