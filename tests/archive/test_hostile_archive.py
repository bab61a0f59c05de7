"""Archives made to do harm: they reach the tables or the errors, and nothing else."""

import gzip
import json
import os
import subprocess
import sys
import tracemalloc
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_scorer import FakeScorer
from fuzz_seeds import PAGE, parquet_bytes, warc_record
from fuzz_targets import check_item, check_reader
from hypothesis import given, settings
from hypothesis import strategies as st

from reportedly.archive import tables
from reportedly.archive.inputs import find_inputs
from reportedly.archive.job import Settings, in_process
from reportedly.archive.manifest import Model
from reportedly.archive.output import output_at
from reportedly.archive.readers import streams
from reportedly.archive.records import Article, Failure, Reading
from reportedly.archive.run import run

KEEP = (("outlet", "outlet"), ("meta", "meta"))
RAIN = "It rained in Osterby."
TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from("a. “”'\"\n\0\ud800\udfff\u202e\u2066\u200d\u0301\U0001f468")),
    max_size=60,
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
ROWS = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "text", "outlet", "meta"), VALUES | TEXTS)))


def score(archive, place, keep=KEEP, scorer=None, **reading):
    job_settings = Settings(Reading(keep=keep, **reading), shard_articles=7)
    model = Model("m", {}, "fake")
    return run(find_inputs([str(archive)]), output_at(place), job_settings, model, in_process(scorer or FakeScorer()))


@settings(max_examples=25)
@given(rows=ROWS)
def test_whatever_the_fields_hold_it_reaches_the_tables(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("job")
    (folder / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"text": "It rained."}')
    totals = score(folder / "a.jsonl", folder / "out.parquet").totals
    score(folder / "a.jsonl", folder / "out.jsonl")
    assert (totals.records, totals.articles + totals.errors) == (len(rows) + 1, len(rows) + 1)
    table = pq.read_table(folder / "out.parquet").to_pylist()
    lines = [json.loads(line) for line in (folder / "out.jsonl").read_bytes().splitlines()]
    for row, line in zip(table, lines, strict=True):
        assert {name: row[name] for name in ("document", "start", "end", "text", "outlet", "meta")} == {
            name: line[name] for name in ("document", "start", "end", "text", "outlet", "meta")
        }
        original = (rows[row["position"] - 1] if row["position"] <= len(rows) else {"text": "It rained."})["text"]
        expected = original[row["start"] : row["end"]]
        assert row["text"] == "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in expected)


@settings(max_examples=60)
@given(content=st.binary(max_size=300), ending=st.sampled_from([".jsonl", ".csv", ".tsv", ".txt", ".warc", ".parquet"]))
def test_any_bytes_are_articles_or_failures(content, ending):
    check_reader(content, ending)


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "..\\evil", "a/b", "CON", "x\0y", "~", "%2e%2e%2f"])
def test_no_name_in_an_archive_leads_a_write_out_of_the_output(tmp_path, name):
    archive, out = tmp_path / "deep" / "archive", tmp_path / "deep" / "out"
    archive.mkdir(parents=True)
    (archive / "a.jsonl").write_text(json.dumps({"id": name, "text": RAIN, "outlet": name, "meta": {name: name}}))
    page = warc_record("response", "text/plain", RAIN.encode()).replace(b"https://a.example/", name.encode())
    (archive / "b.warc").write_bytes(page.replace(b"<urn:uuid:1>", name.encode()))
    outside = tmp_path / "outside.txt"
    outside.write_text(RAIN)
    (archive / "linked.txt").symlink_to(outside)
    before = everything(tmp_path)
    assert score(archive, out).totals.articles >= 2
    assert {path for path in everything(tmp_path) if out not in path.parents} == {*before, out}
    assert outside.read_text() == RAIN
    assert all(path.resolve().is_relative_to(out) for path in everything(out))


def everything(folder):
    return {path for path in folder.rglob("*") if path.name != ".lock"}


WATCHED = """
import sys
calls = []
def watch(event, arguments):
    if event.startswith("socket.") and event not in ("socket.__new__", "socket.bind", "socket.gethostname"):
        calls.append((event, arguments[1:]))
        raise RuntimeError(f"{event} {arguments[1:]}")
sys.addaudithook(watch)
from typer.testing import CliRunner
from reportedly.cli import app
result = CliRunner().invoke(app, sys.argv[1:])
assert result.exit_code == 0, result.output
assert not calls, calls
"""


