"""Small well-formed files that a fuzz target begins from; invented, like all that is in the tests."""

import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq

TEXT = "The mayor of Osterby “may have” left, she said. ‘It’s over,’ J. Peake said at 3 p.m. Tuesday.\n\nIt rained."
_ROWS = [
    {"id": "a", "text": TEXT, "meta": {"key": [1, None]}, "title": "Rain", "date": "2031-02-03"},
    {"id": 7, "text": "\ud83d\ude00 \ud800 é", "meta": None},
]
PAGE = (
    '<!doctype html><html lang="en"><head><title>Rain</title><meta name="author" content="Ines Carvalhal">'
    '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2031-02-03"}</script></head>'
    f"<body><nav><a href='/x'>x</a></nav><article><h1>Rain</h1><p>{TEXT}</p><ul><li>One.</li></ul>"
    "<table><tr><td>1</td></tr></table><blockquote>Two.</blockquote></article></body></html>"
).encode()


def parquet_bytes(table: pa.Table, **options: object) -> bytes:
    """A Parquet file."""
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream.getvalue()


def warc_record(kind: str, media: str, body: bytes, headers: str = "") -> bytes:
    """One WARC record; a response has an HTTP answer in it."""
    answer = f"HTTP/1.1 200 OK\r\nContent-Type: {media}\r\n{headers}\r\n".encode() if kind == "response" else b""
    described = f"Content-Type: {'application/http; msgtype=response' if answer else media}\r\n"
    return (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Target-URI: https://a.example/\r\n"
        f"WARC-Date: 2031-02-03T00:00:00Z\r\n{described}Content-Length: {len(answer) + len(body)}\r\n\r\n"
    ).encode() + b"%b%b\r\n\r\n" % (answer, body)


_LINES = "".join(json.dumps(row) + "\n" for row in _ROWS).encode()
_CSV = 'id,text,meta\r\n1,"It rained.\nAll ""day"".",x\r\n\r\n2,It snowed.,\r\n'
_TABLE = pa.table({"id": ["a", "b"], "text": ["It rained.", "It snowed."], "meta": [{"key": 1}, None]})
_GZIPPED = gzip.compress(TEXT.encode(), mtime=0)
_PACKED = "Content-Encoding: gzip\r\n"
_CHUNKED = "Transfer-Encoding: chunked\r\n"
_WARCS = [
    warc_record("response", "text/html", PAGE) + warc_record("conversion", "text/plain", TEXT.encode()),
    warc_record("response", "text/plain", _GZIPPED, _PACKED),
    warc_record("response", "text/plain", b"4\r\nIt r\r\n6\r\nained.\r\n0\r\n\r\n", _CHUNKED),
    warc_record("response", "text/plain", b"%x\r\n%b\r\n0\r\n\r\n" % (len(_GZIPPED), _GZIPPED), _CHUNKED + _PACKED),
]

SEEDS: dict[str, list[bytes]] = {
    "jsonl": [_LINES],
    "csv": [_CSV.encode()],
    "tsv": [_CSV.replace(",", "\t").encode()],
    "parquet": [parquet_bytes(_TABLE), parquet_bytes(_TABLE, compression="none", use_dictionary=False)],
    "txt": [TEXT.encode(), b"\xef\xbb\xbfIt rained."],
    "html": [PAGE],
    "warc": [*_WARCS, gzip.compress(_WARCS[0], mtime=0)],
    "packed": [bytes([number]) + content for number in range(64, 85) for content in (_LINES, _CSV.encode())],
    "sentences": [TEXT.encode(), "«Non» a “b ‘c’ d” (e.) f. G! h? ".encode() * 3],
}
