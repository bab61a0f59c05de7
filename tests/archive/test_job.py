import errno
import io
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from fake_scorer import FakeScorer

from reportedly.archive import files
from reportedly.archive.inputs import UsageError, find_inputs
from reportedly.archive.job import InterruptedJobError, Part, Settings, StrictError, in_process
from reportedly.archive.manifest import Model, RefusedError
from reportedly.archive.output import locked, output_at
from reportedly.archive.readers import InputLostError
from reportedly.archive.records import Reading
from reportedly.archive.run import run

MODEL = Model("m1", {"hedging": 0.5}, "fake")
SETTINGS = Settings(Reading(keep=(("outlet", "outlet"),)), shard_articles=4, partition_bytes=1500)


class Broken(FakeScorer):
    """Fails at the nth document."""

    def __init__(self, at, error):
        super().__init__(window=1)
        self.left = at
        self.error = error

    def document(self, text):
        self.left -= 1
        if self.left < 0:
            raise self.error
        return super().document(text)


@pytest.fixture
def archive(tmp_path):
    folder = tmp_path / "archive"
    folder.mkdir()
    rows = [{"id": f"a{n}", "outlet": "Packet", "text": f"It rained {n} times. It may snow."} for n in range(40)]
    lines = [json.dumps(row) for row in rows]
    lines[7] = "{broken"
    lines[20] = '{"text": ""}'
    (folder / "a.jsonl").write_text("\n".join(lines))
    for number in range(9):
        (folder / f"b{number}.txt").write_text(f"The fire in town {number} was alarming.")
    (folder / "c.txt").write_bytes(b"caf\xe9")
    return folder


def score(archive, place, scorer=None, settings=SETTINGS, model=MODEL, articles=None, **options):
    return run(
        find_inputs([str(archive)]),
        output_at(place, articles),
        settings,
        model,
        in_process(scorer or FakeScorer()),
        **options,
    )


def contents(folder):
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.name != ".lock"
    }


def test_everything_is_either_an_article_or_an_error_once(archive, tmp_path):
    report = score(archive, tmp_path / "out")
    totals = report.totals
    assert (totals.records, totals.articles, totals.errors) == (50, 47, 3)
    tables = {name: pq.read_table(tmp_path / "out" / name).to_pylist() for name in ("sentences", "articles", "errors")}
    assert [len(tables[name]) for name in tables] == [totals.sentences, 47, 3]
    assert Counter(row["source"].rpartition("/")[2] for row in tables["errors"]) == {"a.jsonl": 2, "c.txt": 1}
    assert sorted(row["position"] for row in tables["errors"]) == [1, 8, 21]
    assert len({(row["source"], row["position"]) for row in tables["articles"]}) == 47
    assert len(report.error_examples) == 3


@pytest.mark.parametrize("name", ["out", "scores.parquet", "scores.jsonl"])
@pytest.mark.parametrize("at", [0, 3, 4, 17, 46])
def test_a_resumed_job_is_byte_identical_to_an_unbroken_one(archive, tmp_path, name, at):
    score(archive, tmp_path / "whole" / name, articles=None)
    fault = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(OSError, match="No space"):
        score(archive, tmp_path / "broken" / name, Broken(at, fault))
    assert not list((tmp_path / "broken").rglob("*.partial"))
    report = score(archive, tmp_path / "broken" / name, resume=True)
    assert report.before.articles <= at
    assert contents(tmp_path / "broken") == contents(tmp_path / "whole")


def test_a_finished_job_is_not_done_again(archive, tmp_path):
    for name in ("out", "scores.parquet"):
        score(archive, tmp_path / name)
        report = score(archive, tmp_path / name, Broken(0, AssertionError()), resume=True)
        assert report.before == report.totals


def test_a_lost_shard_is_scored_again(archive, tmp_path):
    score(archive, tmp_path / "out")
    before = contents(tmp_path / "out")
    next((tmp_path / "out" / "sentences").glob("part-*-00001.parquet")).unlink()
    score(archive, tmp_path / "out", resume=True)
    assert contents(tmp_path / "out") == before


