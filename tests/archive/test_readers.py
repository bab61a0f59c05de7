import bz2
import gzip
import hashlib
import io
import json
import zlib
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportedly.archive.inputs import find_inputs
from reportedly.archive.partitions import partition
from reportedly.archive.records import Article, Failure, Reading

RAIN = "It rained in Osterby."
SNOW = "It snowed in Osterby."


def reasons(items):
    return [(item.position, item.reason) for item in items if isinstance(item, Failure)]


def texts(items):
    return [item.text for item in items if isinstance(item, Article)]


@pytest.fixture
def archive(tmp_path):
    """Write bytes or rows into a file, and return its path."""

    def write(name, content):
        path = tmp_path / name
        if isinstance(content, list):
            content = "".join(json.dumps(row) + "\n" for row in content)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


PACKERS = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".zst": lambda raw: pa.compress(raw, "zstd", asbytes=True),
}


def parquet_bytes(table, **options):
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream.getvalue()


def warc_bytes(pages, answer_headers=(), **record_headers):
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=False)
    for url, status, kind, body in pages:
        headers = StatusAndHeaders(status, [("Content-Type", kind), *answer_headers], protocol="HTTP/1.1")
        record = writer.create_warc_record(url, "response", io.BytesIO(body), http_headers=headers)
        for name, value in record_headers.items():
            record.rec_headers.add_header(f"WARC-{name.title()}", value)
        writer.write_record(record)
    return stream.getvalue()


PAGE = f"<html><head><title>Weather</title></head><body><article><p>{RAIN}</p><p>{SNOW}</p></article></body></html>"
FILES = {
    "a.jsonl": (json.dumps({"text": RAIN}) + "\n\n" + json.dumps({"text": SNOW})).encode(),
    "a.ndjson": b"\xef\xbb\xbf" + (json.dumps({"text": RAIN}) + "\r\n" + json.dumps({"text": SNOW}) + "\r\n").encode(),
    "a.csv": f'\ufeffid,text\n1,{RAIN}\n2,"{SNOW}"\n'.encode(),
    "a.tsv": f"id\ttext\n1\t{RAIN}\n2\t{SNOW}\n".encode(),
    "a.parquet": parquet_bytes(pa.table({"text": [RAIN, SNOW]})),
    "a.warc": warc_bytes(
        [
            ("https://osterby.example/1", "200 OK", "text/plain", RAIN.encode()),
            ("https://osterby.example/2", "404 Not Found", "text/plain", b"Nothing here."),
            ("https://osterby.example/3", "200 OK", "image/png", b"\x89PNG"),
            ("https://osterby.example/4", "200 OK", "text/plain; charset=utf-8", SNOW.encode()),
        ]
    ),
}


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("name", FILES)
def test_every_format_is_read_plain_and_packed(archive, read_all, name, packing):
    assert texts(read_all(archive(name + packing, PACKERS[packing](FILES[name])))) == [RAIN, SNOW]


@pytest.mark.parametrize("packing", PACKERS)
def test_a_text_file_is_one_article_with_its_line_ends_as_they_are(archive, read_all, packing):
    (article,) = read_all(archive(f"a.txt{packing}", PACKERS[packing](b"\xef\xbb\xbfOne.\r\nTwo.\n")))
    assert (article.text, article.position, article.extracted) == ("One.\r\nTwo.\n", 1, False)
    assert article.id.endswith(f"a.txt{packing}")


@pytest.mark.parametrize("packing", PACKERS)
def test_a_page_gives_its_extracted_text_and_metadata(archive, read_all, packing):
    path = archive(f"a.html{packing}", PACKERS[packing](PAGE.encode()))
    (article,) = read_all(path, reading=Reading(keep=(("headline", "title"), ("body", "nothing"))))
    assert RAIN in article.text
    assert "<p>" not in article.text
    assert article.extracted
    assert article.kept == ("Weather", None)


