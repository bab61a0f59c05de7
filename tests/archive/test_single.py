import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reportedly.archive.inputs import UsageError
from reportedly.archive.records import Reading
from reportedly.archive.single import find_article
from reportedly.cli import app

LINES = [{"id": "a", "text": ""}, {"id": "b", "text": "Fire in Marrow."}, {"id": "c", "text": "Rain in Marrow."}]


@pytest.fixture
def archive(tmp_path):
    file = tmp_path / "archive.jsonl"
    file.write_text("\n".join(map(json.dumps, LINES)))
    return str(file)


def test_the_first_article_that_can_be_read_or_the_one_named(archive):
    found, failure = find_article(archive, Reading())
    assert (found.id, found.text, failure.position) == ("b", "Fire in Marrow.", 1)
    found, _ = find_article(archive, Reading(), "c")
    assert (found.id, found.text) == ("c", "Rain in Marrow.")


def test_what_is_not_there_is_said(archive, tmp_path):
    with pytest.raises(UsageError, match="no article with the id 'z'"):
        find_article(archive, Reading(), "z")
    (tmp_path / "some.jsonl").write_text('{"id": "z", "text": ""}\n')
    with pytest.raises(
        UsageError, match=r"no article with the id 'z'; what could not be read begins with .*, 1: empty"
    ):
        find_article(str(tmp_path / "some.jsonl"), Reading(), "z")
    (tmp_path / "one.txt").write_text(" ")
    with pytest.raises(UsageError, match="empty"):
        find_article(str(tmp_path / "one.txt"), Reading())


@pytest.fixture
def highlight(tiny_checkpoint):
    def invoke(*arguments):
        return CliRunner().invoke(app, ["highlight", *map(str, arguments), "--checkpoint", str(tiny_checkpoint)])

    return invoke


def test_a_page_does_not_replace_its_own_input(tmp_path, highlight):
    # regression: the article was gone, and its markup in its place
    article = tmp_path / "a.html"
    article.write_text("<p>Fire in Marrow.</p>")
    result = highlight(article, "-o", tmp_path / "b" / ".." / "a.html")
    assert result.exit_code == 2
    assert "a.html: is where the output goes" in result.stderr
    assert article.read_text() == "<p>Fire in Marrow.</p>"


def test_which_article_is_shown_is_said_where_it_is_not_the_one_named(archive, tmp_path, highlight):
    page = tmp_path / "page.html"
    result = highlight(archive, "-o", page)
    assert (result.exit_code, result.stdout) == (0, f"{page}\n")
    said = result.stderr.replace("\n", "")
    assert said == f"{archive}, 1: empty: the text has no word; shown instead: the article 'b' of {archive}"
    assert highlight(archive, "-o", page, "--id", "c").stderr == ""
    assert highlight(Path(archive).parent, "-o", page, "--id", "c").stderr == ""
    (tmp_path / "0.txt").write_text("Storm in Marrow.")
    result = highlight(tmp_path, "-o", page)
    assert result.stderr == f"shown: the article '{tmp_path}/0.txt' of {tmp_path}/0.txt\n"
    assert "Storm in Marrow." in page.read_text()
    assert highlight(tmp_path / "0.txt", "-o", page).stderr == ""


def test_the_format_and_the_thresholds_are_the_users(tmp_path, highlight):
    draft = tmp_path / "draft.md"
    draft.write_text("It may rain.")
    assert "--format says what it holds" in highlight(draft, "-o", tmp_path / "a.html").stderr
    marks = []
    for threshold in ("0", "1.0"):
        options = ["--format", "text", "--threshold", f"hedging={threshold}, emotive=1,emotive_quoted=1", "--threshold"]
        assert highlight(draft, "-o", tmp_path / "a.html", *options, "unverified=1").exit_code == 0
        marks.append((tmp_path / "a.html").read_text().count("<mark"))
    assert marks[0] > marks[1]
    for wrong in ("hedging", "hedging=2", "hedgin=0.5", "hedging=x"):
        result = highlight(draft, "-o", tmp_path / "a.html", "--format", "text", "--threshold", wrong)
        assert (result.exit_code, "expected AXIS=P" in result.stderr) == (2, True)
