"""Where the tables of a job go: shards in a folder, or one file merged from shards."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from .files import remove_partial
from .inputs import COMPRESSIONS, FORMATS, STANDARD_INPUT, UsageError, errors_beside, job_beside
from .manifest import LOCK, RefusedError, Totals, drop_shards, finish, holds_job
from .records import Failure
from .schema import ERRORS, article_schema, sentence_schema
from .shards import TABLES, Commit, shard_files
from .tables import JSONL, PARQUET, table_file

_FILES = (PARQUET, JSONL)
_OTHER_FILES = {*FORMATS, *COMPRESSIONS, ".json", ".xlsx"}
"""Endings that no one means for a folder."""


@dataclass(frozen=True, slots=True)
class Output:
    """The places that a job writes to."""

    folder: Path
    """Shards, commits and manifest."""
    sentences: Path | None = None
    """One file of all sentences; ``None`` where the folder itself is the output."""
    articles: Path | None = None

    @property
    def errors(self) -> Path | None:
        """One file of what could not be read, beside that of the sentences; written only where there is any."""
        return self.sentences and errors_beside(self.sentences)

    @property
    def named(self) -> Path:
        """What the user named as the output."""
        return self.sentences or self.folder

    @property
    def articles_from_home(self) -> str | None:
        """Where the articles go, seen from the folder that the output is in: both may be moved together."""
        if self.articles is None:
            return None
        # of the folders alone, as a file that is a link is replaced by one that is none
        place = self.articles.parent.resolve() / self.articles.name
        return Path(os.path.relpath(place, self.folder.parent.resolve())).as_posix()

    @property
    def places(self) -> tuple[Path, ...]:
        """Everything that is written, for inputs to keep out of."""
        return tuple(place for place in (self.folder, self.sentences, self.articles, self.errors) if place is not None)


@contextmanager
def _before_the_job() -> Iterator[None]:
    """Turn faults of the file system into a refusal, as long as there is nothing to resume."""
    try:
        yield
    except OSError as error:
        raise RefusedError(f"{error.filename}: {error.strerror}; name another place for the output") from None


@_before_the_job()
def output_at(path: Path, articles: Path | None = None) -> Output:
    """Tell from the ending: ``.parquet`` and ``.jsonl`` name a file, others no known kind of file, so a folder.

    A file is merged from shards in the folder ``FILE.job`` beside it, of which only the manifest stays.

    Raises
    ------
    UsageError
        Where the place or its ending is not one to write to.
    """
    if str(path) == STANDARD_INPUT:
        raise UsageError("-: no standard output; name a file that ends in .parquet or .jsonl, or a folder")
    if path.suffix.lower() not in _FILES:
        if articles is not None:
            raise UsageError(f"--articles {articles}: only for one file of sentences; a folder has articles/ in it")
        if path.suffix.lower() in _OTHER_FILES and not path.is_dir():
            raise UsageError(f"{path}: {path.suffix} is not written; a file ends in .parquet or .jsonl")
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path}: is a file; an output is a folder, or a file that ends in .parquet or .jsonl")
        return Output(path)
    if articles is not None and articles.suffix.lower() not in _FILES:
        raise UsageError(f"--articles {articles}: has to end in .parquet or .jsonl")
    output = Output(job_beside(path), path, articles)
    for place in output.places:
        if place is not output.folder and place.is_dir():
            raise UsageError(f"{place}: is a folder; without the ending it would be one of shards")
    if articles is not None and articles.resolve() in (path.resolve(), output.errors and output.errors.resolve()):
        raise UsageError(f"--articles {articles}: is a file that the job writes already")
    return output


@contextmanager
def locked(output: Output) -> Iterator[None]:
    """Make the folders of an output and hold it against other jobs, in this and in other processes.

    Raises
    ------
    RefusedError
        Where they cannot be made, or another job holds it.
    """
    with _before_the_job():
        for folder in (output.folder, *(place.parent for place in output.places)):
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK):
                raise RefusedError(f"{folder}: no permission to write there")
        try:
            held = FileLock(output.folder / LOCK, timeout=0).acquire()
        except Timeout:
            raise RefusedError(f"{output.named}: another job is writing to it") from None
    with held:
        yield


@_before_the_job()
def require_vacant(output: Output, *, overwrite: bool) -> None:
    """Refuse to write into a folder of something else, or over a file that no job of ours has left.

    Raises
    ------
    RefusedError
        With what to do.
    """
    if holds_job(output.folder) or overwrite:
        return
    for place in output.places:
        if place != output.folder and place.exists():
            raise RefusedError(f"{place}: exists, and is not of a job in {output.folder}; --overwrite replaces it")


def is_whole(output: Output) -> bool:
    """Whether the files of a finished job are where it put them."""
    return output.sentences is None or (
        output.sentences.is_file() and (output.articles is None or output.articles.is_file())
    )


def deliver(output: Output, commits: Sequence[Commit], totals: Totals, kept: Sequence[str]) -> None:
    """Bring finished shards into the form that was asked for. Interrupted, it is simply done again."""
    if output.sentences is not None:
        if output.errors is not None and not totals.errors:
            output.errors.unlink(missing_ok=True)
        targets = (
            (output.sentences, sentence_schema(kept), totals.sentences),
            (output.articles, article_schema(kept), totals.articles),
            (output.errors if totals.errors else None, ERRORS, totals.errors),
        )
        for table, (target, schema, expected) in enumerate(targets):
            if target is not None:
                remove_partial(target.parent, f"{target.name}.")
                merge([shard_files(output.folder, commit.name)[table] for commit in commits], target, schema, expected)
    finish(output.folder, totals)
    if output.sentences is not None:
        drop_shards(output.folder)


def merge(shards: Sequence[Path], target: Path, schema: pa.Schema, expected: int) -> None:
    """Write the rows of Parquet shards, in order, into one file in the format of its ending.

    Raises
    ------
    RuntimeError
        Where the rows are not as many as the commits counted.
    """
    rows = 0
    with table_file(target, schema) as merged:
        for shard in shards:
            with pq.ParquetFile(shard, pre_buffer=False) as table:
                for group in range(table.num_row_groups):  # one by one, as each is no larger than memory allows
                    for batch in table.iter_batches(2048, row_groups=[group], use_threads=False):
                        merged.write(batch)
                        rows += batch.num_rows
        if rows != expected:
            raise RuntimeError(f"{target}: {rows} rows, but {expected} were counted; score again with --overwrite")


def error_examples(output: Output, commits: Sequence[Commit], most: int) -> list[str]:
    """The first few records that could not be read, in words."""
    found: list[str] = []
    for commit in commits:
        if commit.errors and len(found) < most:
            for row in pq.read_table(shard_files(output.folder, commit.name)[TABLES.index("errors")]).to_pylist():
                found.append(str(Failure(**row)))
    return found[:most]
