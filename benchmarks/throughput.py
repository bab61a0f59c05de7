"""Sentences per second from files to Parquet, beside what people run today and what the machine can do.

    python benchmarks/throughput.py
    python benchmarks/throughput.py --articles 20 --sentences 64 --rounds 1   # a quick look

All on the same invented articles and in one run; each figure is the median of the rounds, which are interleaved so
that a busy moment does not fall on one contender alone. Loading of models is not counted. Writes
benchmarks/results/throughput.json.
"""

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from articles import articles, write_jsonl
from rich.console import Console
from rich.table import Table
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoTokenizer, RobertaConfig, RobertaForSequenceClassification, pipeline

from reportedly import Scorer
from reportedly.archive.inputs import find_inputs
from reportedly.archive.job import Settings, in_process
from reportedly.archive.manifest import Model
from reportedly.archive.output import output_at
from reportedly.archive.run import run
from reportedly.model.backends.base import Backend
from reportedly.model.backends.choice import load_backend
from reportedly.model.batching import pad, token_batches
from reportedly.model.loading import TOKENIZER, open_checkpoint
from reportedly.model.precision import has_bf16
from reportedly.model.sentences import split_sentences

RESULTS = Path(__file__).parent / "results" / "throughput.json"
PIPELINE = "pipeline, batch_size=32, same checkpoint"
ROBERTA = "pipeline, batch_size=32, RoBERTa-base, random weights"

Measurement = Callable[[], float]
"""Does its work once, and returns sentences per second."""


def rate(sentences: int, work: Callable[[], object]) -> float:
    """Sentences per second of some work."""
    began = time.perf_counter()
    work()
    return sentences / (time.perf_counter() - began)


def todays_pipeline(checkpoint: Path, sentences: list[str]) -> Measurement:
    """The usual way to run a checkpoint over a list."""
    classify = pipeline("text-classification", model=str(checkpoint), top_k=None, truncation=True, batch_size=32)
    classify(sentences[:32])
    return lambda: rate(len(sentences), lambda: classify(sentences))


def roberta_pipeline(checkpoint: Path, sentences: list[str]) -> Measurement:
    """The same with a classifier of RoBERTa-base's shape, which takes as long whatever its weights are."""
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    config = RobertaConfig(
        max_position_embeddings=514, type_vocab_size=1, num_labels=2, pad_token_id=tokenizer.pad_token_id
    )
    model = RobertaForSequenceClassification(config).eval()
    classify = pipeline("text-classification", model=model, tokenizer=tokenizer, truncation=True, batch_size=32)
    classify(sentences[:2])
    return lambda: rate(len(sentences), lambda: classify(sentences))


def bare_network(backend: Backend, batches: list[tuple[np.ndarray, np.ndarray]]) -> Measurement:
    """The network alone: batches made beforehand, nothing done with the logits."""

    def work() -> None:
        with backend.threads() as pool:
            for _ in pool.map(lambda batch: backend(*batch), batches):
                pass

    return lambda: rate(sum(len(ids) for ids, _ in batches), work)


def end_to_end(scorer: Scorer, archive: Path, sentences: int) -> Measurement:
    """A job from JSON Lines to one Parquet file of sentences and one of articles."""

    def work() -> None:
        with tempfile.TemporaryDirectory() as scratch:
            output = output_at(Path(scratch, "scores.parquet"), Path(scratch, "articles.parquet"))
            model = Model(scorer.checkpoint.hash, {}, scorer.backend)
            totals = run(find_inputs([str(archive)]), output, Settings(), model, in_process(scorer)).totals
            assert totals.sentences == sentences, (totals, sentences)

    return lambda: rate(sentences, work)