def test_an_output_is_not_written_over_unasked(archive, tmp_path):
    score(archive, tmp_path / "out")
    with pytest.raises(RefusedError, match="a finished job; --resume continues it, --overwrite replaces it"):
        score(archive, tmp_path / "out")
    before = contents(tmp_path / "out")
    score(archive, tmp_path / "out", overwrite=True)
    assert contents(tmp_path / "out") == before
    (tmp_path / "scores.parquet").write_text("mine")
    with pytest.raises(RefusedError, match="exists, and is not of a job"):
        score(archive, tmp_path / "scores.parquet", resume=True)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("mine")
    with pytest.raises(RefusedError, match="not of a reportedly job"):
        score(archive, tmp_path / "photos", overwrite=True)
    assert (tmp_path / "photos" / "cat.jpg").read_text() == "mine"


@pytest.mark.parametrize("broken", [True, False])
def test_a_job_is_not_continued_with_other_articles(archive, tmp_path, broken):
    # regression: the file was written over, or, where the job was finished, not written at all
    mine, place = tmp_path / "mine.jsonl", tmp_path / "scores.parquet"
    mine.write_text("mine")
    if broken:
        with pytest.raises(OSError, match="disk"):
            score(archive, place, Broken(20, OSError("disk")))
    else:
        score(archive, place)
    with pytest.raises(RefusedError, match=r"cannot resume, articles was None and is mine\.jsonl; undo that"):
        score(archive, place, articles=mine, resume=True)
    assert mine.read_text() == "mine"


def test_a_moved_job_is_continued_with_its_articles(archive, tmp_path):
    def places(folder):
        root = tmp_path / folder
        return {"place": root / "out" / "scores.parquet", "articles": root / "tables" / "articles.parquet"}

    score(archive, **places("whole"))
    with pytest.raises(InterruptedJobError):
        score(archive, **places("here"), stop=lambda: True)
    (tmp_path / "here").rename(tmp_path / "there")
    assert score(archive, **places("there"), resume=True).before.records == 4
    assert contents(tmp_path / "there") == contents(tmp_path / "whole")
    with pytest.raises(RefusedError, match=r"articles was \.\./tables/articles\.parquet and is None"):
        score(archive, places("there")["place"], resume=True)


@pytest.mark.parametrize(("name", "content"), [("cat.jpg", "mine"), ("manifest.json", '{"name": "mine"}')])
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_of_something_else_stays_as_it_is(archive, tmp_path, name, content, overwrite):
    # regression: a lock was left in it; and with --overwrite any manifest.json was taken for a job's
    place = tmp_path / "photos"
    place.mkdir()
    (place / name).write_text(content)
    with pytest.raises(RefusedError, match=r"not .*of a reportedly job; name another place"):
        score(archive, place, overwrite=overwrite)
    assert [file.name for file in place.iterdir()] == [name]
    assert (place / name).read_text() == content


def test_a_job_that_was_killed_before_it_had_a_manifest_is_begun_again(archive, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".inputs.jsonl.0123456789abcdef.partial").write_bytes(b"{")
    score(archive, tmp_path / "out", resume=True)
    assert not list((tmp_path / "out").glob("*.partial"))


@pytest.mark.parametrize("place", ["file.csv/scores.parquet", "file.csv/out", "n" * 300])
def test_a_place_that_cannot_be_made_is_refused(archive, tmp_path, place):
    # regression: exit status 4, with the promise that the job can be resumed
    (tmp_path / "file.csv").write_text("")
    with pytest.raises(RefusedError, match="name another place for the output"):
        score(archive, tmp_path / place)
    with pytest.raises(RefusedError, match="name another place for the output"):
        score(archive, tmp_path / "scores.parquet", articles=tmp_path / place / "articles.parquet")


