"""Measures the peak memory of jobs small and large, each in a process of its own, and writes ``docs/memory.md``.

    python benchmarks/memory.py                       # all cases: two hours and 9 GB of disk, for the largest two
    python benchmarks/memory.py --cases articles-10000 csv-5gb

Cases without a model are scored by a stand-in, so that their figure is that of reading, sentences, rows and writing.
"""

import argparse
import csv
import json
import multiprocessing
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

from articles import articles, briefs, write_jsonl
from fake_scorer import FakeScorer

from reportedly.archive.inputs import find_inputs
from reportedly.archive.job import DocumentScorer, Settings, in_process
from reportedly.archive.loading import load_scorer
from reportedly.archive.manifest import Model
from reportedly.archive.output import output_at
from reportedly.archive.records import Reading
from reportedly.archive.run import run
from reportedly.eval.figures import rewrite
from reportedly.model.backends.choice import BackendChoice

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "memory.json"
PAGE = ROOT / "docs" / "memory.md"
_PAGE_SOURCE = "<p class='story'>A paragraph, with “marks”, \"marks\" and\na line end.</p>" * 700


@dataclass(frozen=True, slots=True)
class Case:
    """An archive to make, and what scores it."""

    title: str
    ending: str
    write: Callable[[Path], None]
    backend: str | None = None
    """Of the shipped checkpoint; ``None`` for the stand-in."""


def write_csv(place: Path, size: int) -> None:
    """Write a CSV of about so many bytes, most of them in a column that is not asked for."""
    rows = articles(sys.maxsize)
    with place.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("id", "outlet", "source", "text"))
        while stream.tell() < size:
            article = next(rows)
            writer.writerow((article["id"], article["outlet"], _PAGE_SOURCE, article["text"]))


def write_article(place: Path, size: int) -> None:
    """Write one text of about so many bytes."""
    rows = articles(sys.maxsize)
    with place.open("w", encoding="utf-8") as stream:
        while stream.tell() < size:
            stream.write(next(rows)["text"] + "\n\n")


def _many(count: int, backend: str | None = None) -> Case:
    return Case(f"{count:,} articles", ".jsonl", lambda place: write_jsonl(place, articles(count)), backend)


def _briefs(count: int, backend: str) -> Case:
    return Case(f"{count:,} articles of a sentence", ".jsonl", lambda place: write_jsonl(place, briefs(count)), backend)


CASES = {
    "articles-10000": _many(10_000),
    "articles-1000000": _many(1_000_000),
    "csv-5gb": Case("a CSV of 5 GB", ".csv", partial(write_csv, size=5_000_000_000)),
    "article-200mb": Case("one article of 200 MB", ".txt", partial(write_article, size=200_000_000)),
    **{
        name: case
        for backend in ("torch", "openvino")
        for name, case in (
            *((f"{backend}-{count}", _many(count, backend)) for count in (300, 3_000, 10_000)),
            *((f"{backend}-briefs-{count}", _briefs(count, backend)) for count in (10_000, 1_000_000)),
        )
    },
}


def measure(archive: Path, place: Path, backend: str | None, figures: "SimpleQueue[dict[str, Any]]") -> None:
    """Score an archive in this process, and report its peak."""
    scorer: DocumentScorer = FakeScorer()
    name = "none"
    if backend is not None:
        scorer, model = load_scorer(None, BackendChoice(backend))
        name = model.backend
    began = time.monotonic()
    settings = Settings(Reading(article_bytes=archive.stat().st_size))
    totals = run(
        find_inputs([str(archive)]), output_at(place), settings, Model("benchmark", {}, "benchmark"), in_process(scorer)
    ).totals
    if totals.errors:
        raise RuntimeError(f"{totals.errors} articles were not read")
    figures.put(
        {
            "model": name,
            "articles": totals.articles,
            "sentences": totals.sentences,
            "input_mb": round(archive.stat().st_size / 1e6, 1),
            "peak_mb": _peak_megabytes(),
            "seconds": round(time.monotonic() - began, 1),
            "measured": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
        }
    )


def page(results: Mapping[str, Mapping[str, Any]]) -> str:
    """The figures as a Markdown table."""
    lines = ["| archive | size | sentences | model | peak memory | measured |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {case.title} | {row['input_mb']:,.0f} MB | {row['sentences']:,} | {row['model']} "
        f"| {row['peak_mb']:,.0f} MB | {row['measured'][:10]} |"
        for name, case in CASES.items()
        if (row := results.get(name))
    ]
    return "\n".join(lines) + "\n"


def _peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)  # macOS counts bytes, Linux kilobytes


def main() -> None:
    """Measure each case, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    spawn = multiprocessing.get_context("spawn")
    for name in parser.parse_args().cases:
        case = CASES[name]
        with tempfile.TemporaryDirectory() as scratch:
            archive = Path(scratch, f"archive{case.ending}")
            case.write(archive)
            figures: SimpleQueue[dict[str, Any]] = spawn.SimpleQueue()
            child = spawn.Process(target=measure, args=(archive, Path(scratch, "out"), case.backend, figures))
            child.start()
            child.join()
            if child.exitcode != 0:
                sys.exit(f"{name}: the job ended with {child.exitcode}")
            row = figures.get()
        print(f"{name}: " + ", ".join(f"{figure} {value}" for figure, value in row.items()), flush=True)
        results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
        RESULTS.write_text(json.dumps(results | {name: row}, indent=1) + "\n", encoding="utf-8")
        PAGE.write_text(rewrite(PAGE.read_text(encoding="utf-8"), {"memory": page(results | {name: row})}), "utf-8")


if __name__ == "__main__":
    main()