def batches_of(sentences: list[str], checkpoint: Path, backend: Backend) -> list[tuple[np.ndarray, np.ndarray]]:
    """Padded batches as the scorer makes them of its groups of sentences."""
    tokenizer = Tokenizer.from_file(str(checkpoint / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    ids = [encoding.ids for encoding in tokenizer.encode_batch(sentences)]
    return [
        pad([ids[index] for index in indices], 0)
        for indices in token_batches([len(row) for row in ids], backend.batch_tokens)
    ]


def operations(checkpoint: Path, batches: list[tuple[np.ndarray, np.ndarray]]) -> float:
    """Floating-point operations of the matrix products of a BERT encoder, padding included, per sentence.

    Per layer and token 2 (4 h² + 2 h f) for the projections and the feed-forward part, and 4 h t for attention over t
    tokens, where h is the hidden and f the intermediate size. Embeddings, norms and heads count for nothing.
    """
    config = AutoConfig.from_pretrained(checkpoint)
    hidden, inner, layers = config.hidden_size, config.intermediate_size, config.num_hidden_layers
    total = sum(
        ids.size * layers * (2 * (4 * hidden**2 + 2 * hidden * inner) + 4 * hidden * ids.shape[1]) for ids, _ in batches
    )
    return total / sum(len(ids) for ids, _ in batches)


def matmul_rate(dtype: torch.dtype, seconds: float) -> float:
    """Operations per second of the fastest of some matrix products: square ones, and those of the encoder's shape."""
    best = 0.0
    for rows, inner, columns in ((2048, 2048, 2048), (4096, 384, 1536), (4096, 1536, 384), (1024, 384, 1536)):
        pair = torch.randn(rows, inner).to(dtype), torch.randn(inner, columns).to(dtype)
        factors: list[tuple[Any, Any]] = [pair]
        if dtype is torch.float32:
            factors.append((pair[0].numpy(), pair[1].numpy()))
        for left, right in factors:
            times: list[float] = []
            began = time.perf_counter()
            while time.perf_counter() - began < seconds or len(times) < 2:
                start = time.perf_counter()
                _ = left @ right
                times.append(time.perf_counter() - start)
            best = max(best, 2 * rows * inner * columns / statistics.median(times))
    return best


def agreement(exact: Scorer, other: Scorer, sentences: list[str]) -> dict[str, float]:
    """Largest difference of a score, and flags that differ, per thousand."""
    pairs = list(zip(exact(sentences), other(sentences), strict=True))
    changed = sum(one.flags[axis] != two.flags[axis] for one, two in pairs for axis in one.flags)
    return {
        "sentences": len(sentences),
        "largest_score_difference": max(
            abs(one.scores[axis] - two.scores[axis]) for one, two in pairs for axis in one.scores
        ),
        "flags_changed_per_1000": 1000 * changed / (len(pairs) * len(exact.thresholds)),
    }


def machine() -> dict[str, object]:
    """What the figures hang on."""
    cpuinfo = Path("/proc/cpuinfo")
    models = [line.split(":")[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
    flags = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "simd": sorted(name for name, there in flags.items() if there is True),
        "native_bf16": has_bf16(torch.device("cpu")),
        "load_before": os.getloadavg()[0],
        "platform": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("reportedly", "torch", "transformers", "tokenizers", "numpy")},
        "openvino": version("openvino") if find_spec("openvino") else None,
    }


def benchmark(arguments: argparse.Namespace, console: Console) -> dict[str, object]:
    """Run everything once a round, and return medians, ratios and where they come from."""
    checkpoint = open_checkpoint(arguments.checkpoint)
    texts = [article["text"] for article in articles(arguments.articles)]
    sentences = [text[start:end] for text in texts for start, end in split_sentences(text)]
    described = machine()
    backends = {
        name: load_backend(checkpoint, name) for name in ("torch", "openvino") if name == "torch" or find_spec(name)
    }
    few = sentences[: arguments.sentences]
    group = sentences[: 4 * arguments.sentences]
    batches = {name: batches_of(group, checkpoint.path, backend) for name, backend in backends.items()}
    with tempfile.TemporaryDirectory() as scratch:
        archive = Path(scratch, "articles.jsonl")
        write_jsonl(archive, articles(arguments.articles))
        contenders = {
            PIPELINE: todays_pipeline(checkpoint.path, few),
            ROBERTA: roberta_pipeline(checkpoint.path, few[: max(32, len(few) // 4)]),
        }
        for name, backend in backends.items():
            scorer = Scorer(checkpoint, backend)
            scorer(few[:64])
            contenders[f"network alone, {name}"] = bare_network(backend, batches[name])
            contenders[f"reportedly, {name}"] = end_to_end(scorer, archive, len(sentences))
        measured: dict[str, list[float]] = {name: [] for name in contenders}
        ceilings: dict[str, list[float]] = {"fp32": []}
        if described["native_bf16"]:
            ceilings["bf16"] = []
        for number in range(arguments.rounds):
            for kind, values in ceilings.items():
                values.append(matmul_rate(torch.bfloat16 if kind == "bf16" else torch.float32, arguments.seconds))
            for name, measurement in contenders.items():
                measured[name].append(measurement())
                console.print(f"round {number + 1}: {name}: {measured[name][-1]:,.1f} sentences/s")
    rates = {name: statistics.median(values) for name, values in measured.items()}
    ceiling = {kind: statistics.median(values) / 1e9 for kind, values in ceilings.items()}
    engines = {}
    exact = Scorer.from_pretrained(checkpoint.path)
    for name, backend in backends.items():
        counted = operations(checkpoint.path, batches[name])
        network, whole = rates[f"network alone, {name}"], rates[f"reportedly, {name}"]
        kind = backend.name.split()[-1]
        engines[name] = {
            "backend": backend.name,
            "times_pipeline": whole / rates[PIPELINE],
            "times_roberta_pipeline": whole / rates[ROBERTA],
            "share_of_network_alone": whole / network,
            "gflop_per_sentence": counted / 1e9,
            "network_gflop_per_second": network * counted / 1e9,
            "share_of_matmul_rate": network * counted / 1e9 / ceiling[kind] if kind in ceiling else None,
            "agreement_with_exact": agreement(exact, Scorer(checkpoint, backend), few),
        }
    return {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": described,
        "checkpoint": checkpoint.hash,
        "archive": {
            "articles": len(texts),
            "sentences": len(sentences),
            "distinct_sentences": len(set(sentences)),
            "words_per_sentence": statistics.mean(len(sentence.split()) for sentence in sentences),
        },
        "rounds": measured,
        "sentences_per_second": rates,
        "matmul_gflop_per_second": ceiling,
        "engines": engines,
    }


def show(results: dict, console: Console) -> None:
    """Print the table."""
    described, archive = results["machine"], results["archive"]
    bf16 = "native" if described["native_bf16"] else "not native"
    rounds = len(next(iter(results["rounds"].values())))
    console.print(
        f"{described['cpu']}, {described['cores']} cores, bf16 {bf16}, load {described['load_before']:.1f} before; "
        f"{archive['articles']:,} articles, {archive['sentences']:,} sentences of "
        f"{archive['words_per_sentence']:.1f} words; median of {rounds} rounds"
    )
    table = Table("", "sentences/s", "x pipeline", "x RoBERTa", "of network", "of matmul", box=None)
    rates = results["sentences_per_second"]
    for name, value in rates.items():
        engine = results["engines"].get(name.rpartition(", ")[2], {})
        network = name.startswith("network alone")
        matmul = engine["share_of_matmul_rate"] if network else None
        table.add_row(
            f"{name.rpartition(', ')[0]}, {engine['backend']}" if engine else name,
            f"{value:,.1f}",
            f"{value / rates[PIPELINE]:.2f}",
            f"{value / rates[ROBERTA]:.1f}",
            f"{engine['share_of_network_alone']:.0%}" if engine and not network else "",
            f"{matmul:.0%}" if matmul is not None else "",
        )
    console.print(table)
    for kind, value in results["matmul_gflop_per_second"].items():
        console.print(f"matrix products, {kind}: {value:,.0f} GFLOP/s")
    for engine in results["engines"].values():
        agreed = engine["agreement_with_exact"]
        console.print(
            f"{engine['backend']} against exact: largest score difference {agreed['largest_score_difference']:.1e}, "
            f"{agreed['flags_changed_per_1000']:.1f} flags in 1,000 changed"
        )


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=300, help="articles of the archive, about 20 sentences each")
    parser.add_argument("--sentences", type=int, default=512, help="sentences for the pipelines, which are slow")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each shape of the matrix products")
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint folder; by default the shipped one")
    parser.add_argument("--output", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    if torch.cuda.is_available():
        parser.error("the ceiling and the other columns are of the processor; hide the GPU with CUDA_VISIBLE_DEVICES=")
    console = Console(width=120, highlight=False)
    warnings.filterwarnings("ignore", module="transformers")
    results = benchmark(arguments, console)
    show(results, console)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
