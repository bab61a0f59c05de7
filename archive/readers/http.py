"""Bodies of HTTP answers as WARC stores them, unpacked under a cap."""

import io
import zlib
from typing import Any

import pyarrow as pa

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_GZIP_FRAME = zlib.MAX_WBITS | 16
_DEFLATED = 8
"""The method in the low bits of a zlib frame's first byte; the first two bytes are a multiple of 31 (RFC 1950)."""
_MOST_MEMBERS = 100
"""Of a gzip body; a browser's server sends one, and each costs a copy of what follows it."""
_LONGEST_CHUNK_HEADER = 64


class BrokenBodyError(ValueError):
    """A body of which a part is missing or damaged."""


def unpacked(body: bytes, headers: Any, limit: int) -> bytes:
    """Join the chunks of a body and decompress it, to no more than ``limit`` bytes.

    warcio does this too, but holds a chunk of any size, and what it grows to, and gives what there is of a body that
    breaks off. A body that is stored unpacked, its headers left as they were, is given as it is.

    Parameters
    ----------
    headers
        Of the answer, as warcio parses them; ``None`` for what is no answer.

    Raises
    ------
    BrokenBodyError
        Where the body ends before its chunks or its compressed data do, or they are damaged.
    """
    if headers is None:
        return body
    if (headers.get_header("Transfer-Encoding") or "").lower() == "chunked":
        body = _joined(body)
    try:
        match (headers.get_header("Content-Encoding") or "").lower():
            case "gzip" | "x-gzip" if body.startswith(_GZIP):
                return _gunzipped(body, limit)
            case "deflate" if body:
                return _inflated(body, limit)
            case "zstd" if body.startswith(_ZSTD):
                return _unpacked_by_arrow("zstd", body, limit)
            case "br" if body:
                return _debrotlied(body, limit)
    except (OSError, zlib.error) as error:
        raise BrokenBodyError(f"the page cannot be unpacked: {error}") from error
    return body


def _joined(body: bytes) -> bytes:
    """The content of chunks, by RFC 9112, section 7.1; what follows the last chunk is of no interest."""
    stream, chunks = io.BytesIO(body), list[bytes]()
    while size := _chunk_size(stream.readline(_LONGEST_CHUNK_HEADER)):
        chunk = stream.read(size)
        if len(chunk) < size or stream.readline(2) != b"\r\n":
            raise BrokenBodyError("a chunk of the page breaks off")
        chunks.append(chunk)
    if size is None and chunks:
        raise BrokenBodyError("the page breaks off before its last chunk")
    return body if size is None else b"".join(chunks)


def _chunk_size(header: bytes) -> int | None:
    """The size that a chunk's first line gives; ``None`` where it gives none."""
    digits, _, _ = header.partition(b";")
    try:
        return int(digits, 16) if header.endswith(b"\r\n") and digits[:1].isalnum() else None
    except ValueError:
        return None


def _gunzipped(body: bytes, limit: int) -> bytes:
    """All members; what trails them is no part of the page."""
    content = b""
    for _ in range(_MOST_MEMBERS):
        member = zlib.decompressobj(_GZIP_FRAME)
        content += _unpacked_by(member, body, limit - len(content))
        body = member.unused_data
        if len(content) >= limit or not body.startswith(_GZIP):
            return content
    raise BrokenBodyError(f"the page cannot be unpacked: it has more than {_MOST_MEMBERS} parts")


def _inflated(body: bytes, limit: int) -> bytes:
    """Zlib by the standard, without its frame by habit."""
    if body[0] & 15 == _DEFLATED and int.from_bytes(body[:2]) % 31 == 0:
        return _unpacked_by(zlib.decompressobj(), body, limit)
    try:
        return _unpacked_by(zlib.decompressobj(-zlib.MAX_WBITS), body, limit)
    except zlib.error:
        return body  # unpacked before it was stored


def _debrotlied(body: bytes, limit: int) -> bytes:
    """Brotli has no signature: what is none, and markup or UTF-8, was unpacked before it was stored."""
    try:
        return _unpacked_by_arrow("brotli", body, limit)
    except OSError:
        if _reads_as_text(body):
            return body
        raise


def _reads_as_text(body: bytes) -> bool:
    if body.lstrip().startswith(b"<"):
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _unpacked_by_arrow(compression: str, body: bytes, limit: int) -> bytes:
    """The content, where nothing trails it."""
    with pa.input_stream(pa.py_buffer(body), compression=compression, buffer_size=0) as stream:
        content: bytes = stream.read(limit)
    return content


def _unpacked_by(inflater: Any, body: bytes, limit: int) -> bytes:
    content: bytes = inflater.decompress(body, limit)
    if not inflater.eof and len(content) < limit:
        raise BrokenBodyError("the page cannot be unpacked: it breaks off")
    return content
