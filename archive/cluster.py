"""The engine of a Ray cluster: scorers on all its nodes, each at one partition at a time.

Workers read the inputs and write the shards themselves, by the code of the engine of one process, so that a shard is
the same bytes wherever it is scored. That takes a file system that all nodes share, which an archive beyond one
machine is on anyway; through the driver only commits travel, of some hundred bytes each. The driver alone writes the
manifest and merges shards into a file.

Actors, and not Ray Data: a job is partitions in, shards on the disk out, in an order and with a memory of what is
done that are ours already. A pipeline of blocks would have to be taught both. For tables that are in Ray Data, Spark
or Dask there is :class:`~reportedly.archive.batches.BatchScorer`.
"""

import logging
import os
import platform
import socket
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from ..model.backends.choice import BackendError
from ..model.loading import CheckpointError
from .files import remove_partial
from .inputs import MANIFEST, STANDARD_INPUT, Input, UsageError
from .job import DocumentScorer, Engine, Stop, Task, Work, score_partition
from .loading import Load
from .manifest import Model
from .partitions import Partition
from .progress import Silent
from .readers import InputLostError
from .shards import COMMITS, TABLES, Commit, shard_name

_CORES = 8
"""Of one worker at most: Python reads, splits and writes on one of them, and keeps no more than some busy."""
_ATTEMPTS = 3
_SECONDS_TO_ANSWER = 20


class ClusterError(Exception):
    """The cluster cannot go on with the job. The message says why; the job can be resumed."""


@dataclass(frozen=True, slots=True)
class Places:
    """The workers that a cluster has room for."""

    workers: int
    cores: int
    """Of each worker."""
    gpus: int
    """Of each worker, 0 or 1."""