def test_a_page_in_a_warc_knows_its_address(archive, read_all):
    content = warc_bytes([("https://osterby.example/1", "200 OK", "text/html", PAGE.encode())])
    (article,) = read_all(archive("a.warc", content), reading=Reading(keep=(("url", "url"),)))
    assert (article.kept, article.extracted) == (("https://osterby.example/1",), True)
    assert article.id.startswith("<urn:uuid:")


def chunked(*chunks):
    return b"".join(b"%x; a=b\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)


# without the time, which would name the cases otherwise in each process of a test run
gzipped = partial(gzip.compress, mtime=0)
RAW = RAIN.encode()
RAW_DEFLATE = zlib.compressobj(wbits=-zlib.MAX_WBITS)
INCOMPRESSIBLE = hashlib.shake_256(b"rain").hexdigest(2000).encode()


@pytest.mark.parametrize(
    ("encoding", "body", "outcome"),
    [
        ("gzip", gzipped(RAW), RAIN),
        ("gzip", gzipped(RAW[:9]) + gzipped(RAW[9:]), RAIN),
        ("gzip", gzipped(INCOMPRESSIBLE)[:1000], "the page cannot be unpacked"),
        ("gzip", gzipped(RAW)[:-8] + bytes(8), "the page cannot be unpacked"),
        ("gzip", gzipped(RAW) + b"\r\n<!-- served -->", RAIN),
        ("gzip", gzipped(b"") * 200, "the page cannot be unpacked: it has more than 100 parts"),
        ("gzip", RAW, RAIN),
        ("deflate", zlib.compress(RAW), RAIN),
        ("deflate", RAW_DEFLATE.compress(RAW) + RAW_DEFLATE.flush(), RAIN),
        ("deflate", zlib.compress(INCOMPRESSIBLE)[:1000], "the page cannot be unpacked: it breaks off"),
        ("deflate", zlib.compress(RAW)[:-1] + b"\0", "the page cannot be unpacked"),
        ("deflate", b"", "empty: the text has no word"),
        ("deflate", RAW, RAIN),
        ("zstd", pa.compress(RAW, "zstd", asbytes=True), RAIN),
        ("zstd", pa.compress(INCOMPRESSIBLE, "zstd", asbytes=True)[:1000], "the page cannot be unpacked: Truncated"),
        ("zstd", RAW, RAIN),
        ("br", pa.compress(RAW, "brotli", asbytes=True), RAIN),
        ("br", pa.compress(INCOMPRESSIBLE, "brotli", asbytes=True)[:1000], "the page cannot be unpacked: Truncated"),
        ("br", b"", "empty: the text has no word"),
        ("br", RAW, RAIN),
        ("br", b"<p>caf\xe9</p>", "invalid UTF-8: byte 0xE9"),
        ("chunked", chunked(RAW[:9], RAW[9:], b""), RAIN),
        ("chunked", chunked(RAW) + b"0\r\nX-Trailer: 1\r\n\r\n", RAIN),
        ("chunked", chunked(RAW), "the page breaks off before its last chunk"),
        ("chunked", chunked(RAW)[:-9], "a chunk of the page breaks off"),
        ("chunked", RAW, RAIN),
    ],
)
def test_a_body_in_a_warc_is_whole_or_a_failure(archive, read_all, encoding, body, outcome):
    # regression: what there was of a body that broke off, or of the second part of it, was an article
    header = "Transfer-Encoding" if encoding == "chunked" else "Content-Encoding"
    content = warc_bytes([("https://osterby.example/1", "200 OK", "text/plain", body)], [(header, encoding)])
    (item,) = read_all(archive("a.warc", content))
    assert (item.reason if isinstance(item, Failure) else item.text).startswith(outcome)


def test_a_page_that_was_stored_in_part_is_a_failure(archive, read_all):
    page = ("https://osterby.example/1", "200 OK", "text/plain", RAW)
    (failure,) = read_all(archive("a.warc", warc_bytes([page], truncated="length")))
    assert (failure.position, failure.reason) == (1, "only a part of the page was stored: length")


def test_members_of_a_packed_file_follow_one_another(archive, read_all):
    line = (json.dumps({"text": RAIN}) + "\n").encode()
    assert texts(read_all(archive("a.jsonl.gz", gzip.compress(line) + gzip.compress(line)))) == [RAIN, RAIN]


def test_dotted_names_ids_and_kept_columns(archive, read_all):
    row = {"body": {"text": RAIN}, "meta": {"key": 7, "outlet": "Packet", "tags": ["a"]}, "views": 1.5, "gone": None}
    keep = (("outlet", "meta.outlet"), ("tags", "meta.tags"), ("views", "views"), ("gone", "gone"), ("never", "never"))
    for path in (archive("a.jsonl", [row]), archive("a.parquet", parquet_bytes(pa.Table.from_pylist([row])))):
        (article,) = read_all(path, reading=Reading("body.text", "meta.key", keep))
        assert (article.id, article.text, article.kept) == ("7", RAIN, ("Packet", '["a"]', "1.5", None, None))


def test_values_of_any_type_are_their_text(archive, read_all):
    # regression: a decimal had quotation marks in it, and bytes were shown as Python does
    row = {"id": b"a1", "text": RAIN, "price": Decimal("3.50"), "new": True}
    table = pa.Table.from_pylist([row, row | {"id": b"\xff"}])
    first, second = read_all(
        archive("a.parquet", parquet_bytes(table)), reading=Reading(keep=(("price", "price"), ("new", "new")))
    )
    assert (first.id, first.kept) == ("a1", ("3.50", "true"))
    assert "the id or a field to keep is invalid UTF-8" in second.reason


def test_a_page_gives_its_id_though_nothing_is_kept(archive, read_all):
    (article,) = read_all(archive("a.html", PAGE.encode()), reading=Reading(id_field="title"))
    assert article.id == "Weather"


def test_the_id_is_the_field_id_or_else_the_place(archive, read_all):
    path = archive("a.jsonl", [{"text": RAIN, "id": "x1"}, {"text": SNOW}])
    assert [article.id for article in read_all(path)] == ["x1", f"{path}:2"]


def test_lone_surrogates_keep_their_place(archive, read_all):
    (article,) = read_all(archive("a.jsonl", b'{"text": "a\\ud800b \xf0\x9f\x98\x80."}\n'))
    assert article.text == "a\ufffdb 😀."


def test_bad_lines_are_failures_and_the_rest_goes_on(archive, read_all):
    good = json.dumps({"text": RAIN}).encode()
    lines = [
        good,
        b'{"text": ',
        b'{"headline": "x"}',
        b'{"text": null}',
        b'{"text": 4}',
        b'{"text": " \\u200b "}',
        b"[1]",
        b'{"text": "caf\xe9"}',
        b"[" * 100_000,
        b'{"text": ' + b"9" * 5000 + b"}",
        b"\0\0\xff\0",
        good,
    ]
    items = read_all(archive("a.jsonl", b"\n".join(lines)))
    assert texts(items) == [RAIN, RAIN]
    found = dict(reasons(items))
    assert list(found) == list(range(2, 12))
    assert "broken JSON: Expecting value at column 9" in found[2]
    assert "no field 'text'; there are 'headline'; name another with --text-field" in found[3]
    assert "null" in found[4]
    assert "holds int, expected text" in found[5]
    assert "no word" in found[6]
    assert "holds list" in found[7]
    assert "invalid UTF-8: byte 0xE9 at offset 13" in found[8]
    assert "nested too deeply" in found[9]
    assert "broken JSON" in found[10]
    assert "binary" in found[11]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"body": None}, "empty: field 'body' is null"),  # regression: was told to name another field
        ({"body": {"text": None}}, "empty: field 'body.text' is null"),
        ({"body": {"lead": RAIN}}, "no field 'body.text'; there are 'body'; name another with --text-field"),
    ],
)
def test_a_nested_field_that_is_null_is_told_from_one_that_is_not_there(archive, read_all, record, reason):
    (failure,) = read_all(archive("a.jsonl", json.dumps(record).encode()), reading=Reading("body.text"))
    assert failure.reason == reason


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"caf\xe9", "invalid UTF-8"),
        ("a.txt", b"\x7fELF\0\0\xff", "binary"),
        ("a.txt", "It rained.".encode("utf-16"), "UTF-16"),
        ("a.txt", b"", "empty"),
        ("a.html", b"", "empty"),
        ("a.html", b"\x89PNG\r\n\0\xff", "empty"),
        ("a.parquet", b"PAR1 and nothing more", "damaged"),
        ("a.parquet", b"", "damaged"),
        ("a.jsonl.gz", b"not gzip at all, but long enough to be looked at", "damaged"),
        ("a.jsonl.zst", b"not zstd", "damaged"),
        ("a.csv", b"id,body\n1,x\n", "no field 'text'; there are 'id', 'body'"),
        ("a.csv", b"id,text\n1\n", "1 cells under a header of 2"),
        ("a.csv", b"id;text\n1;Rain, at last.\n", "2 cells under a header of 1; the names look parted by ';'"),
        ("a.csv", b"id,text\n1,caf\xe9\n", "invalid UTF-8"),
        ("a.csv", b"id,t\xe9xt\n1,x\n", "unreadable header: invalid UTF-8"),
        ("a.parquet", parquet_bytes(pa.table({"body": [RAIN] * 3})), "no column 'text'; there are 'body'"),
        ("a.warc", b"this is no WARC file at all\r\n\r\n", "damaged"),
    ],
)
def test_a_file_that_cannot_be_read_gives_one_failure(archive, read_all, name, content, reason):
    (failure,) = read_all(archive(name, content))
    assert isinstance(failure, Failure)
    assert reason in failure.reason
    assert "\n" not in failure.reason