def test_overwriting_removes_nothing_but_the_job(archive, tmp_path):
    score(archive, tmp_path / "out")
    (tmp_path / "out" / "sentences" / "notes.txt").write_text("mine")
    score(archive, tmp_path / "out", overwrite=True)
    assert (tmp_path / "out" / "sentences" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"model": Model("m2", {"hedging": 0.5}, "fake")}, "model.hash was m1 and is m2"),
        ({"model": Model("m1", {"hedging": 0.6}, "fake")}, "model.thresholds.hedging was 0.5 and is 0.6"),
        ({"model": Model("m1", {"hedging": 0.5}, "gpu")}, "model.backend was fake and is gpu"),
        ({"settings": Settings(shard_articles=4, partition_bytes=1500)}, "settings.reading.keep was"),
    ],
)
def test_a_job_is_not_continued_with_something_else(archive, tmp_path, change, reason):
    with pytest.raises(OSError, match="disk"):
        score(archive, tmp_path / "out", Broken(20, OSError("disk")))
    before = contents(tmp_path / "out")
    with pytest.raises(RefusedError, match=reason):
        score(archive, tmp_path / "out", resume=True, **change)
    assert contents(tmp_path / "out") == before


def test_another_version_of_the_package_does_not_continue_a_job(archive, tmp_path, monkeypatch):
    score(archive, tmp_path / "out")
    monkeypatch.setattr("reportedly.archive.manifest.version", lambda name: "99.0")
    with pytest.raises(RefusedError, match=r"version was .* and is 99\.0"):
        score(archive, tmp_path / "out", resume=True)


def test_changed_inputs_are_named(archive, tmp_path):
    score(archive, tmp_path / "out")
    (archive / "b3.txt").write_text("The fire in town 3 was alarming!")
    with pytest.raises(RefusedError, match=r"the input .*b3\.txt has changed"):
        score(archive, tmp_path / "out", resume=True)
    (archive / "b3.txt").unlink()
    with pytest.raises(RefusedError, match=r"b3\.txt was next, now .*b4\.txt is"):
        score(archive, tmp_path / "out", resume=True)


