"""Measures the peak memory of scoring generated articles at two sizes, each in a process of its own.

    python benchmarks/memory.py --articles 10000 100000
    python benchmarks/memory.py --articles 500 2000 --checkpoint model/checkpoint

Without a checkpoint a scorer without a model serves, so that the figure is that of reading, rows and writing.
The last line is JSON, for the scripts that write figures into documents.
"""

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from multiprocessing.queues import SimpleQueue
from pathlib import Path

from articles import write_jsonl
from fake_scorer import FakeScorer

from reportedly.archive.inputs import find_inputs
from reportedly.archive.job import DocumentScorer, Settings, in_process
from reportedly.archive.manifest import Model
from reportedly.archive.output import output_at
from reportedly.archive.run import run


def measure(archive: str, place: str, checkpoint: str | None, figures: "SimpleQueue[dict[str, float]]") -> None:
    """Score an archive in this process, and report its peak."""
    scorer: DocumentScorer = FakeScorer()
    if checkpoint is not None:
        from reportedly import Scorer

        scorer = Scorer.from_pretrained(checkpoint)
    idle = _peak_megabytes()
    began = time.monotonic()
    report = run(
        find_inputs([archive]),
        output_at(Path(place)),
        Settings(),
        Model("benchmark", {}, "benchmark"),
        in_process(scorer),
    )
    figures.put(
        {
            "articles": report.totals.articles,
            "sentences": report.totals.sentences,
            "input_mb": round(Path(archive).stat().st_size / 1e6, 1),
            "idle_mb": idle,
            "peak_mb": _peak_megabytes(),
            "seconds": round(time.monotonic() - began, 1),
        }
    )


def _peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)  # macOS counts bytes, Linux kilobytes


def main() -> None:
    """Measure each size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--checkpoint", help="a checkpoint folder, for the memory with the model")
    arguments = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    results = []
    with tempfile.TemporaryDirectory() as scratch:
        for count in arguments.articles:
            archive = Path(scratch) / f"{count}.jsonl"
            write_jsonl(archive, count)
            figures: SimpleQueue[dict[str, float]] = spawn.SimpleQueue()
            child = spawn.Process(
                target=measure, args=(str(archive), f"{scratch}/out-{count}", arguments.checkpoint, figures)
            )
            child.start()
            child.join()
            if child.exitcode != 0:
                sys.exit(f"the job on {count} articles ended with {child.exitcode}")
            results.append(figures.get())
            archive.unlink()
            print("  ".join(f"{name} {value:,}" for name, value in results[-1].items()), flush=True)
    print(json.dumps({"scorer": "checkpoint" if arguments.checkpoint else "fake", "results": results}))


if __name__ == "__main__":
    main()
