"""The Ray engine on a cluster of two nodes in this machine, beside the engine of one process."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from functools import partial
from importlib.metadata import version
from pathlib import Path

import fake_scorer
import pyarrow as pa
import pytest
from fake_scorer import FakeScorer
from typer.testing import CliRunner

from reportedly import BatchScorer
from reportedly.archive import cluster as engine_of_clusters
from reportedly.archive.cluster import ClusterError, Worker, places, ray_cluster, require_reachable
from reportedly.archive.inputs import UsageError, find_inputs
from reportedly.archive.job import InterruptedJobError, Settings, StrictError, Task, in_process, plan
from reportedly.archive.manifest import Model
from reportedly.archive.output import output_at
from reportedly.archive.progress import Silent
from reportedly.archive.readers import InputLostError
from reportedly.archive.records import Reading
from reportedly.archive.run import run
from reportedly.cli import app
from reportedly.model.loading import CheckpointError

MODEL = Model("m1", {"hedging": 0.5}, "fake")
SETTINGS = Settings(Reading(keep=(("outlet", "outlet"),)), shard_articles=4, partition_bytes=800)
PORTS = ("metrics_agent_port", "metrics_export_port", "dashboard_agent_listen_port", "runtime_env_agent_port")
on_a_cluster = pytest.mark.cluster  # run in a process of its own, by the first test below


def load_fake():
    return FakeScorer(), MODEL


def load_in_two_ways(marker):
    """The first to come loads one model, all others another."""
    return FakeScorer(), MODEL if first(marker) else Model("m2", {"hedging": 0.5}, "fake")


def load_nothing():
    raise CheckpointError("config.json is not there")


def load_mortal(marker, word, everyone=False):
    return Mortal(marker, word, everyone), MODEL


def first(marker):
    try:
        os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


class Mortal(FakeScorer):
    """Dies by SIGKILL over a document with a certain word: the first time, or each time."""

    def __init__(self, marker, word, everyone):
        super().__init__(window=1)
        self.marker, self.word, self.everyone = marker, word, everyone

    def document(self, text):
        if self.word in text and (first(self.marker) or self.everyone):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().document(text)


@pytest.fixture(scope="module")
def two_nodes():
    """Address of a cluster of two nodes with a core each, to which this process is connected."""
    pytest.importorskip("ray", reason="needs the extra ray")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_worker_niceness", "0")  # at Ray's 15 workers starve beside the tests of another process
        import ray
        from ray.cluster_utils import Cluster

        for module in (fake_scorer, sys.modules[__name__]):
            ray.cloudpickle.register_pickle_by_value(module)
        nodes = Cluster()
        try:
            for _ in range(2):
                nodes.add_node(num_cpus=1, object_store_memory=80_000_000, include_dashboard=False, **free_ports())
        except Exception as error:
            nodes.shutdown()
            pytest.skip(f"Ray did not start here: {error}")
        ray.init(nodes.address, log_to_driver=False, logging_level="warning")
        yield nodes.address
        ray.shutdown()
        nodes.shutdown()


def free_ports():
    """Ray waits for agents to tell ports that it was not given, and gives up on a slow machine."""
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in PORTS]
        return dict(zip(PORTS, (one.getsockname()[1] for one in taken), strict=True))


@pytest.fixture
def archive(tmp_path):
    folder = tmp_path / "archive"
    folder.mkdir()
    rows = [{"id": f"a{n}", "outlet": "Packet", "text": f"It rained {n} times. It may snow."} for n in range(40)]
    lines = [json.dumps(row) for row in rows]
    lines[7] = "{broken"
    (folder / "a.jsonl").write_text("\n".join(lines))
    for number in range(9):
        (folder / f"b{number}.txt").write_text(f"The fire in town {number} was alarming.")
    return folder


@pytest.fixture
def unbroken(archive, tmp_path):
    """What one process writes."""
    score(archive, tmp_path / "whole", in_process(FakeScorer()))
    return contents(tmp_path / "whole")


def score(archive, place, engine, **options):
    return run(find_inputs([str(archive)]), output_at(place), SETTINGS, MODEL, engine, **options)


def score_on_cluster(archive, place, load=load_fake, said=None, **options):
    with ray_cluster(load, None, (said if said is not None else []).append) as cluster:
        assert cluster.model == MODEL
        return score(archive, place, cluster.engine(Silent()), **options)


def contents(folder):
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.name != ".lock"
    }


def test_on_a_cluster_of_two_nodes():
    """In one process, as each would start a cluster: worksteal, which outlives a lost worker, knows no groups."""
    command = [sys.executable, "-m", "pytest", "-p", "no:xdist", "-rs", "-m", "cluster", __file__]
    process = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert process.returncode == 0, process.stdout + process.stderr
    if " passed" not in process.stdout:
        pytest.skip(process.stdout)


class Told(Silent):
    """What the engine told of its progress."""

    def __init__(self):
        self.bytes = self.articles = self.errors = 0

    def done(self, size):
        self.bytes += size

    def scored(self, articles=1):
        self.articles += articles

    def failed(self, records=1):
        self.errors += records


@on_a_cluster
def test_two_nodes_write_the_same_bytes_as_one_process(two_nodes, archive, tmp_path, unbroken):
    said, told = [], Told()
    with ray_cluster(load_fake, None, said.append) as cluster:
        report = score(archive, tmp_path / "out", cluster.engine(told))
    assert said == ["2 workers of 1 core each; the cluster has room for 2"]
    assert contents(tmp_path / "out") == unbroken
    assert (told.articles, told.errors) == (report.totals.articles, report.totals.errors) == (48, 1)
    assert told.bytes == sum(file.stat().st_size for file in archive.iterdir())


@on_a_cluster
def test_a_job_that_one_process_began_survives_the_death_of_a_worker(two_nodes, archive, tmp_path, unbroken):
    with pytest.raises(InterruptedJobError):
        score(archive, tmp_path / "out", in_process(FakeScorer()), stop=lambda: True)
    said, told = [], Told()
    load = partial(load_mortal, str(tmp_path / "dead"), "rained 22 times")
    with ray_cluster(load, None, said.append) as cluster:
        report = score(archive, tmp_path / "out", cluster.engine(told), resume=True)
    assert told.bytes == sum(file.stat().st_size for file in archive.iterdir())  # passed over twice, counted once
    assert (tmp_path / "dead").exists()
    assert report.before.records == 4
    assert [line for line in said if "a worker died over part-" in line]
    assert contents(tmp_path / "out") == unbroken


@on_a_cluster
def test_what_kills_every_worker_stops_the_job_and_one_process_resumes_it(two_nodes, archive, tmp_path, unbroken):
    load = partial(load_mortal, str(tmp_path / "dead"), "town 4", everyone=True)
    with pytest.raises(ClusterError, match=r"3 workers died over part-\d+-\d+ \(of .*b"):
        score_on_cluster(archive, tmp_path / "out", load)
    score(archive, tmp_path / "out", in_process(FakeScorer()), resume=True)
    assert contents(tmp_path / "out") == unbroken


@on_a_cluster
def test_a_stop_is_heeded_once_the_shards_in_hand_are_written(two_nodes, archive, tmp_path, unbroken):
    with pytest.raises(InterruptedJobError):
        score_on_cluster(archive, tmp_path / "out", stop=lambda: any((tmp_path / "out" / "commits").iterdir()))
    assert 1 <= len(list((tmp_path / "out" / "commits").iterdir())) <= 2
    assert not list((tmp_path / "out").rglob("*.partial"))
    score_on_cluster(archive, tmp_path / "out", resume=True)
    assert contents(tmp_path / "out") == unbroken


@on_a_cluster
def test_what_stops_a_worker_stops_the_job_with_the_same_error(two_nodes, archive, tmp_path):
    with pytest.raises(StrictError, match=r"^[^\n]*a\.jsonl, 8: broken JSON[^\n]*$"):
        score_on_cluster(archive, tmp_path / "out", strict=True)


@on_a_cluster
def test_a_worker_that_loads_something_else_is_left_out(two_nodes, archive, tmp_path, unbroken):
    said = []
    with ray_cluster(partial(load_in_two_ways, str(tmp_path / "first")), None, said.append) as cluster:
        wanted = cluster.model
        while len(said) < 2:
            cluster._admit(*cluster._next_returned()[:2])
        score(archive, tmp_path / "out", cluster.engine(Silent()))
    assert wanted == MODEL
    assert said[1].startswith("a worker is left out: ")
    assert said[1].endswith("gives m2 in fake, and the first worker m1 in fake")
    assert contents(tmp_path / "out") == unbroken


@on_a_cluster
def test_the_command_writes_the_same_bytes_with_either_engine(
    two_nodes, archive, tmp_path, tiny_checkpoint, monkeypatch
):
    monkeypatch.setenv("RAY_ADDRESS", two_nodes)
    monkeypatch.chdir(tmp_path)
    for engine in ("local", "ray"):
        options = ["-o", f"{engine}/scores.parquet", "--engine", engine, "--backend", "exact", "--shard-articles", "9"]
        result = CliRunner().invoke(app, ["score", "archive", *options, "--checkpoint", str(tiny_checkpoint)])
        assert result.exit_code == 0, result.output
        assert "49 records = 48 articles (87 sentences) + 1 not read" in result.output
        assert "with torch cpu fp32" in result.output
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")


@on_a_cluster
def test_the_command_heeds_signals_and_is_resumed(two_nodes, tiny_checkpoint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = [json.dumps({"id": f"a{number}", "text": "It rained. It may snow."}) for number in range(800)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    options = ["a.jsonl", "--backend", "exact", "--checkpoint", str(tiny_checkpoint), "--shard-articles", "4"]
    command = [sys.executable, "-m", "reportedly", "score", *options, "-o", "out", "--resume", "--engine", "ray"]
    environment = os.environ | {"RAY_ADDRESS": two_nodes}
    done = 0
    for sent, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
            while process.poll() is None and len(list(Path("out").glob("commits/*"))) == done:
                time.sleep(0.02)
            process.send_signal(sent)
            said = process.communicate(timeout=200)[1]
        assert (process.returncode, "the same command with --resume goes on" in said) == (status, True), said
        before, done = done, len(list(Path("out/commits").iterdir()))
        assert before < done < 200
    for place, resume in (("out", ["--resume"]), ("whole", [])):
        result = CliRunner().invoke(app, ["score", *options, "-o", place, *resume])
        assert result.exit_code == 0, result.output
    assert contents(Path("out")) == contents(Path("whole"))


@on_a_cluster
def test_ray_data_maps_batches_with_the_callable(two_nodes, tiny_checkpoint):
    # regression: Ray Data sets attributes on what it makes of the class, which a frozen one refused
    data = pytest.importorskip("ray.data", reason="needs ray[data]")
    articles = data.from_arrow(pa.table({"id": ["a1", "a2"], "text": ["It rained. It may snow.", None]}))
    options = {"checkpoint": str(tiny_checkpoint), "backend": "exact"}
    rows = articles.map_batches(
        BatchScorer, fn_constructor_kwargs=options, batch_format="pyarrow", concurrency=1
    ).take_all()
    assert [(row["document"], row["sentence"], row["error"]) for row in rows] == [
        ("a1", 0, None),
        ("a1", 1, None),
        ("a2", None, "empty: field 'text' is null"),
    ]


@on_a_cluster
def test_a_cluster_on_which_no_worker_can_load_is_refused(two_nodes):
    with (
        pytest.raises(UsageError, match=r"no worker of the cluster can score: .*: config.json is not there"),
        ray_cluster(load_nothing, 1, print) as cluster,
    ):
        cluster.model  # noqa: B018


def test_a_cluster_without_a_core_has_no_place():
    with pytest.raises(UsageError, match="no node of the cluster offers a core"):
        places([{"memory": 1e9}])


def test_an_address_at_which_nothing_answers_is_refused_at_once():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        for answering in (address, f"ray://{address}", "auto", ""):
            require_reachable(answering)
    with pytest.raises(UsageError, match=rf"nothing answers at {address}, the RAY_ADDRESS: .*refused"):
        require_reachable(address)


def test_without_ray_the_extra_is_named(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(engine_of_clusters, "find_spec", lambda name: None)
    result = CliRunner().invoke(app, ["score", str(archive), "-o", str(tmp_path / "out"), "--engine", "ray"])
    assert result.exit_code == 2
    assert "pip install 'reportedly[ray]'" in result.output


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [(["-", "--engine", "ray"], "cannot read standard input"), (["x.txt", "--workers", "2"], "only with --engine ray")],
)
def test_what_makes_no_sense_on_a_cluster_is_refused(arguments, reason, tmp_path):
    result = CliRunner().invoke(app, ["score", *arguments, "-o", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert reason in result.output


class TestWorker:
    """In this process: an actor is this class, called from elsewhere."""

    @pytest.fixture
    def job(self, archive, tmp_path):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "manifest.json").write_bytes(b"{}")
        return Task(tmp_path / "out", SETTINGS, "m1"), plan(find_inputs([str(archive)]).files, SETTINGS)[0]

    @pytest.fixture
    def worker(self, monkeypatch):
        monkeypatch.setenv("OMP_NUM_THREADS", "1")
        monkeypatch.setenv("RAYON_NUM_THREADS", "1")
        worker = Worker()
        worker.load(load_fake, version("reportedly"), str(Path.cwd()))
        return worker

    def test_another_version_is_refused(self):
        with pytest.raises(UsageError, match=r"the driver 99\.0; install the same on all nodes"):
            Worker().load(load_fake, "99.0", ".")

    def test_an_output_that_is_not_shared_is_noticed(self, worker, job):
        task, part = job
        with pytest.raises(ClusterError, match="has to be in a folder that all nodes share"):
            worker.begin(task, b"of another job", part, [])
        (task.folder / "manifest.json").unlink()
        with pytest.raises(ClusterError, match="does not see the job there"):
            worker.begin(task, b"{}", part, [])

    def test_an_input_that_is_not_there_is_named_with_the_node(self, worker, job, archive):
        task, part = job
        (archive / "a.jsonl").unlink()
        with pytest.raises(InputLostError, match=r"a\.jsonl: No such file or directory, on \S+$"):
            worker.begin(task, b"{}", part, [])