def test_what_a_torn_file_still_holds_is_read(archive, read_all):
    lines = "".join(json.dumps({"text": f"{RAIN} {number}"}) + "\n" for number in range(2000)).encode()
    items = read_all(archive("a.jsonl.gz", gzip.compress(lines)[:-200]))
    assert texts(items)[:2] == [f"{RAIN} 0", f"{RAIN} 1"]
    assert [position for position, _ in reasons(items)][-1] is None
    assert "ended before" in items[-1].reason


@pytest.mark.parametrize(("ending", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress)])
def test_what_comes_before_a_fault_of_a_packed_file_is_read(archive, read_all, ending, pack):
    # regression: all that had been unpacked together with the fault was lost, up to 64 kB
    line = (json.dumps({"text": RAIN}) + "\n").encode()
    assert texts(read_all(archive(f"a.jsonl{ending}", pack(line) + bytes(512)))) == [RAIN]
    article, failure = read_all(archive(f"b.jsonl{ending}", pack(line) + pack(INCOMPRESSIBLE)[:-100]))
    assert (article.text, failure.position) == (RAIN, None)
    assert "ended before the end-of-stream" in failure.reason


def test_little_is_lost_before_damage(archive, read_all):
    texts_in = [hashlib.sha256(bytes([number])).hexdigest() for number in range(250)]
    packed = bytearray(gzip.compress("".join(json.dumps({"text": text}) + "\n" for text in texts_in).encode()))
    packed[-1500:-1480] = bytes(20)
    items = read_all(archive("a.jsonl.gz", bytes(packed)))
    assert texts(items)[:100] == texts_in[:100]  # after the damage, text may be wrong before the checksum tells
    assert reasons(items)[-1][0] is None


