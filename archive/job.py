"""A job: from an archive to score tables, in shards, continued after any end."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

from ..model.results import DocumentPart
from .inputs import Input, UsageError
from .partitions import Partition, partition
from .prefetch import prefetch
from .progress import Silent
from .readers import InputLostError, read
from .records import Article, Failure, Reading, Record
from .shards import Commit, Digest, ShardWriter, read_commits

_HELD_AHEAD = 16_000_000
_RECORD_OVERHEAD = 1_000
_PARTITIONS_PER_PART = 8
"""At the least, where the inputs can be cut so: parts are then about as large as each other."""

Item = tuple[Article | Failure, int]
"""What a record parsed to, and the bytes of the input that it took."""


class DocumentScorer(Protocol):
    """Whatever scores documents in order: :class:`reportedly.Scorer`, or a stand-in."""

    def parts(self, texts: Iterable[str]) -> Iterator[DocumentPart]:
        """Score a stream of documents in order, each in one or more parts."""
        ...


class StrictError(Exception):
    """A record could not be read, and the job was to stop at the first."""


class InterruptedJobError(Exception):
    """The job was asked to stop and did so between two shards."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which of several jobs that share an archive."""

    number: int
    """From 1."""
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @classmethod
    def parse(cls, text: str) -> "Part":
        """Read ``3/16``.

        Raises
        ------
        UsageError
            Where it is none.
        """
        number, _, of = text.partition("/")
        if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
            raise UsageError(f"--part {text!r}: expected I/N, as in 3/16, with I from 1 to N")
        return cls(int(number), int(of))


@dataclass(frozen=True, slots=True)
class Settings:
    """What shapes the output, apart from inputs and model."""

    reading: Reading = field(default_factory=Reading)
    shard_articles: int = 2_000
    """Records per shard: what a killed job scores again at most, and the size of the files in a folder."""
    partition_bytes: int = 64_000_000
    part: Part | None = None

    @property
    def kept(self) -> tuple[str, ...]:
        """Names of the kept columns."""
        return tuple(name for name, _ in self.reading.keep)


@dataclass(frozen=True, slots=True)
class Task:
    """What any worker needs besides a scorer to score a partition. It can be pickled."""

    folder: Path
    """Where the shards go; every worker sees the same folder."""
    settings: Settings
    model: str
    """Hash of the checkpoint, for the column ``model``."""
    strict: bool = False


Work = Sequence[tuple[Partition, Sequence[Commit]]]
"""Unfinished partitions, each with the shards that are done."""
Stop = Callable[[], bool]
"""Tells whether a stop was asked for."""
Engine = Callable[[Task, Work, Stop], Iterator[Commit]]
"""Scores the work wherever it does, and yields the commit of each shard once it is written.

After a stop it begins no other shard, and ends once those that are begun are written."""