def places(nodes: Iterable[Mapping[str, float]]) -> Places:
    """One worker for each GPU where the cluster has any, else one for each 8 cores, or each smaller node.

    Parameters
    ----------
    nodes
        What the nodes offer, by Ray's names of resources.

    Raises
    ------
    UsageError
        Where they offer no core.

    Examples
    --------
    >>> places([{"CPU": 64.0}, {"CPU": 16.0}, {"memory": 1e9}])
    Places(workers=10, cores=8, gpus=0)
    >>> places([{"CPU": 4.0}, {"CPU": 16.0, "GPU": 4.0}])
    Places(workers=4, cores=4, gpus=1)
    """
    offers = [(int(node.get("CPU", 0)), int(node.get("GPU", 0))) for node in nodes]
    per_gpu = [cores // gpus for cores, gpus in offers if gpus]
    if per_gpu:
        return Places(sum(gpus for _, gpus in offers), min(_CORES, *per_gpu), 1)
    cores = [cores for cores, _ in offers if cores]
    if not cores:
        raise UsageError("--engine ray: no node of the cluster offers a core")
    each = min(_CORES, *cores)
    return Places(sum(count // each for count in cores), each, 0)


def require_shared(files: Iterable[Input]) -> None:
    """Refuse what only the process that the user started can read.

    Raises
    ------
    UsageError
        For standard input.
    """
    if any(file.path == STANDARD_INPUT for file in files):
        raise UsageError("--engine ray: workers cannot read standard input; write it to a file that all nodes see")


def require_reachable(address: str) -> None:
    """Knock at the head node: for one that is not there Ray waits for minutes.

    Addresses without a port, as ``auto``, are for Ray to find.

    Raises
    ------
    UsageError
        Where nothing answers.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not (host and port.isdecimal()):
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS_TO_ANSWER).close()
    except OSError as error:
        raise UsageError(f"--engine ray: nothing answers at {address}, the RAY_ADDRESS: {error}") from error


class _Counted(Silent):
    """Bytes that were done since they were asked for."""

    def __init__(self) -> None:
        self._bytes = 0

    def done(self, size: int) -> None:
        """See :class:`Silent`."""
        self._bytes += size

    def take(self) -> int:
        """Bytes since the last call."""
        taken, self._bytes = self._bytes, 0
        return taken


class Worker:
    """One process of the cluster, to be made an actor."""

    _scorer: DocumentScorer
    _commits: Iterator[Commit]

    def load(self, load: Load, package: str, directory: str) -> tuple[str, Model]:
        """Load the scorer, and say on which node it is and what. Relative paths are those of the directory."""
        node = platform.node()
        if (own := version("reportedly")) != package:
            raise UsageError(f"{node} has reportedly {own}, the driver {package}; install the same on all nodes")
        if Path(directory).is_dir():  # elsewhere only absolute paths are found
            os.chdir(directory)
        os.environ.setdefault(
            "RAYON_NUM_THREADS", os.environ["OMP_NUM_THREADS"]
        )  # the tokenizer, as Ray does for torch
        try:
            self._scorer, model = load()
        except (BackendError, CheckpointError) as error:
            raise UsageError(f"{node}: {error}") from error
        return node, model

    def begin(self, task: Task, manifest: bytes, part: Partition, done: Sequence[Commit]) -> tuple[Commit, int]:
        """Score the next shard of a partition. Returns its commit and the bytes of the inputs that are done."""
        self._file, self._manifest, self._progress = task.folder / MANIFEST, manifest, _Counted()
        self._commits = score_partition(task, part, done, self._scorer, self._progress)
        return self.proceed()

    def proceed(self) -> tuple[Commit, int]:
        """Score the shard after that, as ``begin`` does."""
        # Also keeps a worker that outlived its driver from writing among the shards of another job.
        if not self._file.is_file() or self._file.read_bytes() != self._manifest:
            raise ClusterError(
                f"{self._file.parent}: {platform.node()} does not see the job there; the output, like the inputs, "
                "has to be in a folder that all nodes share"
            )
        try:
            return next(self._commits), self._progress.take()
        except InputLostError as error:
            raise InputLostError(f"{error}, on {platform.node()}") from error


@dataclass(frozen=True, slots=True)
class _Assignment:
    """A partition in the hands of a worker."""

    part: Partition
    done: list[Commit]
    told: list[int]
    """Bytes of its inputs that progress was told of, shard by shard."""

    @property
    def shard(self) -> str:
        """Name of the shard that is being scored."""
        return shard_name(self.part.index, len(self.done))


class Cluster:
    """The workers of a job; see :func:`ray_cluster`."""

    def __init__(self, load: Load, workers: int | None, announce: Callable[[str], None]) -> None:
        import ray

        self._ray = ray
        self._load = load
        self._announce = announce
        self._model: Model | None = None
        self._workers: set[Any] = set()
        self._idle: list[Any] = []
        self._busy: dict[Future[Any], tuple[Any, _Assignment | None]] = {}
        """Calls that have not returned: with the partition that is scored, or ``None`` where the worker loads."""
        self._returned: SimpleQueue[Future[Any]] = SimpleQueue()
        self._deaths: Counter[str] = Counter()
        room = places(node["Resources"] for node in ray.nodes() if node["Alive"])
        self._actor: Any = ray.remote(Worker).options(num_cpus=room.cores, num_gpus=room.gpus)
        for _ in range(workers or room.workers):
            self._hire()
        each = _counted(room.cores, "core") + (" and a GPU" if room.gpus else "")
        hired = _counted(len(self._workers), "worker")
        announce(f"{hired} of {each} each; the cluster has room for {room.workers:,}")

    @property
    def model(self) -> Model:
        """What the first worker loaded, once there is one. Workers that load something else are left out.

        Raises
        ------
        UsageError
            Where no worker can load.
        """
        while self._model is None:
            self._admit(*self._next_returned()[:2])
        return self._model

    def engine(self, progress: Silent) -> Engine:
        """The engine of this cluster. It tells its progress shard by shard."""

        def engine(task: Task, work: Work, stop: Stop) -> Iterator[Commit]:
            task = replace(task, folder=task.folder.absolute())
            manifest = (task.folder / MANIFEST).read_bytes()
            # the largest first, so that none of them is begun when all others are done
            largest_first = sorted(work, key=lambda item: -item[0].size)
            waiting = deque(_Assignment(part, list(done), []) for part, done in largest_first)
            while True:
                while waiting and self._idle and not stop():
                    held, worker = waiting.popleft(), self._idle.pop()
                    self._watch(worker.begin.remote(task, manifest, held.part, held.done), worker, held)
                if not any(held for _, held in self._busy.values()) and (not waiting or stop()):
                    return
                future, worker, finished = self._next_returned()
                if finished is None:
                    self._admit(future, worker)
                elif (outcome := self._outcome(future)) is None:
                    self._replace(worker, task, finished)
                    progress.done(-sum(finished.told))  # the next worker passes over them again
                    finished.told.clear()
                    waiting.appendleft(finished)
                else:
                    commit, size = outcome
                    finished.done.append(commit)
                    finished.told.append(size)
                    if commit.last or stop():
                        self._idle.append(worker)
                    else:
                        self._watch(worker.proceed.remote(), worker, finished)
                    progress.done(size)
                    progress.scored(commit.articles)
                    progress.failed(commit.errors)
                    progress.committed(commit)
                    yield commit

        return engine

    def dismiss(self) -> None:
        """End all workers, whatever they are at."""
        for worker in tuple(self._workers):
            self._let_go(worker)

    def _hire(self) -> None:
        worker = self._actor.remote()
        self._workers.add(worker)
        self._watch(worker.load.remote(self._load, version("reportedly"), str(Path.cwd())), worker, None)

    def _let_go(self, worker: Any) -> None:
        self._workers.discard(worker)
        self._ray.kill(worker)

    def _admit(self, future: Future[Any], worker: Any) -> None:
        """Take in a worker that has loaded, or leave it out where it could not or loaded something else."""
        try:
            outcome = self._outcome(future)
        except UsageError as error:
            reason = str(error)
        else:
            if outcome is None:
                reason = "died while it was loading; Ray's logs say why"
            else:
                node, model = outcome
                self._model = self._model or model
                if model == self._model:
                    self._idle.append(worker)
                    return
                reason = f"{node} gives {_named(model)}, and the first worker {_named(self._model)}"
        self._let_go(worker)
        if not self._workers:
            kind = UsageError if self._model is None else ClusterError
            raise kind(f"no worker of the cluster can score: {reason}")
        self._announce(f"a worker is left out: {reason}")

    def _replace(self, worker: Any, task: Task, held: _Assignment) -> None:
        """Get over the death of a worker: what it left unfinished goes, another one takes its place."""
        self._let_go(worker)
        self._deaths[held.shard] += 1
        if self._deaths[held.shard] == _ATTEMPTS:
            inputs = ", ".join(dict.fromkeys(piece.input.source for piece in held.part.pieces[:3]))
            raise ClusterError(
                f"{_ATTEMPTS} workers died over {held.shard} (of {inputs}); Ray's logs say why, often it is memory"
            )
        for table in (*TABLES, COMMITS):
            remove_partial(task.folder / table, held.shard)
        self._announce(f"a worker died over {held.shard}, which is scored again")
        self._hire()

    def _watch(self, result: Any, worker: Any, held: _Assignment | None) -> None:
        # A queue of our own, as ray.wait lets no exception of a signal handler through.
        future = result.future()
        self._busy[future] = (worker, held)
        future.add_done_callback(self._returned.put)

    def _next_returned(self) -> tuple[Future[Any], Any, _Assignment | None]:
        future = self._returned.get()
        return (future, *self._busy.pop(future))

    def _outcome(self, future: Future[Any]) -> Any | None:
        """What a worker returned or raised; ``None`` where it died."""
        try:
            return future.result()
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from error
        except self._ray.exceptions.RayError:
            return None


@contextmanager
def ray_cluster(load: Load, workers: int | None, announce: Callable[[str], None]) -> Iterator[Cluster]:
    """Workers on a Ray cluster: the one that ``RAY_ADDRESS`` names, else one on this machine for the time being.

    Parameters
    ----------
    load
        Loads the scorer of a worker.
    workers
        How many; by default as many as the cluster has room for, see :func:`places`. More are waited for while
        the others work.
    announce
        Is told in words what concerns the user: how many workers there are, and what becomes of them.

    Raises
    ------
    UsageError
        Where Ray is not installed, the cluster cannot be reached or has no room.
    """
    if find_spec("ray") is None:
        raise UsageError("--engine ray needs ray, on all nodes: pip install 'reportedly[ray]'")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray

    joined = not ray.is_initialized()
    if joined:
        require_reachable(os.environ.get("RAY_ADDRESS", ""))
        try:
            ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.WARNING)
        except Exception as error:  # a node that does not start raises no narrower one
            address = os.environ.get("RAY_ADDRESS", "a cluster on this machine")
            raise UsageError(f"--engine ray: cannot connect to {address}: {error}") from error
    try:
        cluster = Cluster(load, workers, announce)
        try:
            yield cluster
        finally:
            cluster.dismiss()
    finally:
        if joined:
            ray.shutdown()


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + "s" * (number != 1)


def _named(model: Model) -> str:
    return f"{model.hash} in {model.backend}"
