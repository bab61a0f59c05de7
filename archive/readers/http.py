"""Bodies of HTTP answers as WARC stores them, unpacked under a cap."""

import io
import zlib
from typing import Any

_AUTOMATIC = zlib.MAX_WBITS | 32
"""Tells gzip from zlib by the first bytes."""
_RAW_DEFLATE = -zlib.MAX_WBITS


def unpacked(body: bytes, headers: Any, limit: int) -> bytes:
    """Join the chunks of a body and decompress it, to no more than ``limit`` bytes.

    warcio does this too, but holds a chunk of any size, and what it grows to.

    Parameters
    ----------
    headers
        Of the answer, as warcio parses them; ``None`` for what is no answer.
    """
    from warcio.bufferedreaders import ChunkedDataReader

    if headers is None:
        return body
    if (headers.get_header("Transfer-Encoding") or "").lower() == "chunked":
        body = ChunkedDataReader(io.BytesIO(body)).read()
    match (headers.get_header("Content-Encoding") or "").lower():
        case "gzip" | "x-gzip":
            return _inflated(body, limit, _AUTOMATIC)
        case "deflate":  # zlib by the standard, without its frame by habit
            return _inflated(body, limit, _AUTOMATIC, _RAW_DEFLATE)
    return body


def _inflated(body: bytes, limit: int, *windows: int) -> bytes:
    for window in windows:
        try:
            return zlib.decompressobj(window).decompress(body, limit)
        except zlib.error:
            continue
    return body  # unpacked before it was stored, the header left as it was