def test_rows_of_csv_may_hold_newlines_and_are_known_by_their_first_line(archive, read_all):
    items = read_all(archive("a.csv", 'text,n\n"It rained.\nAll day.",1\n\nIt snowed.,2\n'))
    assert [(item.text, item.position) for item in items] == [("It rained.\nAll day.", 2), ("It snowed.", 5)]


def test_an_empty_cell_of_csv_is_no_value(archive, read_all):
    # regression: articles without an id were all called "", and a kept column that was empty counted as filled
    (article,) = read_all(archive("a.csv", f"id,text,outlet\n,{RAIN},\n"), reading=Reading(keep=(("o", "outlet"),)))
    assert article.id.endswith("a.csv:2")
    assert article.kept == (None,)


def test_a_column_of_csv_that_is_there_twice_is_not_guessed_at(archive, read_all):
    # regression: the last one was taken
    (failure,) = read_all(archive("a.csv", f"id,text,text\n1,{RAIN},{SNOW}\n"))
    assert failure.reason == "unreadable header: several columns are called 'text'; rename one"
    assert texts(read_all(archive("b.csv", f"text,,\n{RAIN},,\n"))) == [RAIN]


def test_nan_is_no_value(archive, read_all):
    # regression: the id of what a data frame wrote was "NaN"
    (article,) = read_all(archive("a.jsonl", '{"id": NaN, "text": "It rained."}'))
    assert article.id.endswith("a.jsonl:1")