@pytest.mark.parametrize("backend", ["exact", "openvino"])
def test_scoring_opens_no_connection(tmp_path, tiny_checkpoint, backend):
    pytest.importorskip("openvino" if backend == "openvino" else "torch", reason="the engine is not installed")
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "a.jsonl").write_text(json.dumps({"text": "The mayor reportedly said it."}))
    (archive / "b.html").write_bytes(PAGE.replace(b"<body>", b"<body><img src='https://a.example/x.png'>"))
    (archive / "c.warc").write_bytes(warc_record("response", "text/html", PAGE))
    options = ["-o", str(tmp_path / "out"), "--checkpoint", str(tiny_checkpoint), "--backend", backend]
    job = subprocess.run(
        [sys.executable, "-c", WATCHED, "score", str(archive), *options, "--keep", "title"],
        env={name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert job.returncode == 0, job.stderr[-3000:]
    assert pq.read_table(tmp_path / "out" / "sentences").num_rows > 3


def test_the_watch_sees_connections(tmp_path):
    watched = WATCHED.split("from typer")[0] + "import socket\ntry:\n socket.create_connection(('localhost', 9))\n"
    watched += "except RuntimeError:\n pass\nassert calls\n"
    assert subprocess.run([sys.executable, "-c", watched], check=False).returncode == 0


def peak_of(work):
    tracemalloc.start()
    try:
        result = work()
        return result, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


CHUNKED = "Transfer-Encoding: chunked\r\n"
BOMB = gzip.compress(b"0" * 200_000_000, 9)
BOMBS = {
    "chunk": warc_record("response", "text/plain", b"%x\r\n%b" % (60_000_000, b"0" * 60_000_000), CHUNKED),
    "gzip": warc_record("response", "text/plain", BOMB, "Content-Encoding: gzip\r\n"),
    "deflate": warc_record("response", "text/html", zlib.compress(b"0" * 200_000_000), "Content-Encoding: deflate\r\n"),
    **{
        encoding: warc_record(
            "response",
            "text/plain",
            pa.compress(b"0" * 200_000_000, codec, asbytes=True),
            f"Content-Encoding: {encoding}\r\n",
        )
        for encoding, codec in (("br", "brotli"), ("zstd", "zstd"))
    },
    "chunk of gzip": warc_record(
        "response", "text/plain", b"%x\r\n%b\r\n0\r\n\r\n" % (len(BOMB), BOMB), CHUNKED + "Content-Encoding: gzip\r\n"
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_packed_body_is_not_unfolded(tmp_path, read_all, bomb):
    # regression: warcio holds a chunk whole, and all that a chunk is unpacked to
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(BOMBS[bomb] + warc_record("response", "text/plain", RAIN.encode()), 1))
    items, peak = peak_of(lambda: read_all(path))
    assert [isinstance(item, Failure) for item in items] == [True, False]
    assert "larger than the cap" in items[0].reason
    assert peak < 40_000_000


ENDLESS = {
    "line": b"WARC/1.0\r\nX: " + b"x" * 50_000_000,
    "headers": b"WARC/1.0\r\n" + b"X: x\r\n" * 8_000_000,
    "answer": warc_record("response", "text/plain", b"", "X: " + "x" * 50_000_000),
    "blank lines": b"\r\n" * 8_000_000,
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_headers_without_an_end_break_off(tmp_path, read_all, kind):
    # regression: lines of any length and headers in any number were held
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(warc_record("response", "text/plain", RAIN.encode()) + ENDLESS[kind], 1))
    (article, failure), peak = peak_of(lambda: read_all(path))
    assert article.text == RAIN
    assert failure.reason == "damaged, the rest of the file is not read: headers of more than 1 MB"
    assert peak < 20_000_000


def test_many_records_without_a_body_are_no_long_header(tmp_path, read_all):
    path = tmp_path / "a.warc"
    path.write_bytes(
        warc_record("revisit", "text/plain", b"") * 6000 + warc_record("response", "text/plain", RAIN.encode())
    )
    assert [item.text for item in read_all(path)] == [RAIN]


def test_many_records_with_a_body_are_no_long_header_either(tmp_path, read_all):
    # regression: the headers of all pages were added up, and what came after a megabyte of them was lost
    path = tmp_path / "a.warc"
    path.write_bytes(warc_record("response", "text/plain", RAIN.encode()) * 6000)
    assert [item.text for item in read_all(path)] == [RAIN] * 6000


def test_a_file_that_grows_out_of_proportion_is_broken_off(tmp_path, read_all, monkeypatch):
    # regression: a gigabyte of newlines in a kilobyte was read line by line, to no end
    monkeypatch.setattr(streams, "_ALWAYS_UNPACKED", 1 << 20)
    lines = (json.dumps({"text": RAIN}) + "\n").encode()
    for ending, pack in ((".gz", gzip.compress), (".zst", lambda raw: pa.compress(raw, "zstd", asbytes=True))):
        path = tmp_path / f"a.jsonl{ending}"
        path.write_bytes(pack(lines + b"\n" * 50_000_000))
        *articles, failure = read_all(path)
        assert [article.text for article in articles] == [RAIN]
        assert "grows to more than 200 times its size" in failure.reason


def test_a_field_that_is_nested_as_deep_as_json_goes_is_a_failure(tmp_path, read_all):
    # regression: what could just be parsed could not be written out again, and stopped the job
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f'{{"text": "a", "meta": {"[" * depth}{"]" * depth}}}\n' for depth in range(1, 1200)))
    items = read_all(path, reading=Reading(keep=(("meta", "meta"),)))
    assert len(items) == 1199
    assert isinstance(items[0], Article)
    assert isinstance(items[-1], Failure)


ODD_TABLES = {
    "year 300000": pa.table({"text": [RAIN], "meta": pa.array([9_000_000_000_000], pa.timestamp("s"))}),
    "nanoseconds": pa.table({"text": [RAIN], "meta": pa.array([1], pa.timestamp("ns"))}),
    "no such zone": pa.table({"text": [RAIN], "meta": pa.array([1], pa.timestamp("us", "Nowhere/Else"))}),
    "long duration": pa.table({"text": [RAIN], "meta": pa.array([2**62], pa.duration("s"))}),
    "far date": pa.table({"text": [RAIN], "meta": pa.array([2**30], pa.date32())}),
    "names twice": pa.table(
        {"text": [RAIN], "meta": pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])}
    ),
    "bytes": pa.table({"text": [RAIN], "meta": pa.array([b"\xff\0"])}),
    "text as bytes": pa.table({"text": pa.array([b"\xff\0"]), "meta": [1]}),
    "text as list": pa.table({"text": pa.array([["a"]]), "meta": [1]}),
    "map": pa.table({"text": [RAIN], "meta": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int8()))}),
}


