"""Shards: consecutive records of a partition, scored and written as three tables and a commit."""

import hashlib
import json
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from ..model.language import is_foreign
from ..model.results import DocumentPart
from .files import replacing
from .markup import has_markup
from .records import Article, Failure
from .rows import Aggregate, sentence_rows
from .schema import ERRORS, article_schema, sentence_schema
from .tables import PARQUET, Rows, table_file

TABLES = ("sentences", "articles", "errors")
COMMITS = "commits"
_CHARACTERS_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Commit:
    """A finished shard. It is written last, so that a shard with a commit is whole."""

    partition: int
    number: int
    """Place of the shard in its partition, from 0."""
    records: int
    """Always ``articles + errors``."""
    articles: int
    errors: int
    sentences: int
    foreign: int
    """Articles that are surely not in English."""
    marked_up: int
    """Articles whose text is HTML still."""
    digest: str
    """SHA-256 of the ids and texts of the articles and of the reasons of the errors, in order."""
    last: bool
    """Whether the partition ends with this shard."""
    filled: dict[str, int]
    """Articles that have a value in each kept column."""

    @property
    def name(self) -> str:
        """Name of the files of the shard, without their ending."""
        return shard_name(self.partition, self.number)


def shard_name(partition: int, number: int) -> str:
    """Name of the files of a shard, without their ending: ``part-00012-00003`` is the fourth of partition 12."""
    return f"part-{partition:05}-{number:05}"


def shard_files(folder: Path, name: str) -> list[Path]:
    """The three tables of a shard."""
    return [folder / table / f"{name}{PARQUET}" for table in TABLES]


def make_folders(folder: Path) -> None:
    """Make the folders that shards are written to."""
    for name in (*TABLES, COMMITS):
        (folder / name).mkdir(parents=True, exist_ok=True)


def read_commits(folder: Path) -> dict[int, list[Commit]]:
    """Finished shards by partition, each an unbroken run from its first shard on.

    A shard whose tables are not all there is as good as unwritten, and so are those behind it.
    """
    found: dict[int, list[Commit]] = {}
    commits = (Commit(**json.loads(file.read_bytes())) for file in (folder / COMMITS).glob("part-*.json"))
    for commit in sorted(commits, key=lambda commit: (commit.partition, commit.number)):
        run = found.setdefault(commit.partition, [])
        if commit.number == len(run) and all(table.is_file() for table in shard_files(folder, commit.name)):
            run.append(commit)
    return found


class ShardWriter:
    """Collects the rows of one shard within a ``with`` block; on an error all of it is dropped."""

    def __init__(self, folder: Path, partition: int, number: int, model: str, kept: tuple[str, ...]) -> None:
        self._folder = folder
        self._partition, self._number = partition, number
        self._model, self._kept = model, kept
        self._digest = Digest()
        self._failures: list[Failure] = []
        self._aggregate = Aggregate()
        self._articles = self._sentences = self._foreign = self._marked_up = 0
        self._filled = dict.fromkeys(kept, 0)
        self._files = ExitStack()

    def __enter__(self) -> Self:
        places = shard_files(self._folder, shard_name(self._partition, self._number))
        schemas = (sentence_schema(self._kept), article_schema(self._kept))
        with ExitStack() as opening:
            self._sentence_rows, self._article_rows = (
                Rows(opening.enter_context(table_file(place, schema)), schema)
                for place, schema in zip(places[:2], schemas, strict=True)
            )
            self._files = opening.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._files.__exit__(*error)

    def add(self, article: Article, part: DocumentPart) -> None:
        """Add the next part of a scored article; with the last, the article is whole."""
        self._sentence_rows.add(sentence_rows(article, part, self._model, self._kept))
        self._aggregate.add(part.sentences)
        self._sentences += len(part.sentences)
        if part.last:
            self._digest.add(article)
            self._article_rows.add([self._aggregate.row(article, part.language, self._model, self._kept)])
            self._aggregate = Aggregate()
            self._articles += 1
            self._foreign += is_foreign(part.language)
            self._marked_up += has_markup(article.text)
            for name, value in zip(self._kept, article.kept, strict=True):
                self._filled[name] += value is not None

    def fail(self, failure: Failure) -> None:
        """Record an article that could not be read."""
        self._digest.add(failure)
        self._failures.append(failure)

    def commit(self, *, last: bool) -> Commit:
        """Make the shard whole and durable: its tables, then its commit."""
        name = shard_name(self._partition, self._number)
        self._sentence_rows.flush()
        self._article_rows.flush()
        self._files.close()
        with table_file(shard_files(self._folder, name)[2], ERRORS) as sink:
            errors = Rows(sink, ERRORS)
            errors.add([asdict(failure) for failure in self._failures])
            errors.flush()
        commit = Commit(
            partition=self._partition,
            number=self._number,
            records=self._articles + len(self._failures),
            articles=self._articles,
            errors=len(self._failures),
            sentences=self._sentences,
            foreign=self._foreign,
            marked_up=self._marked_up,
            digest=self._digest.hex(),
            last=last,
            filled=self._filled,
        )
        with replacing(self._folder / COMMITS / f"{name}.json") as stream:
            stream.write(json.dumps(asdict(commit)).encode("ascii"))
        return commit


class Digest:
    """SHA-256 over what a shard was made of."""

    def __init__(self) -> None:
        self._articles = hashlib.sha256()
        self._failures = hashlib.sha256()

    def add(self, item: Article | Failure) -> None:
        """Take in an article or a failure. Only the order among their own kind counts."""
        if isinstance(item, Article):
            self._articles.update(json.dumps([item.id, len(item.text), item.kept]).encode("ascii"))
            for start in range(0, len(item.text), _CHARACTERS_AT_ONCE):  # a huge text is not copied whole
                self._articles.update(item.text[start : start + _CHARACTERS_AT_ONCE].encode("utf-8"))
        else:
            self._failures.update(json.dumps([item.position, item.reason]).encode("ascii"))

    def hex(self) -> str:
        """The digest of all that was taken in."""
        return hashlib.sha256(self._articles.digest() + self._failures.digest()).hexdigest()
