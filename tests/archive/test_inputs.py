import glob
import os
from pathlib import Path

import pytest
from fake_scorer import FakeScorer

from reportedly.archive.inputs import Format, UsageError, find_inputs
from reportedly.archive.job import Settings, in_process
from reportedly.archive.manifest import Model
from reportedly.archive.output import output_at
from reportedly.archive.run import run


@pytest.fixture
def tree(tmp_path):
    for name in ("b/2.txt", "b/10.txt", "a.jsonl", "c.csv.gz", "notes.pdf", ".hidden.txt", "b/.git/x.txt", "Z.TXT"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    return tmp_path


def names(found, root):
    return [str(Path(file.path).relative_to(root)) for file in found.files]


def test_folders_are_walked_in_order_and_unknown_kinds_are_counted(tree):
    found = find_inputs([str(tree)])
    assert names(found, tree) == ["Z.TXT", "a.jsonl", "b/10.txt", "b/2.txt", "c.csv.gz"]
    assert found.left_out == {".pdf files": 1}
    assert [(file.format, file.compression) for file in found.files][-1] == (Format.CSV, "gzip")


def test_a_file_is_read_once_however_often_it_is_named(tree):
    found = find_inputs([str(tree / "b" / "2.txt"), str(tree / "**" / "*.txt"), str(tree / "b")])
    assert names(found, tree) == ["b/2.txt", "b/10.txt"]


def test_the_own_output_is_no_input(tree):
    assert names(find_inputs([str(tree)], exclude=[tree / "b", tree / "a.jsonl"]), tree) == ["Z.TXT", "c.csv.gz"]


def test_an_input_that_is_named_is_never_passed_over(tree):
    # regression: it was dropped without a word, and written over
    named = str(tree / "a.jsonl")
    with pytest.raises(UsageError, match=r"a\.jsonl: is where the output goes; name another output"):
        find_inputs([str(tree / "b"), named], exclude=[tree / "a.jsonl"])
    with pytest.raises(UsageError, match="is where the output goes"):
        find_inputs([str(tree / "b" / "2.txt")], exclude=[tree / "b"])
    assert names(find_inputs([str(tree / "*.*")], exclude=[tree / "a.jsonl"]), tree) == ["Z.TXT", "c.csv.gz"]


def test_linked_folders_are_not_followed(tree):
    (tree / "b" / "loop").symlink_to(tree)
    found = find_inputs([str(tree)])
    assert len(found.files) == 5
    assert found.left_out == {".pdf files": 1, "links to folders": 1}
    assert find_inputs([str(tree / "**" / "*.txt")]).left_out == {"links to folders": 1}


def test_patterns_follow_no_linked_folder(tree):
    # regression: a pattern read files outside through one, and over a loop of links it never ended
    (tree / "b" / "up").symlink_to(tree)
    (tree / "b" / "deep").mkdir()
    (tree / "b" / "deep" / "up").symlink_to(tree)
    (tree / "linked.txt").symlink_to(tree / "b" / "2.txt")
    assert names(find_inputs([str(tree / "**" / "*.txt")]), tree) == ["b/10.txt", "b/2.txt"]
    assert names(find_inputs([str(tree / "b" / "*")]), tree) == ["b/10.txt", "b/2.txt"]
    with pytest.raises(UsageError, match="no such file or folder"):
        find_inputs([str(tree / "b" / "*" / "*.TXT")])


def test_patterns_mean_what_glob_says(tree, monkeypatch):
    (tree / "b" / "d").mkdir()
    (tree / "b" / "d" / "3.txt").write_text("x")
    (tree / "self.txt").symlink_to(tree / "self.txt")
    monkeypatch.chdir(tree)
    for pattern in ("*", "**", "*/", "b/*", "**/*.txt", "b/**", "**.jsonl", "./b/*.txt", "b//*.txt", "[ab]/[0-9]*.txt"):
        found = glob.glob(pattern, recursive=True)  # noqa: PTH207
        inside = [str(path) for name in found if Path(name).is_dir() for path in Path(name).rglob("[!.]*")]
        files = {os.path.realpath(name) for name in (*found, *inside) if Path(name).is_file() and "/." not in name}
        kinds = {name for name in files if not name.endswith(".pdf")}
        assert {os.path.realpath(file.path) for file in find_inputs([pattern]).files} == kinds
    assert [file.path for file in find_inputs(["./b/1*.txt"]).files] == ["./b/10.txt"]
    with pytest.raises(UsageError, match="no such file or folder"):
        find_inputs(["nowhere/*.txt"])


def test_patterns_pass_over_hidden_names_unless_they_have_the_dot(tree):
    assert names(find_inputs([str(tree / "*" / "*.txt")]), tree) == ["b/10.txt", "b/2.txt"]
    assert names(find_inputs([str(tree / "*" / ".git" / "*.txt")]), tree) == ["b/.git/x.txt"]
    (tree / ".c" / ".git").mkdir(parents=True)
    (tree / ".c" / ".git" / "y.txt").write_text("x")
    assert names(find_inputs([str(tree / "*" / ".git" / "*.txt")]), tree) == ["b/.git/x.txt"]
    assert names(find_inputs([str(tree / ".hidden*")]), tree) == [".hidden.txt"]


def test_standard_input_has_a_format_of_its_own():
    assert find_inputs(["-"]).files[0].format is Format.JSONL
    assert find_inputs(["-"], Format.CSV).files[0].format is Format.CSV


def test_what_cannot_be_read_is_said_before_anything_is_done(tree):
    with pytest.raises(UsageError, match="gone: no such file"):
        find_inputs([str(tree / "gone")])
    with pytest.raises(UsageError, match="unknown ending"):
        find_inputs([str(tree / "notes.pdf")])
    with pytest.raises(UsageError, match="standard input: Parquet is read from its end"):
        find_inputs(["-"], Format.PARQUET)
    assert find_inputs([str(tree / "notes.pdf")], Format.TEXT).files[0].format is Format.TEXT
    os.mkfifo(tree / "pipe.jsonl")
    with pytest.raises(UsageError, match="not a regular file"):
        find_inputs([str(tree / "pipe.jsonl")])
    (tree / "empty").mkdir()
    with pytest.raises(UsageError, match="nothing to read"):
        find_inputs([str(tree / "empty")])


def test_a_link_that_leads_nowhere_is_passed_over_unless_named(tree):
    # regression: it ended the command where a pattern met it, with the remedy of a job that had begun
    (tree / "gone.jsonl").symlink_to(tree / "nowhere.jsonl")
    found = find_inputs([str(tree / "*.jsonl")])
    assert names(found, tree) == ["a.jsonl"]
    assert found.left_out == {"links that lead nowhere": 1}  # regression: annexed files that are not here went unsaid
    with pytest.raises(UsageError, match=r"gone\.jsonl: no such file or folder"):
        find_inputs([str(tree / "gone.jsonl")])


def test_names_that_are_no_utf8_are_carried_escaped(tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")
    Path(path).write_text("It rained.")
    assert find_inputs([path]).files[0].source.endswith("caf\\xe9.txt")


def test_tables_of_other_jobs_are_passed_over(tmp_path):
    """Regression: a second job over the folder that holds the first one's output took its sentences for articles."""
    (tmp_path / "a.txt").write_text("It rained.")
    for place in (tmp_path / "out", tmp_path / "out.parquet"):
        inputs = find_inputs([str(tmp_path / "a.txt")])
        run(inputs, output_at(place), Settings(), Model("m", {}, "fake"), in_process(FakeScorer()))
    found = find_inputs([str(tmp_path)])
    assert [file.path for file in found.files] == [str(tmp_path / "a.txt")]
    assert found.left_out["tables of a reportedly job"] >= 4
    assert len(find_inputs([str(tmp_path / "out.parquet")]).files) == 1  # named, it is meant
