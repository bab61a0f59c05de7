"""Write the figures of README and cards from the committed results, never by hand.

``python -m reportedly.eval.figures [FOLDER …]`` takes over what `reportedly eval` wrote to each FOLDER as the committed
results of its corpus, or the runs of an ablation variant that lie in it as the record of that variant, and fills every
``<!-- figures:NAME -->`` … ``<!-- /figures -->`` block of the documents below, which all have to be there.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .glance import glance
from .report.pages import AXIS_NAMES, SYSTEM_NAMES, best_baseline, interval, percent
from .results import BENCHMARK, Results, read_results, write_results
from .training_tables import (
    ablation_table,
    benchmark_table,
    gather_variant,
    held_out_means,
    held_out_table,
    read_records,
)

ROOT = Path(__file__).resolve().parents[1]
COMMITTED = Path(__file__).parent / "results"
BENCHMARKS = COMMITTED / "benchmarks"
TRAINED = ROOT / "training" / "results" / "benchmarks"
ABLATIONS = ROOT / "training" / "results" / "ablations"
THROUGHPUT = ROOT / "benchmarks" / "results" / "throughput.json"
INT8 = THROUGHPUT.with_name("int8.json")
DOCUMENTS = (
    "README.md",
    "model/checkpoint/README.md",
    "eval/corpora/invented/README.md",
    "training/ABLATIONS.md",
)
_BLOCK = re.compile(r"(<!-- figures:([\w-]+) -->\n).*?(<!-- /figures -->)", re.DOTALL)


def committed() -> list[Results]:
    """The committed results, one file a corpus."""
    return [read_results(file) for file in sorted(COMMITTED.glob("*.json"))]


def all_blocks() -> dict[str, str]:
    """Every block of every committed result by name, as in ``news3-headline``, and those of benchmarks and training."""
    measured = {results["corpus"]["name"]: results for results in committed()}
    found = {name: text for results in measured.values() for name, text in blocks(results).items()}
    found["transfer"] = _transfer(committed_benchmarks())
    found["finetuned"] = benchmark_table(read_records(TRAINED))
    ablations = read_records(ABLATIONS)
    found["ablations"], found["held-out"] = ablation_table(ablations), held_out_table(ablations)
    if THROUGHPUT.is_file():
        throughput = json.loads(THROUGHPUT.read_text(encoding="utf-8"))
        found["throughput"] = _throughput(throughput)
        unseen = held_out_means(ablations)
        if unseen and {"news3", "invented"} <= measured.keys():
            found["glance"] = glance(measured["news3"], measured["invented"], unseen, throughput)
    if INT8.is_file():
        found["int8"] = _int8(json.loads(INT8.read_text(encoding="utf-8")))
    return found


def committed_benchmarks() -> list[dict[str, Any]]:
    """The committed figures on published benchmarks."""
    return read_records(BENCHMARKS)


def blocks(results: Results) -> dict[str, str]:
    """Every block by name, in Markdown, as in ``news3-headline``."""
    found = {
        "headline": _headline(results),
        "baselines": _baselines(results),
        "evidence": _evidence(results),
        "ceiling": _ceiling(results),
        "behaviour": _behaviour(results),
        "provenance": _provenance(results),
    }
    return {f"{results['corpus']['name']}-{name}": text for name, text in found.items()}


def rewrite(text: str, found: Mapping[str, str]) -> str:
    r"""Fill the marked blocks of a document.

    >>> rewrite("<!-- figures:x -->\nold\n<!-- /figures -->", {"x": "new\n"})
    '<!-- figures:x -->\nnew\n<!-- /figures -->'

    Raises
    ------
    KeyError
        For a block that is not known.
    """
    return _BLOCK.sub(lambda block: block[1] + found[block[2]] + block[3], text)


def main(arguments: list[str]) -> None:
    """Take over the results of the folders given, then rewrite the documents that are there."""
    for folder in map(Path, arguments):
        if (folder / BENCHMARK).is_file():
            measured = json.loads((folder / BENCHMARK).read_text(encoding="utf-8"))
            place = BENCHMARKS / f"{measured['benchmark']}.json"
            before = json.loads(place.read_text(encoding="utf-8")) if place.is_file() else None
            write_results(place, measured | {"earlier": _looks_before(measured, before)})
            continue
        if any(folder.glob("*/training.json")):
            variant = gather_variant(folder)
            write_results(ABLATIONS / f"{variant['variant']}.json", variant)
            continue
        results = read_results(folder)
        results["errors"] = {}  # they quote sentences, and those of a shared corpus may not be published
        write_results(COMMITTED / f"{results['corpus']['name']}.json", results)
    found = all_blocks()
    for name in DOCUMENTS:
        path = ROOT / name
        path.write_text(rewrite(path.read_text(encoding="utf-8"), found), encoding="utf-8")


def _headline(results: Results) -> str:
    model, ceiling = results["systems"]["model"], results["ceiling"] or {}
    lines = [
        "| axis | F1 | average precision | calibration error | best baseline, F1 | two annotation passes, F1 |",
        "|---|---|---|---|---|---|",
    ]
    for axis, row in model["axes"].items():
        measures = row["measures"]
        best = best_baseline(results, axis)
        other = (
            f"{interval(results['systems'][best]['axes'][axis]['measures']['f1'])} ({SYSTEM_NAMES[best]})"
            if best
            else "–"
        )
        passes = interval(ceiling[axis]["passes"]["f1"]) if axis in ceiling else "–"
        lines.append(
            f"| {AXIS_NAMES[axis]} | {interval(measures['f1'])} | {interval(measures['average_precision'])} "
            f"| {interval(measures['calibration_error'], 3)} | {other} | {passes} |"
        )
    best = best_baseline(results, "macro")
    other = f"{interval(results['systems'][best]['macro']['f1'])} ({SYSTEM_NAMES[best]})" if best else "–"
    macro = model["macro"]
    lines.append(
        f"| **mean** | **{interval(macro['f1'])}** | {interval(macro['average_precision'])} "
        f"| {interval(macro['calibration_error'], 3)} | {other} | |"
    )
    return "\n".join(lines) + "\n"


def _looks_before(measured: Mapping[str, Any], before: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Every earlier look at the test of a benchmark; the same checkpoint with the same figures is the same look."""
    if before is None:
        return []
    look = {"model": before["model"], "figures": _values(before)}
    same = (before["model"], _values(before)) == (measured["model"], _values(measured))
    return [*before["earlier"], *([] if same else [look])]


