import json
import os
import signal

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from reportedly.archive.signals import TerminatedError, stop_requests
from reportedly.cli import app


@pytest.fixture
def archive(tmp_path):
    folder = tmp_path / "archive"
    folder.mkdir()
    rows = [
        {
            "id": "a1",
            "body": {"text": "The mayor reportedly said it. “It is a disgrace,” she said."},
            "outlet": "Packet",
        },
        {"id": "a2", "body": {"text": "Fire in the harbour."}, "outlet": "Gazette"},
        {"id": "a3", "body": {}},
    ]
    (folder / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + "{broken\n")
    return folder


@pytest.fixture
def command(tiny_checkpoint):
    def invoke(*arguments, stdin=None):
        options = ["--checkpoint", str(tiny_checkpoint), "--text-field", "body.text", "--keep", "outlet,paper=outlet"]
        return CliRunner().invoke(app, ["score", *map(str, arguments), *options], input=stdin)

    return invoke


def test_one_file_of_sentences_and_one_of_articles(archive, tmp_path, command):
    result = command(archive, "-o", tmp_path / "scores.parquet", "--articles", tmp_path / "articles.jsonl")
    assert result.exit_code == 0, result.output
    rows = pq.read_table(tmp_path / "scores.parquet").to_pylist()
    assert [(row["document"], row["sentence"], row["outlet"], row["paper"]) for row in rows] == [
        ("a1", 0, "Packet", "Packet"),
        ("a1", 1, "Packet", "Packet"),
        ("a2", 0, "Gazette", "Gazette"),
    ]
    articles = [json.loads(line) for line in (tmp_path / "articles.jsonl").read_text().splitlines()]
    assert [article["sentences"] for article in articles] == [2, 1]
    errors = pq.read_table(tmp_path / "scores.errors.parquet").to_pylist()
    assert [row["position"] for row in errors] == [3, 4]
    assert "4 records = 2 articles (3 sentences) + 2 not read" in result.output
    assert "broken JSON" in result.output


def test_the_exit_status_says_how_it_ended(archive, tmp_path, command, tiny_checkpoint):
    out = tmp_path / "out"
    assert command(archive, "-o", out, "--strict").exit_code == 3
    assert command(archive, "-o", out).exit_code == 2
    result = command(archive, "-o", out, "--resume")
    assert result.exit_code == 0, result.output
    assert command(archive, "-o", out, "--resume", "--keep", "id").exit_code == 2
    assert command(tmp_path / "gone", "-o", out).exit_code == 2
    empty = tmp_path / "empty.jsonl"
    empty.write_text('{"text": "in another field"}\n')
    result = command(empty, "-o", tmp_path / "none.jsonl")
    assert result.exit_code == 1
    assert "not one article could be scored" in result.output
    result = CliRunner().invoke(app, ["score", str(archive), "-o", str(tmp_path / "x"), "--checkpoint", str(archive)])
    assert result.exit_code == 2
    assert "not a reportedly checkpoint" in result.output


def test_a_kind_of_table_that_is_not_written_is_refused(archive, tmp_path, command):
    # regression: a folder named scores.csv was made
    result = command(archive, "-o", tmp_path / "scores.csv")
    assert result.exit_code == 2
    assert ".csv is not written" in result.output
    assert not (tmp_path / "scores.csv").exists()


def test_standard_input(tmp_path, command):
    result = command("-", "-o", tmp_path / "out.jsonl", stdin='{"body": {"text": "Fire in the harbour."}}\n')
    assert result.exit_code == 0, result.output
    (row,) = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert (row["document"], row["source"], row["text"]) == ("-:1", "-", "Fire in the harbour.")


def test_the_first_interrupt_is_a_request_and_the_second_is_not():
    announced = []
    with stop_requests(lambda: announced.append(True)) as stop:
        assert not stop()
        os.kill(os.getpid(), signal.SIGINT)
        assert stop()
        assert announced == [True]
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    with stop_requests(lambda: None), pytest.raises(TerminatedError):
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_is_not_english_is_marked_and_counted(tmp_path, command):
    texts = [
        "Der Stadtrat hat am Dienstagabend dem Bau einer neuen Brücke zugestimmt. Die Opposition war dagegen.",
        "The city council approved a new bridge on Tuesday evening. The opposition was against it.",
        "Fire!",
    ]
    archive, out = tmp_path / "a.jsonl", tmp_path / "out"
    archive.write_text("".join(json.dumps({"body": {"text": text}}) + "\n" for text in texts))
    said = "not English: 1 of the articles, marked in the column language; their scores mean nothing"
    assert said in command(archive, "-o", out).output
    assert said in command(archive, "-o", out, "--resume").output
    tables = [
        pq.read_table(out / name, columns=["language"]).column(0).to_pylist() for name in ("sentences", "articles")
    ]
    assert tables == [["de", "de", "en", "en", None], ["de", "en", None]]
    grouped = CliRunner().invoke(app, ["summary", str(out), "--by", "language"]).output
    assert {line.split()[0] for line in grouped.splitlines() if line.strip()} >= {"(none)", "de", "en"}
