"""Kills a job with SIGKILL at random moments, resumes it, and compares every byte with an unbroken run.

    python benchmarks/chaos.py --kills 100

Exits with 1 where one file differs, is missing or is left over.
"""

import argparse
import gzip
import hashlib
import json
import multiprocessing
import random
import sys
import tempfile
import time
from pathlib import Path

from fake_scorer import FakeScorer

from reportedly.archive.inputs import find_inputs
from reportedly.archive.job import Settings, in_process
from reportedly.archive.manifest import Model
from reportedly.archive.output import output_at
from reportedly.archive.records import Reading
from reportedly.archive.run import run

_SETTINGS = Settings(Reading(keep=(("outlet", "outlet"),)), shard_articles=7, partition_bytes=4_000)
_MODEL = Model("fake", {}, "fake")
_FORMS = ("folder", "scores.parquet", "scores.jsonl")
_FORK = multiprocessing.get_context("fork")


def write_archive(folder: Path, generator: random.Random) -> None:
    """Write a small archive of invented articles in many formats, some of them broken."""
    words = "The mayor of Osterby reportedly left town after a staggering vote on the new harbour bridge".split()

    def article(number: int) -> dict[str, object]:
        sentences = (
            " ".join(generator.choices(words, k=generator.randint(4, 14))) + "." for _ in range(generator.randint(1, 6))
        )
        return {"id": f"a{number}", "outlet": generator.choice(["Packet", "Gazette"]), "text": " ".join(sentences)}

    folder.mkdir(parents=True)
    lines = [json.dumps(article(number)) for number in range(120)]
    lines[10], lines[50], lines[77] = "{broken", '{"id": "no text"}', '{"id": "empty", "text": " "}'
    (folder / "large.jsonl").write_text("\n".join(lines) + "\n")
    with gzip.open(folder / "packed.jsonl.gz", "wt") as stream:
        stream.writelines(json.dumps(article(number)) + "\n" for number in range(200, 240))
    (folder / "torn.jsonl.gz").write_bytes((folder / "packed.jsonl.gz").read_bytes()[:900])
    rows = [article(number) for number in range(300, 330)]
    (folder / "table.csv").write_text(
        "id,outlet,text\n" + "".join(f'{row["id"]},{row["outlet"]},"{row["text"]}"\n' for row in rows) + "torn,row\n"
    )
    for number in range(25):
        (folder / f"page-{number:02}.txt").write_text(str(article(number)["text"]))
    (folder / "latin.txt").write_bytes("Das Café war geöffnet.".encode("latin-1"))


def job(archive: Path, place: Path, delay: float) -> None:
    """Run the job, or what is left of it."""
    named = place.name.startswith("scores")
    output = output_at(place, place.with_name("articles.parquet") if named else None)
    run(find_inputs([str(archive)]), output, _SETTINGS, _MODEL, in_process(FakeScorer(delay)), resume=True)


def contents(folder: Path) -> dict[str, str]:
    """SHA-256 of every file under a folder but the lock."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != ".lock"
    }


def storm(kills: int, seed: int, delay: float = 0.002) -> dict[str, int]:
    """Kill jobs until so many kills have hit, and return what was counted."""
    generator = random.Random(seed)
    counted = {"kills": 0, "kills between two shards or later": 0, "finished jobs": 0, "differing files": 0}
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        write_archive(root / "archive", generator)
        wanted, seconds = {}, {}
        for form in _FORMS:
            began = time.monotonic()
            unbroken = _FORK.Process(target=job, args=(root / "archive", root / f"whole-{form}" / form, delay))
            unbroken.start()
            unbroken.join()
            wanted[form], seconds[form] = contents(root / f"whole-{form}"), time.monotonic() - began
        while counted["kills"] < kills:
            form = _FORMS[counted["finished jobs"] % len(_FORMS)]
            folder = root / f"storm-{counted['finished jobs']}"
            while True:
                process = _FORK.Process(target=job, args=(root / "archive", folder / form, delay))
                process.start()
                process.join(generator.uniform(0, 0.5 * seconds[form]) if counted["kills"] < kills else None)
                if process.exitcode is not None:
                    break
                process.kill()
                process.join()
                counted["kills"] += 1
                counted["kills between two shards or later"] += any(folder.rglob("part-*.json"))
            if process.exitcode != 0:
                raise RuntimeError(f"a resumed job ended with {process.exitcode}")
            found = contents(folder)
            counted["finished jobs"] += 1
            differing = [
                name for name in found.keys() | wanted[form].keys() if found.get(name) != wanted[form].get(name)
            ]
            counted["differing files"] += len(differing)
            for name in sorted(differing):
                print(f"differs: {form}: {name}", file=sys.stderr)
    return counted


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    figures = storm(arguments.kills, arguments.seed)
    print(", ".join(f"{count} {name}" for name, count in figures.items()))
    sys.exit(figures["differing files"] != 0)