def test_a_field_of_csv_without_an_end_is_no_article(archive, read_all):
    # regression: all rows to the end of the file were the text of one article
    first, last = read_all(archive("a.csv", f'id,text\n0,{RAIN}\n1,"{RAIN}\n2,{SNOW}\n'))
    assert first.text == RAIN
    assert (last.position, last.reason) == (3, "broken CSV: a quotation mark opens a field that never ends")
    assert len(read_all(archive("b.csv", f'id,text\n1,"{RAIN}"\n2,"{SNOW}"'))) == 2


def test_larger_articles_than_the_cap_are_failures(archive, read_all):
    reading = Reading(article_bytes=100)
    long = "rain " * 100
    cases = [
        archive("a.jsonl", [{"text": RAIN}, {"text": long}, {"text": SNOW}]),
        archive("a.csv", f'text\n{RAIN}\n"{long}\n{long}"\n{SNOW}\n'),
        archive("a.parquet", parquet_bytes(pa.table({"text": [RAIN, long, SNOW]}))),
    ]
    for path in cases:
        items = read_all(path, reading=reading)
        assert texts(items) == [RAIN, SNOW]
        ((position, reason),) = reasons(items)
        assert position in (2, 3)
        assert "larger than the cap of 0.0001 MB; `reportedly score` raises it with --max-article-mb" in reason
    for name in ("a.txt", "a.html"):
        (failure,) = read_all(archive(name, long), reading=reading)
        assert "cap" in failure.reason


@pytest.mark.parametrize(
    ("record", "lines"),
    [
        (b"big," + b"x" * 200 + b"\n", 1),
        (b"big," + b"x" * 46 + b"\n", 1),
        (b'big,"' + b"x" * 30 + b"\n" + b"y" * 30 + b'"\n', 2),
        (b'big,"' + b"x" * 200 + b"\n\n" + b'"\n', 3),
        (b'big,a 5" pipe' + b"x" * 100_000 + b"\n", 1),
        (b'big,"' + b'""' * 60_000 + b'\n",""\n', 2),
        (b'big,"a"b"' + b"x" * 50 + b"\n", 1),
    ],
    ids=[
        "a line",
        "a line one byte too long",
        "its last line",
        "its first line",
        "a mark that is text",
        "marks in pairs",
        "a mark behind a quoted field",
    ],
)
def test_a_row_of_csv_beyond_the_cap_costs_no_other(archive, read_all, record, lines):
    # regression: the row after it was lost where the cap was met at the end of a line, or its line was one too high
    path = archive("a.csv", b"id,text\n1,one\n" + record + b"2,two\n3,three\n")
    items = read_all(path, reading=Reading(article_bytes=50))
    assert [position for position, _ in reasons(items)] == [3]
    assert [(item.text, item.position) for item in items if isinstance(item, Article)] == [
        ("one", 2),
        ("two", 3 + lines),
        ("three", 4 + lines),
    ]


