"""Hours, money and bottlenecks at sizes that nobody has run: measured rates multiplied, for docs/scaling.md.

    python benchmarks/scaling.py --measure   # the rates around the network, some seconds; then the page
    python benchmarks/scaling.py             # the page alone, from benchmarks/results

The rate of the network is that of throughput.json. The other rates are processor time of one core, so that a busy
machine does not change them much.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from articles import articles, write_jsonl
from fake_scorer import FakeScorer

from reportedly.archive.inputs import find_inputs
from reportedly.archive.job import Settings, in_process, plan
from reportedly.archive.manifest import Model
from reportedly.archive.output import output_at
from reportedly.archive.run import run
from reportedly.archive.shards import TABLES, Commit, make_folders, read_commits, shard_files
from reportedly.eval.figures import rewrite

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "scaling.md"
SIZES = {"1 M": 10**6, "100 M": 10**8, "10 G": 10**10}
DOLLARS_PER_CORE_HOUR = 0.04
CORES = (2, 64, 1_000, 10_000)
SHARD_ARTICLES = Settings().shard_articles
LARGE_SHARD_ARTICLES = 100_000
WORKER_CORES = 8


def measure(count: int, commits: int) -> dict[str, Any]:
    """Measure what a job costs apart from the network, and what its driver does alone."""
    with tempfile.TemporaryDirectory() as scratch:
        archive, out = Path(scratch, "archive.jsonl"), Path(scratch, "out")
        write_jsonl(archive, articles(count))
        inputs = find_inputs([str(archive)])
        model = Model("benchmark", {}, "benchmark")
        seconds, report = processor_seconds(
            lambda: run(inputs, output_at(out), Settings(), model, in_process(FakeScorer()))
        )
        written = sum(file.stat().st_size for table in TABLES for file in (out / table).iterdir())
        planning, _ = processor_seconds(lambda: plan(inputs.files, Settings(partition_bytes=1_000_000)))
        return {
            "measured": datetime.now(UTC).isoformat(timespec="seconds"),
            "articles": count,
            "sentences": report.totals.sentences,
            "bytes_read": archive.stat().st_size,
            "bytes_written": written,
            "sentences_per_second_without_network": report.totals.sentences / seconds,
            "planned_bytes_per_second": archive.stat().st_size / planning,
            "commits_read_per_second": commits / read_seconds(Path(scratch, "commits"), commits),
        }


def processor_seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor time that some work takes, and its result."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def read_seconds(folder: Path, count: int) -> float:
    """Processor time of reading so many commits."""
    make_folders(folder)
    for number in range(count):
        commit = Commit(number, 0, 2_000, 2_000, 0, 40_000, 0, 0, "0" * 64, last=True, filled={})
        fields = {name: getattr(commit, name) for name in Commit.__slots__}
        (folder / "commits" / f"{commit.name}.json").write_text(json.dumps(fields))
        for table in shard_files(folder, commit.name):
            table.touch()
    return processor_seconds(lambda: read_commits(folder))[0]


def blocks(throughput: Mapping[str, Any], rates: Mapping[str, Any]) -> dict[str, str]:
    """The blocks of the page, in Markdown."""
    cores = throughput["machine"]["cores"]
    per_core = {
        name: throughput["sentences_per_second"][f"reportedly, {name}"] / cores for name in throughput["engines"]
    }
    name, rate = max(per_core.items(), key=lambda item: item[1])
    sentences = rates["sentences"] / rates["articles"]
    return {
        "scaling-rates": _rates(throughput, rates, per_core, sentences),
        "scaling-cost": _cost(name, rate, sentences),
        "scaling-bottlenecks": _bottlenecks(rates, rate, sentences),
        "scaling-shards": _shards(rate, sentences),
    }


def _rates(
    throughput: Mapping[str, Any], rates: Mapping[str, Any], per_core: Mapping[str, float], sentences: float
) -> str:
    machine = throughput["machine"]
    bf16 = "with bf16" if machine["native_bf16"] else "without bf16"
    rows = [
        *(
            (f"scoring, files to Parquet, {engine['backend']}", f"{per_core[name]:,.0f} sentences/s a core")
            for name, engine in throughput["engines"].items()
        ),
        (
            "the same without the network: reading, splitting, rows, Parquet",
            f"{rates['sentences_per_second_without_network']:,.0f} sentences/s a core",
        ),
        ("planning plain JSON Lines", f"{rates['planned_bytes_per_second'] / 1e6:,.0f} MB/s"),
        ("reading commits when a job is resumed", f"{rates['commits_read_per_second']:,.0f} /s"),
        ("an article", f"{sentences:.1f} sentences, {rates['bytes_read'] / rates['articles'] / 1e3:.1f} kB"),
        ("its rows", f"{rates['bytes_written'] / rates['articles'] / 1e3:.1f} kB"),
    ]
    note = (
        f"{machine['cores']} cores ({machine['cpu']}, {bf16}), invented articles, "
        f"{' and '.join(sorted({throughput['measured'][:10], rates['measured'][:10]}))}."
    )
    return _table(("what", "measured"), rows) + f"\n{note}\n"


def _cost(name: str, rate: float, sentences: float) -> str:
    header = ("articles", "sentences", "core-hours", "cost", *(f"{cores:,} cores" for cores in CORES))
    rows = []
    for size, count in SIZES.items():
        hours = count * sentences / rate / 3600
        cost = f"${_rounded(hours * DOLLARS_PER_CORE_HOUR)}"
        times = (_duration(hours / cores) for cores in CORES)
        rows.append((size, f"{_rounded(count * sentences / 1e6)} M", _rounded(hours), cost, *times))
    return _table(header, rows) + f"\nWith {name}, {rate:,.0f} sentences/s a core.\n"


def _bottlenecks(rates: Mapping[str, Any], rate: float, sentences: float) -> str:
    header = (
        "articles",
        "read",
        "written",
        "driver plans plain JSON Lines",
        "files at the default",
        "resume reads them",
    )
    rows = []
    for size, count in SIZES.items():
        read = count * rates["bytes_read"] / rates["articles"]
        written = count * rates["bytes_written"] / rates["articles"]
        shards = count / SHARD_ARTICLES
        planning = read / rates["planned_bytes_per_second"] / 3600
        resuming = shards / rates["commits_read_per_second"] / 3600
        files = f"{(len(TABLES) + 1) * shards:,.0f}"
        rows.append((size, _bytes(read), _bytes(written), _duration(planning), files, _duration(resuming)))
    busy = rates["sentences_per_second_without_network"] / rate
    read = WORKER_CORES * rate / sentences * rates["bytes_read"] / rates["articles"]
    return _table(header, rows) + (
        f"\nOne core that reads, splits and writes feeds {busy:,.0f} cores of this kind that compute. "
        f"A worker of {WORKER_CORES} cores reads {read / 1e3:,.0f} kB/s; a thousand of them {read / 1e3:,.0f} MB/s.\n"
    )


def _shards(rate: float, sentences: float) -> str:
    rows = []
    for count in (SHARD_ARTICLES, LARGE_SHARD_ARTICLES):
        hours = count * sentences / (rate * WORKER_CORES) / 3600
        shards = SIZES["10 G"] / count
        rows.append((f"{count:,}", _duration(hours), f"{shards:,.0f}", f"{(len(TABLES) + 1) * shards:,.0f}"))
    header = ("`--shard-articles`", f"lost with a worker of {WORKER_CORES} cores, at most", "shards of 10 G", "files")
    return _table(header, rows)


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _rounded(value: float) -> str:
    """Two digits that count: a plan knows no more."""
    return f"{float(f'{value:.2g}'):,.0f}" if value >= 10 else f"{value:.2g}"


def _duration(hours: float) -> str:
    for unit, length in (("years", 8760.0), ("days", 24.0), ("h", 1.0), ("min", 1 / 60)):
        if hours >= 2 * length:
            return f"{_rounded(hours / length)} {unit}"
    return f"{_rounded(hours * 3600)} s"


def _bytes(count: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{_rounded(count / size)} {unit}"
    return f"{count:,.0f} B"


def page(text: str) -> str:
    """The page with its blocks filled from the committed results."""
    throughput, rates = (json.loads((RESULTS / f"{name}.json").read_text()) for name in ("throughput", "scaling"))
    return rewrite(text, blocks(throughput, rates))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", action="store_true", help="measure the rates around the network first")
    parser.add_argument("--articles", type=int, default=3_000)
    parser.add_argument("--commits", type=int, default=2_000)
    arguments = parser.parse_args()
    if arguments.measure:
        measured = measure(arguments.articles, arguments.commits)
        (RESULTS / "scaling.json").write_text(json.dumps(measured, indent=1) + "\n")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