def plan(files: Sequence[Input], settings: Settings) -> list[Partition]:
    """Cut the inputs into partitions: the same for the same inputs and settings.

    Each goes to one part, the largest first and to the part that has least.
    """
    if settings.part is None:
        return partition(files, settings.partition_bytes, settings.shard_articles)
    pieces = settings.part.of * _PARTITIONS_PER_PART
    partitions = partition(
        files,
        min(settings.partition_bytes, max(sum(file.size for file in files) // pieces, 1)),
        min(settings.shard_articles, max(len(files) // pieces, 1)),
    )
    loads = [(0, number) for number in range(1, settings.part.of + 1)]
    dealt = []
    for one in sorted(partitions, key=lambda one: -one.size):
        load, number = heappop(loads)
        heappush(loads, (load + max(one.size, 1), number))
        if number == settings.part.number:
            dealt.append(one)
    return sorted(dealt, key=lambda one: one.index)


def unfinished(partitions: Iterable[Partition], commits: Mapping[int, Sequence[Commit]]) -> Work:
    """The partitions that are not done, each with its finished shards."""
    work = ((part, tuple(commits.get(part.index, ()))) for part in partitions)
    return [(part, done) for part, done in work if not (done and done[-1].last)]


def in_process(scorer: DocumentScorer, progress: Silent | None = None) -> Engine:
    """The engine of one process: partition after partition."""

    def engine(task: Task, work: Work, stop: Stop) -> Iterator[Commit]:
        for part, done in work:
            for commit in score_partition(task, part, done, scorer, progress or Silent()):
                yield commit
                if stop():
                    return

    return engine


def execute(task: Task, partitions: Iterable[Partition], engine: Engine, stop: Stop = lambda: False) -> list[Commit]:
    """Score what is not done yet, and return the commits of all shards in order.

    Raises
    ------
    InterruptedJobError
        Where ``stop`` said so, and there is more to do.
    InputLostError, StrictError, ClusterError, OSError
        Where a worker does; all finished shards stay.
    """
    partitions = list(partitions)
    commits = read_commits(task.folder)
    for commit in engine(task, unfinished(partitions, commits), stop):
        commits.setdefault(commit.partition, []).append(commit)
    if missing := unfinished(partitions, commits):
        if stop():
            raise InterruptedJobError
        raise RuntimeError(f"the engine left {len(missing)} partitions unfinished")
    return [commit for part in partitions for commit in commits[part.index]]


def score_partition(
    task: Task, part: Partition, done: Sequence[Commit], scorer: DocumentScorer, progress: Silent
) -> Iterator[Commit]:
    """Score the shards of one partition that are not done, and yield each commit once the shard is written.

    Each shard is scored by one call of ``parts``, so that its batches, and with them the last bits of its
    scores, do not depend on where a job began.
    """
    records = read(part, task.settings.reading)
    _pass_over(records, part, done, progress)
    items = prefetch(map(_parsed, records), _weight, _HELD_AHEAD)
    number = len(done)
    following = next(items, None)
    while True:
        shard = islice(chain((following,), items), task.settings.shard_articles) if following else iter(())
        with ShardWriter(task.folder, part.index, number, task.model, task.settings.kept) as writer:
            _score(shard, scorer, writer, progress, task.strict)
            following = next(items, None)
            commit = writer.commit(last=following is None)
        progress.committed(commit)
        yield commit
        if following is None:
            return
        number += 1


def _score(items: Iterator[Item], scorer: DocumentScorer, writer: ShardWriter, progress: Silent, strict: bool) -> None:
    waiting: deque[tuple[Article, int]] = deque()

    def texts() -> Iterator[str]:
        for item, size in items:
            if isinstance(item, Failure):
                if strict:
                    raise StrictError(str(item))
                writer.fail(item)
                progress.done(size)
                progress.failed()
            else:
                waiting.append((item, size))
                yield item.text

    for part in scorer.parts(texts()):
        article, size = waiting[0]
        writer.add(article, part)
        if part.last:
            waiting.popleft()
            progress.done(size)
            progress.scored()
    if waiting:
        raise RuntimeError(f"the scorer gave no result for {len(waiting)} articles, from {waiting[0][0].id} on")


def _pass_over(records: Iterator[Record], part: Partition, done: Sequence[Commit], progress: Silent) -> None:
    """Skip the records of finished shards. Standard input has no date to tell a change by: compare its content."""
    compare = any(piece.input.modified is None for piece in part.pieces)
    for commit in done:
        digest = Digest()
        passed = 0
        for record in islice(records, commit.records):
            progress.done(record.size)
            passed += 1
            if compare:
                digest.add(record.parse())
        if passed < commit.records or (compare and digest.hex() != commit.digest):
            raise InputLostError(f"{part.pieces[0].input.path}: not what it was when {commit.name} was scored")


def _parsed(record: Record) -> Item:
    return record.parse(), record.size


def _weight(item: Item) -> int:
    return _RECORD_OVERHEAD + (item[0].characters if isinstance(item[0], Article) else 0)