def test_an_input_that_vanishes_under_the_job_stops_it(archive, tmp_path):
    class Removing(FakeScorer):
        def document(self, text):
            (archive / "b8.txt").unlink(missing_ok=True)
            return super().document(text)

    kept = (archive / "b8.txt").read_bytes()
    status = (archive / "b8.txt").stat()
    settings = Settings(shard_articles=1, partition_bytes=100)
    with pytest.raises(InputLostError, match=r"b8\.txt"):
        score(archive, tmp_path / "out", Removing(), settings)
    (archive / "b8.txt").write_bytes(kept)
    os.utime(archive / "b8.txt", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert score(archive, tmp_path / "out", settings=settings, resume=True).totals.records == 50


def test_strict_stops_at_the_first_error_and_can_be_resumed(archive, tmp_path):
    with pytest.raises(StrictError, match=r"a\.jsonl, 8: broken JSON"):
        score(archive, tmp_path / "out", strict=True)
    score(archive, tmp_path / "out", resume=True)
    score(archive, tmp_path / "whole")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_stop_is_heeded_between_two_shards(archive, tmp_path):
    with pytest.raises(InterruptedJobError):
        score(archive, tmp_path / "out", stop=lambda: True)
    assert len(list((tmp_path / "out" / "commits").iterdir())) == 1
    assert score(archive, tmp_path / "out", resume=True).before.records == 4


def test_a_stop_after_the_last_shard_stops_nothing(archive, tmp_path):
    settings = Settings(shard_articles=1000)
    assert score(archive, tmp_path / "out", settings=settings, stop=lambda: True).totals.records == 50


def test_two_jobs_on_one_output_exclude_each_other(archive, tmp_path):
    place = tmp_path / "scores.parquet"
    code = (
        "import sys; from pathlib import Path; from reportedly.archive.output import locked, output_at\n"
        "try:\n    with locked(output_at(Path(sys.argv[1]))): print('held')\nexcept ValueError as error: print(error)"
    )
    with locked(output_at(place)):
        other = subprocess.run([sys.executable, "-c", code, str(place)], capture_output=True, text=True, check=True)
        assert "another job is writing to it" in other.stdout
    score(archive, place)


@pytest.mark.parametrize("step", range(12))
def test_a_full_disk_leaves_a_job_to_resume(archive, tmp_path, monkeypatch, step):
    left = step

    def full(descriptor):
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")

    settings = Settings(shard_articles=20)
    score(archive, tmp_path / "whole" / "scores.parquet", settings=settings)
    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        score(archive, tmp_path / "full" / "scores.parquet", settings=settings)
    monkeypatch.undo()
    assert not list((tmp_path / "full").rglob("*.partial"))
    score(archive, tmp_path / "full" / "scores.parquet", settings=settings, resume=True)
    assert contents(tmp_path / "full") == contents(tmp_path / "whole")


def test_standard_input_is_resumed_when_it_is_the_same(archive, tmp_path, monkeypatch):
    content = (archive / "a.jsonl").read_bytes()

    def pipe(content, **options):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        return run(
            find_inputs(["-"]),
            output_at(tmp_path / "out"),
            SETTINGS,
            MODEL,
            in_process(options.pop("scorer", FakeScorer())),
            **options,
        )

    with pytest.raises(OSError, match="disk"):
        pipe(content, scorer=Broken(20, OSError("disk")))
    with pytest.raises(InputLostError, match="not what it was when part-00000-00000 was scored"):
        pipe(content.replace(b"rained 2", b"rained 3"), resume=True)
    report = pipe(content, resume=True)
    assert (report.totals.records, report.before.records > 0) == (40, True)


def test_json_lines_and_parquet_hold_the_same_rows(archive, tmp_path):
    score(archive, tmp_path / "a.parquet", articles=tmp_path / "articles.parquet")
    score(archive, tmp_path / "b.jsonl", articles=tmp_path / "articles.jsonl")
    for table, lines in (
        ("a.parquet", "b.jsonl"),
        ("articles.parquet", "articles.jsonl"),
        ("a.errors.parquet", "b.errors.jsonl"),
    ):
        rows = pq.read_table(tmp_path / table).to_pylist()
        read = [json.loads(line) for line in (tmp_path / lines).read_text(encoding="utf-8").splitlines()]
        assert len(rows) == len(read)
        for row, other in zip(rows, read, strict=True):
            assert row.keys() == other.keys()
            assert [value for value in row.values() if isinstance(value, str | int | None)] == [
                value for value in other.values() if isinstance(value, str | int | None)
            ]
    assert sorted(file.name for file in (tmp_path / "a.parquet.job").iterdir()) == [
        ".lock",
        "inputs.jsonl",
        "manifest.json",
    ]


def test_tables_are_read_by_pandas_and_datasets(archive, tmp_path):
    import pandas as pd
    from datasets import load_dataset

    score(archive, tmp_path / "out")
    assert len(pd.read_parquet(tmp_path / "out" / "articles")) == 47
    loaded = load_dataset(
        "parquet", data_files=str(tmp_path / "out" / "sentences" / "*.parquet"), cache_dir=str(tmp_path / "cache")
    )
    assert loaded["train"].column_names[:3] == ["document", "source", "position"]


def test_hostile_names_and_ids_stay_inside_the_output(tmp_path):
    archive = tmp_path / "archive"
    archive.mkdir()
    rows = [{"id": "../../../escape", "outlet": "/etc/passwd", "text": "It rained."}]
    (archive / "..x.jsonl").write_text("")
    (archive / "a;rm -rf ~.jsonl").write_text(json.dumps(rows[0]))
    before = set(tmp_path.rglob("*"))
    score(archive, tmp_path / "out")
    assert all(tmp_path / "out" in (path, *path.parents) for path in set(tmp_path.rglob("*")) - before)


def test_an_output_has_to_make_sense(tmp_path):
    with pytest.raises(UsageError, match="only for one file"):
        output_at(tmp_path / "out", tmp_path / "articles.parquet")
    with pytest.raises(UsageError, match=r"end in \.parquet"):
        output_at(tmp_path / "out.parquet", tmp_path / "articles.csv")
    with pytest.raises(UsageError, match="writes already"):
        output_at(tmp_path / "out.parquet", tmp_path / "out.parquet")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        output_at(tmp_path / "file")
    with pytest.raises(UsageError, match="no standard output; name a file"):
        output_at(Path("-"))


@pytest.mark.parametrize(
    "ending", ".txt .html .htm .warc .zst .bz2 .gz .csv .TSV .json .ndjson .xlsx .parquet.gz".split()
)
def test_a_kind_of_file_that_is_not_written_is_no_folder(tmp_path, ending):
    # regression: most of them made a folder of that name
    with pytest.raises(UsageError, match="is not written; a file ends in"):
        output_at(tmp_path / f"scores{ending}")


def test_an_ending_may_be_in_capitals(archive, tmp_path):
    # regression: a folder of that name
    score(archive, tmp_path / "A.PARQUET", articles=tmp_path / "ARTICLES.JSONL")
    assert pq.read_table(tmp_path / "A.PARQUET").num_rows == score(archive, tmp_path / "out").totals.sentences
    assert len((tmp_path / "ARTICLES.JSONL").read_text().splitlines()) == 47
    assert (tmp_path / "A.errors.PARQUET").is_file()


def test_a_scorer_that_loses_a_document_is_found_out(archive, tmp_path):
    class Losing(FakeScorer):
        def parts(self, texts):
            results = list(super().parts(texts))
            return iter(results[:-1])

    with pytest.raises(RuntimeError, match="no result for 1 articles"):
        score(archive, tmp_path / "out", Losing())


@pytest.mark.parametrize("name", ["scores.parquet", "scores.jsonl"])
def test_a_merge_that_was_killed_leaves_nothing_behind(archive, tmp_path, name):
    """Found by the kill test: the unfinished file lies beside the output, not in the folder of the job."""
    with pytest.raises(InterruptedJobError):
        score(archive, tmp_path / "out" / name, stop=lambda: True)
    (tmp_path / "out" / f".{name}.0123456789abcdef.partial").write_bytes(b"PAR1")
    (tmp_path / "out" / f".other-{name}.0123456789abcdef.partial").write_bytes(b"of another job")
    score(archive, tmp_path / "out" / name, resume=True)
    assert [file.name for file in (tmp_path / "out").glob(".*")] == [f".other-{name}.0123456789abcdef.partial"]


def test_shards_that_a_kill_left_behind_a_finished_file_are_removed(archive, tmp_path, monkeypatch):
    """Found by the kill test: between the last line of the manifest and the removal of the shards."""

    def killed(folder):
        raise KeyboardInterrupt

    monkeypatch.setattr("reportedly.archive.output.drop_shards", killed)
    with pytest.raises(KeyboardInterrupt):
        score(archive, tmp_path / "scores.parquet")
    monkeypatch.undo()
    score(archive, tmp_path / "scores.parquet", resume=True)
    left = sorted(file.name for file in (tmp_path / "scores.parquet.job").iterdir())
    assert left == [".lock", "inputs.jsonl", "manifest.json"]


@pytest.mark.parametrize("of", [2, 3])
def test_parts_hold_every_record_once_and_are_about_as_large(archive, tmp_path, of):
    settings = [replace(SETTINGS, part=Part(number, of)) for number in range(1, of + 1)]
    reports = [score(archive, tmp_path / str(part.part.number), settings=part) for part in settings]
    whole = score(archive, tmp_path / "whole")
    held = [pq.read_table(tmp_path / str(number) / "sentences").to_pylist() for number in range(1, of + 1)]
    expected = pq.read_table(tmp_path / "whole" / "sentences").to_pylist()
    assert sorted(map(str, chain.from_iterable(held))) == sorted(map(str, expected))
    assert sum(report.totals.errors for report in reports) == whole.totals.errors
    assert min(map(len, held)) * of > 0.7 * sum(map(len, held))
    names = [file.name for number in range(1, of + 1) for file in (tmp_path / str(number) / "sentences").iterdir()]
    assert len(names) == len(set(names))


def test_another_part_is_not_resumed_and_an_empty_one_not_begun(archive, tmp_path):
    score(archive, tmp_path / "out", settings=replace(SETTINGS, part=Part(1, 2)))
    with pytest.raises(RefusedError, match=r"settings\.part\.number was 1 and is 2"):
        score(archive, tmp_path / "out", settings=replace(SETTINGS, part=Part(2, 2)), resume=True)
    with pytest.raises(UsageError, match="--part 2/2: is empty"):
        score(archive / "c.txt", tmp_path / "none", settings=replace(SETTINGS, part=Part(2, 2)))
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("text", ["", "3", "0/4", "5/4", "1/0", "-1/4", "a/b", "/16", "1/2/3"])
def test_what_is_no_part_is_refused(text):
    with pytest.raises(UsageError, match=r"--part .*expected I/N"):
        Part.parse(text)