def _values(measured: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    return {part: {name: one["value"] for name, one in row.items()} for part, row in measured["figures"].items()}


def _transfer(measured: Sequence[Mapping[str, Any]]) -> str:
    lines = [
        "| benchmark, metric | part | stored threshold | threshold from its train part | at the stored one, all looks "
        "| published, trained on it |",
        "|---|---|---|---|---|---|",
    ]
    for found in measured:
        looks = [*(look["figures"] for look in found["earlier"]), _values(found)]
        for part, row in found["figures"].items():
            seen = [look[part]["stored"] for look in looks]
            lines.append(
                f"| {found['protocol']} | {part} | {interval(row['stored'], 3)} | {interval(row['fitted'], 3)} "
                f"| {min(seen):.3f} to {max(seen):.3f} ({len(seen)}) | {found['published']} |"
            )
    return "\n".join(lines) + "\n"


def _throughput(measured: Mapping[str, Any]) -> str:
    rates, engines = measured["sentences_per_second"], measured["engines"]
    usual = rates["pipeline, batch_size=32, same checkpoint"]
    lines = ["| | sentences/s | times the pipeline |", "|---|---|---|"]
    lines += [f"| {name} | {rate:,.0f} | {rate / usual:.1f} |" for name, rate in rates.items()]
    machine = measured["machine"]
    bf16 = "with bf16" if machine["native_bf16"] else "without bf16"
    agreement = max(engine["agreement_with_exact"]["largest_score_difference"] for engine in engines.values())
    compared = min(engine["agreement_with_exact"]["sentences"] for engine in engines.values())
    lines += [
        "",
        f"{machine['cores']} cores ({machine['cpu']}, {bf16}), {measured['archive']['sentences']:,} sentences, "
        f"{measured['measured'][:10]}. Largest difference of a score from exact fp32, on {compared:,} of them: "
        f"{agreement:.1e}.",
    ]
    return "\n".join(lines) + "\n"


def _int8(measured: Mapping[str, Any]) -> str:
    shipped = next(iter(measured["backends"].values()))["sentences_per_second"]
    lines = [
        "| OpenVINO, network alone | times as fast | largest difference of a score | flags changed in 1,000 |",
        "|---|---|---|---|",
    ]
    for name, row in measured["backends"].items():
        times = row["sentences_per_second"] / shipped
        difference, changed = row["largest_score_difference"], row["flags_changed_per_1000"]
        lines.append(f"| {name} | {times:.2f} | {difference:.3f} | {changed:.1f} |")
    return "\n".join(lines) + "\n"


def _baselines(results: Results) -> str:
    axes = results["systems"]["model"]["axes"]
    lines = [f"| F1 | {' | '.join(AXIS_NAMES[axis] for axis in axes)} | mean |", "|---|" + "---|" * (len(axes) + 1)]
    for name, system in results["systems"].items():
        cells = [interval(system["axes"][axis]["measures"]["f1"]) if axis in system["axes"] else "–" for axis in axes]
        lines.append(f"| {SYSTEM_NAMES[name]} | {' | '.join(cells)} | {interval(system['macro']['f1'])} |")
    return "\n".join(lines) + "\n"


def _evidence(results: Results) -> str:
    names = ("span_exact_f1", "span_overlap_f1", "span_character_f1", "faithfulness")
    lines = ["| axis | exact F1 | overlap F1 | character F1 | faithfulness |", "|---|---|---|---|---|"]
    for axis, row in results["systems"]["model"]["axes"].items():
        lines.append(f"| {AXIS_NAMES[axis]} | {' | '.join(interval(row['measures'].get(name)) for name in names)} |")
    return "\n".join(lines) + "\n"


def _ceiling(results: Results) -> str:
    lines = [
        "| axis | κ of the passes | α of the passes, ordinal | κ of model and pass | α of model and pass |",
        "|---|---|---|---|---|",
    ]
    for axis, row in (results["ceiling"] or {}).items():
        cells = [interval(row[pair][name]) for pair in ("passes", "system") for name in ("kappa", "alpha")]
        lines.append(f"| {AXIS_NAMES[axis]} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _behaviour(results: Results) -> str:
    found = results["behaviour"]
    if found is None:
        return "The behaviour suite was not run.\n"
    lines = ["| kind of case | cases | pass rate |", "|---|---|---|"]
    lines += [
        f"| {kind} | {row['cases']} | {percent(row['pass_rate'])} |"
        for kind, row in found["by_kind"].items()
        if row["cases"]
    ]
    lines.append(f"| **all** | {found['cases']} | {percent(found['pass_rate'])} |")
    figures = [axis for swap in found["swaps"].values() for axis in swap["axes"].values()]
    if figures:
        largest = max(figure["largest"] for figure in figures)
        mean = sum(figure["mean"] for figure in figures) / len(figures)
        lines += [
            "",
            f"Swapping names of {', '.join(found['swaps'])} moves a probability by {mean:.3f} on average "
            f"and {largest:.2f} at most.",
        ]
    return "\n".join(lines) + "\n"


def _provenance(results: Results) -> str:
    corpus, run = results["corpus"], results["provenance"]
    return (
        f"{corpus['sentences']:,} sentences of {corpus['articles']} articles ({corpus['name']}, {corpus['split']}, "
        f"hash `{corpus['hash']}`), checkpoint `{results['systems']['model']['hash']}`, {run['date'][:10]}. "
        f"In brackets 95 % intervals: BCa bootstrap over articles, {run['resamples']:,} resamples.\n"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