def test_a_bomb_is_recorded_without_being_held(archive, read_all):
    import tracemalloc

    packed = archive(
        "a.jsonl.gz", gzip.compress(b"0" * 50_000_000) + gzip.compress(b"\n" + json.dumps({"text": RAIN}).encode())
    )
    text = archive("b.txt.gz", gzip.compress(b"0" * 50_000_000))
    tracemalloc.start()
    items = read_all(packed, text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert texts(items) == [RAIN]
    assert [reason.startswith("larger than the cap") for _, reason in reasons(items)] == [True, True]
    assert peak < 20_000_000


def test_a_parquet_file_that_repeats_a_huge_text_is_not_unfolded(archive, read_all):
    column = pa.array(["x" * 3_000_000], pa.string())
    table = pa.table({"text": pa.DictionaryArray.from_arrays(pa.array([0] * 20_000, pa.int32()), column)})
    items = read_all(archive("a.parquet", parquet_bytes(table)), reading=Reading(article_bytes=1000))
    assert len(reasons(items)) == 20_000


def test_large_files_are_cut_at_lines_and_row_groups(archive, read_all):
    rows = [{"id": str(number), "text": f"It rained {number} times."} for number in range(200)]
    lines = archive("a.jsonl", rows)
    table = archive("a.parquet", parquet_bytes(pa.Table.from_pylist(rows), row_group_size=20))
    for path in (lines, table):
        whole = read_all(path)
        assert [item.id for item in whole] == [row["id"] for row in rows]
        assert [item.position for item in whole] == list(range(1, 201))
        for size in (100, 1000, 3000):
            assert read_all(path, partition_bytes=size) == whole


def test_a_large_file_that_cannot_be_read_is_left_to_its_reader(archive):
    # regression: the job could not be begun, where a smaller file is a failure
    (file,) = find_inputs([str(archive("a.jsonl", [{"text": RAIN}] * 100))]).files
    lost = replace(file, path=f"{file.path}.lost")
    (part,) = partition([lost], 100, 10)
    assert [(piece.input, piece.size) for piece in part.pieces] == [(lost, file.size)]


@given(
    lines=st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")), max_size=30),
    size=st.integers(1, 200),
    ended=st.booleans(),
)
def test_ranges_of_bytes_cover_each_line_once(tmp_path_factory, lines, size, ended):
    from reportedly.archive.inputs import find_inputs
    from reportedly.archive.job import Settings, plan
    from reportedly.archive.readers import read

    path = tmp_path_factory.mktemp("lines") / "a.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n" * ended)
    files = find_inputs([str(path)]).files

    def outcomes(partition_bytes):
        parts = plan(files, Settings(partition_bytes=partition_bytes))
        return [record.parse() for part in parts for record in read(part, Reading())]

    expected = [number for number, line in enumerate(path.read_bytes().split(b"\n"), 1) if line.strip()]
    assert [item.position for item in outcomes(1 << 30)] == expected
    assert outcomes(size) == outcomes(1 << 30)


@pytest.mark.parametrize(
    ("name", "rows", "found", "lines"),
    [
        ("a.tsv", '1\t"We fled," she said.\n2\tIt rained.\n', ["It rained."], [3]),
        ("b.csv", '1,"He said \\"no\\" to it."\n2,It rained.\n', ["It rained."], [3]),
        ("c.csv", '1,"He said ""no""."\n2,She said "no".\n', ['He said "no".', 'She said "no".'], []),
    ],
)
def test_loose_quotation_marks_are_an_error_and_not_dropped(archive, read_all, name, rows, found, lines):
    """Regression: csv joined what stood apart, and dropped the marks that tell voice. The blank line was the header."""
    header = "\nid\ttext\n" if name.endswith(".tsv") else "\nid,text\n"
    items = read_all(archive(name, header + rows))
    assert texts(items) == found
    assert [line for line, reason in reasons(items) if "each mark in it doubled" in reason] == lines


def test_parquet_with_a_column_twice_is_one_error(archive, read_all):
    """Regression: it ended the job with a traceback."""
    table = pa.table([pa.array([RAIN]), pa.array([SNOW])], names=["text", "text"])
    items = read_all(archive("a.parquet", parquet_bytes(table)), archive("b.txt", RAIN))
    assert reasons(items) == [(None, "several columns are called 'text'; rename one")]
    assert texts(items) == [RAIN]