@pytest.mark.parametrize("kind", ODD_TABLES)
def test_odd_columns_of_parquet_are_text_or_a_failure(tmp_path, read_all, kind):
    path = tmp_path / "a.parquet"
    path.write_bytes(parquet_bytes(ODD_TABLES[kind]))
    (item,) = read_all(path, reading=Reading(keep=(("meta", "meta"), ("a", "b"), ("c", "d"), ("e", "f"))))
    check_item(item)


def test_texts_of_any_size_reach_the_tables_in_bounded_batches(tmp_path, monkeypatch):
    # regression: rows were held by number, however large, until two thousand or sixty-five thousand were there
    monkeypatch.setattr(tables, "_CHARACTERS_PER_BATCH", 5_000)
    monkeypatch.setattr(tables, "_BYTES_PER_GROUP", 20_000)
    rows = [{"id": str(number), "text": f"{'rain ' * (number * 37 % 400)}{number}."} for number in range(60)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    score(tmp_path / "a.jsonl", tmp_path / "out.parquet", keep=())
    whole = pq.ParquetFile(tmp_path / "out.parquet")
    sizes = [sum(map(len, whole.read_row_group(group)["text"].to_pylist())) for group in range(whole.num_row_groups)]
    assert len(sizes) > 2
    assert all(size < 20_000 + 2_000 for size in sizes)
    assert whole.read()["text"].to_pylist() == [row["text"] for row in rows]


def test_error_examples_do_not_command_the_terminal(tmp_path):
    (tmp_path / "a\x1b[2J.txt").write_bytes(b"\xff")
    report = score(tmp_path, tmp_path.parent / "out")
    assert "a\\u001b[2J.txt, 1: invalid UTF-8" in report.error_examples[0]
