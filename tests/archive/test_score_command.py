import json
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from reportedly.archive import readers
from reportedly.archive.inputs import Format
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
    strict = command(archive, "-o", out, "--strict")
    assert strict.exit_code == 3
    assert "--resume without --strict goes on" in strict.output  # regression: the same command would stop there again
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


@pytest.mark.parametrize("place", ["archive/a.jsonl/x.parquet", "/proc/x/y", "/proc/x/y.parquet"])
def test_where_nothing_can_be_written_no_resume_is_promised(archive, tmp_path, command, place):
    # regression: exit status 4
    result = command(archive, "-o", tmp_path / place)
    assert result.exit_code == 2
    assert "name another place for the output" in result.output
    assert "--resume" not in result.output


def test_an_input_is_not_written_over(archive, tmp_path, command):
    # regression: it was left out, and replaced by the scores of the others
    other = tmp_path / "other.jsonl"
    other.write_text('{"body": {"text": "Storm in the harbour."}}\n')
    result = command(archive / "a.jsonl", other, "-o", other, "--overwrite")
    assert result.exit_code == 2
    assert "other.jsonl: is where the output goes" in result.output
    assert "Storm" in other.read_text()


def test_blanks_around_kept_names_do_not_count(archive, tmp_path, command):
    # regression: a column " place"
    assert command(archive, "-o", tmp_path / "out", "--keep", "city , place = outlet").exit_code == 0
    row = pq.read_table(tmp_path / "out" / "articles").to_pylist()[0]
    assert (row["city"], row["place"]) == (None, "Packet")


@pytest.mark.parametrize("keep", ["", "=id", "id=", "a,", "a=b=c", " = "])
def test_what_names_no_column_is_refused(archive, tmp_path, command, keep):
    # regression: a column without a name, or of the field b=c
    result = command(archive, "-o", tmp_path / "out", "--keep", keep)
    assert result.exit_code == 2
    assert result.output.startswith(f"reportedly: --keep {keep!r}: ")
    assert result.output.endswith(" is neither FIELD nor NAME=FIELD\n")
    assert not (tmp_path / "out").exists()


def test_a_kept_field_that_no_article_has_is_named(archive, tmp_path, command):
    # regression: a typo cost the whole job without a word
    said = "field 'nosuch' was in none of the 2 articles, or null: its column is empty"
    options = ["-o", tmp_path / "out.jsonl", "--keep", "id_=id,paper_=nosuch"]
    result = command(archive, *options)
    assert [line for line in result.output.splitlines() if line.startswith("field ")] == [said]
    assert said in command(archive, *options, "--resume").output


def test_a_finished_job_says_that_it_reads_nothing(tmp_path, command):
    # regression: other lines on standard input were passed over without a word
    said = "the job was done before, and nothing was read now; --overwrite scores anew"
    for place in (tmp_path / "out.jsonl", tmp_path / "out"):
        first = command("-", "-o", place, stdin='{"body": {"text": "Fire in the harbour."}}\n')
        assert said not in first.output
        result = command("-", "-o", place, "--resume", stdin='{"body": {"text": "Storm in the harbour."}}\n')
        assert (result.exit_code, result.output.splitlines().count(said)) == (0, 1)


def test_a_header_of_another_delimiter_is_told_from_a_missing_field(archive, tmp_path, command):
    (archive / "b.csv").write_text("id;text;outlet\n1;It rained.;Packet\n2;It snowed.;Packet\n")
    reason = "no field 'body.text'; there are 'id;text;outlet'; the names look parted by ';'; convert the file, as .csv"
    assert command(archive, "-o", tmp_path / "out").output.count(reason) == 2


def test_standard_input(tmp_path, command):
    result = command("-", "-o", tmp_path / "out.jsonl", stdin='{"body": {"text": "Fire in the harbour."}}\n')
    assert result.exit_code == 0, result.output
    (row,) = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert (row["document"], row["source"], row["text"]) == ("-:1", "-", "Fire in the harbour.")


INTERRUPTED = """
import signal
from reportedly.archive.signals import TerminatedError, stop_requests

def raised(number):
    try:
        signal.raise_signal(number)
    except BaseException as error:
        return type(error)

announced = []
with stop_requests(lambda: announced.append(True)) as stop:
    assert not stop()
    assert raised(signal.SIGINT) is None
    assert stop()
    assert announced == [True]
    assert raised(signal.SIGINT) is KeyboardInterrupt
with stop_requests(lambda: None):
    assert raised(signal.SIGTERM) is TerminatedError
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
"""


def test_the_first_interrupt_is_a_request_and_the_second_is_not():
    """In a process of its own: a worker of pytest-xdist was lost while it raised these signals."""
    subprocess.run([sys.executable, "-c", INTERRUPTED], check=True)


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
    assert {line.split(",")[0] for line in grouped.splitlines()} >= {
        f"language: {name}" for name in ("(none)", "de", "en")
    }


def test_thresholds_of_the_command_decide_the_flags_and_are_kept_to(archive, tmp_path, command):
    assert command(archive, "-o", tmp_path / "out", "--threshold", "hedging=0,emotive=1").exit_code == 0
    rows = [row for file in (tmp_path / "out" / "sentences").glob("*") for row in pq.read_table(file).to_pylist()]
    assert {(row["hedging_flag"], row["emotive_flag"]) for row in rows} == {(True, False)}
    stored = json.loads((tmp_path / "out" / "manifest.json").read_text())["model"]["thresholds"]
    assert (stored["hedging"], stored["emotive"], stored["unverified"]) == (0, 1, 0.5)
    resumed = command(archive, "-o", tmp_path / "out", "--resume")
    assert (resumed.exit_code, "threshold" in resumed.output) == (2, True)
    wrong = command(archive, "-o", tmp_path / "new", "--threshold", "hedging")
    assert (wrong.exit_code, "expected AXIS=P" in wrong.output) == (2, True)


def test_text_that_is_piped_in_as_json_lines_is_told_how_to_come(tmp_path, command):
    result = command("-", "-o", tmp_path / "scores.jsonl", stdin="It may rain.\n")
    assert "broken JSON: Expecting value at column 1; --format says what standard input holds" in result.output
    array = command("-", "-o", tmp_path / "new.jsonl", stdin='[{"text": "It may rain."}]')
    assert "the line holds list, expected a JSON object (jq -c '.[]' makes lines of an array)" in array.output


def test_a_mistake_of_ours_is_told_as_a_fault(archive, tmp_path, command, monkeypatch):
    # regression: a traceback ended with status 1, which says that the job is done
    def read(piece, reading):
        raise ZeroDivisionError

    monkeypatch.setitem(readers._READERS, Format.JSONL, read)
    result = command(archive, "-o", tmp_path / "out")
    assert result.exit_code == 4
    assert "ZeroDivisionError" in result.output
    assert "please report the lines above\nFinished shards are kept: the same command with --resume" in result.output


def test_texts_that_are_html_still_are_counted(tmp_path, command):
    texts = ("Smith & Co. fled < 3 times.", "&quot;We fled,&quot; she said.", "<p class='a'>We fled.</p>", "It rained.")
    archive = tmp_path / "a.jsonl"
    archive.write_text("".join(json.dumps({"body": {"text": text}}) + "\n" for text in texts))
    output = command(archive, "-o", tmp_path / "out.parquet").output
    assert "HTML in the text: 2 of the articles have marks such as &quot; or <p>, which were scored as" in output
