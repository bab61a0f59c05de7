"""A coverage-guided fuzz run (atheris, libFuzzer) over all that reads or cuts hostile text, target by target.

    python benchmarks/fuzz.py                                # a minute each
    python benchmarks/fuzz.py --targets warc pages --seconds 300

What a target raises over is kept under tests/findings/TARGET, which tests/test_findings.py replays; mend it, and it
stays as the regression test. The corpus that is grown goes to out/fuzz, and the next run goes on from it. Writes
benchmarks/results/fuzz.json and the table of docs/hostile-input.md, and ends with 1 where there is a finding.
"""

import argparse
import json
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import atheris
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "fuzz.json"
FINDINGS = ROOT / "tests" / "findings"
PAGE = ROOT / "docs" / "hostile-input.md"
CORPUS = ROOT / "out" / "fuzz"
_INSTRUMENTED = ["reportedly", "fuzz_targets", "warcio", "trafilatura", "htmldate", "courlan", "justext"]
_UNIT_SECONDS = 60
_UNIT_BYTES = 4096
_MEGABYTES = 4096
_DONE = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)/")
_WORDS = (
    "“ ” „ « » \" ‘ ’ ' ’s s’ . ! ? … ! .” e.g. Sen. p.m. U.S. J. \\n \\n\\n \\r\\n \\t ( ) [ ] { } {{7*7}} {%",
    "\u2029 \u2028 \x85 \0 \u202e \u2066 \u200d \u0301 👩\u200d🚀 é 漢 ß İ ﬁ <script> </style> <p> <a <!-- ]]> &lt;",
    '{"text": "a. b"} \\ud800 "id": "meta": {"key": null true 1e999 [ , ; ../../x text,id\\n text\\tid\\n',
    "WARC/1.0\\r\\n WARC-Type: response conversion resource Content-Length: Content-Type: text/plain text/html",
    "HTTP/1.1 200 OK\\r\\n Transfer-Encoding: chunked Content-Encoding: gzip deflate WARC-Record-ID: PAR1",
    "<article> </article> <title> <html> <body> <table> <td> <br> <li> <blockquote>",
)


def child(target: str, arguments: list[str]) -> None:
    """Fuzz one target in this process, until libFuzzer ends it."""
    with atheris.instrument_imports(include=_INSTRUMENTED):
        from fuzz_targets import TARGETS

        for seed in seeds(target):  # what is imported late is to be instrumented too
            TARGETS[target](seed)
    atheris.Setup([sys.argv[0], *arguments], TARGETS[target])
    atheris.Fuzz()


def seeds(target: str) -> list[bytes]:
    """Well-formed examples of our own that a target begins from."""
    from fuzz_seeds import SEEDS

    return SEEDS.get(target, SEEDS["sentences"])


def fuzz(target: str, seconds: int, console: Console) -> dict[str, object]:
    """Fuzz one target in a process of its own, and return its figures."""
    corpus, findings = CORPUS / target, FINDINGS / target
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(target)):
        (corpus / f"seed-{number}").write_bytes(seed)
    findings.mkdir(parents=True, exist_ok=True)
    before = set(findings.iterdir())
    with tempfile.TemporaryDirectory() as scratch:
        words = Path(scratch, "words")
        words.write_text("\n".join(_quoted(word) for line in _WORDS for word in line.split(" ")), encoding="ascii")
        began, used = time.monotonic(), _processor_seconds()
        run = subprocess.run(
            [
                *(sys.executable, __file__, "--child", target),
                *(str(corpus), str(findings), f"-dict={words}", f"-artifact_prefix={findings}/"),
                *(f"-max_total_time={seconds}", f"-timeout={_UNIT_SECONDS}", f"-max_len={_UNIT_BYTES}"),
                *(f"-rss_limit_mb={_MEGABYTES}", "-print_final_stats=1", "-report_slow_units=600"),
            ],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        took, used = time.monotonic() - began, _processor_seconds() - used
    found = sorted(str(path.relative_to(ROOT)) for path in set(findings.iterdir()) - before)
    steps = _DONE.findall(run.stderr)
    if not steps or (run.returncode != 0 and not found):
        sys.exit(f"{target}: the fuzzer ended with {run.returncode}\n{run.stderr[-3000:]}")
    if found:
        console.print(f"{target}: {found[0]}\n{run.stdout[-3000:]}", markup=False)
    if not any(findings.iterdir()):
        findings.rmdir()
    executions, edges, features, units = map(int, steps[-1])
    times = {"seconds": round(took, 1), "processor_seconds": round(used, 1)}
    coverage = {"edges": edges, "features": features, "corpus": units}
    return {"executions": executions, **times, **coverage, "findings": found}


def _processor_seconds() -> float:
    """What all processes that have ended have used: on a busy machine less than the time that went by."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def page(results: dict) -> str:
    """The figures as a Markdown table."""
    names = ("executions", "processor_seconds", "edges")
    rows = [
        f"| {target} | {' | '.join(f'{row[name]:,.0f}' for name in names)} | {len(row['findings'])} |"
        for target, row in results["targets"].items()
    ]
    total = results["total"]
    return "\n".join(
        [
            "| target | executions | seconds on the processor | edges covered | findings |",
            "|---|---|---|---|---|",
            *rows,
            "",
            f"{total['executions']:,} executions in {total['seconds']:,.0f} s, {results['measured'][:10]}.",
            "",
        ]
    )


def _quoted(word: str) -> str:
    """A word as a libFuzzer dictionary has it."""
    raw = word.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").encode()
    return '"' + "".join(f"\\x{byte:02x}" for byte in raw) + '"'


def main() -> None:
    """Fuzz, print, write."""
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], sys.argv[3:])
        return
    from fuzz_targets import TARGETS

    from reportedly.eval.figures import rewrite

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument(
        "--targets", nargs="+", choices=TARGETS, default=list(TARGETS), help="others keep their figures"
    )
    parser.add_argument("--output", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    console = Console(width=100, highlight=False)
    written = arguments.output.is_file()
    known = json.loads(arguments.output.read_text(encoding="utf-8"))["targets"] if written else {}
    for target in arguments.targets:
        known[target] = fuzz(target, arguments.seconds, console)
        console.print(f"{target}: {known[target]}", markup=False)
    figures = {target: known[target] for target in TARGETS if target in known}
    table = Table("target", *(name for name in next(iter(figures.values()))), box=None)
    for target, row in figures.items():
        table.add_row(target, *(f"{len(value) if isinstance(value, list) else value:,}" for value in row.values()))
    total = {
        name: sum(row[name] for row in figures.values()) for name in ("executions", "seconds", "processor_seconds")
    }
    findings = [path for row in figures.values() for path in row["findings"]]
    console.print(table)
    console.print(
        f"{total['executions']:,} executions in {total['seconds']:,.0f} s, {total['processor_seconds']:,.0f} s of them "
        f"on the processor; {len(findings)} findings"
    )
    results = {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("reportedly", "atheris", "pyarrow", "sentencex", "trafilatura")},
        "total": {**total, "findings": len(findings)},
        "targets": figures,
    }
    arguments.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    if arguments.output == RESULTS:
        PAGE.write_text(rewrite(PAGE.read_text(encoding="utf-8"), {"fuzz": page(results)}), encoding="utf-8")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
