"""Whether int8 would be faster than what OpenVINO runs now, and as true: the network alone, on invented sentences.

    pip install nncf
    python benchmarks/int8.py

Weights in int8 with activations quantised as they come, in groups of so many values, and everything in int8 with ranges
from sentences of our own corpus. Writes benchmarks/results/int8.json.
"""

import json
import statistics
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import nncf
import numpy as np
import openvino
from articles import articles
from throughput import agreement, bare_network, batches_of, machine

from reportedly import Scorer
from reportedly.model.backends.openvino import OpenVinoBackend, convert
from reportedly.model.loading import Checkpoint, open_checkpoint
from reportedly.model.sentences import split_sentences
from reportedly.training.corpora import CORPORA

RESULTS = Path(__file__).parent / "results" / "int8.json"
_ARTICLES = 100
_ROUNDS = 5
_CALIBRATION_BATCH_TOKENS = 512


def contenders(checkpoint: Checkpoint) -> Iterator[tuple[str, OpenVinoBackend]]:
    """What runs now, and the quantised networks by name."""
    yield "as shipped", OpenVinoBackend(convert(checkpoint), openvino.Core())
    weights = nncf.compress_weights(convert(checkpoint), mode=nncf.CompressWeightsMode.INT8_SYM)
    for group in (32, 128, 384):
        core = openvino.Core()
        core.set_property("CPU", {"DYNAMIC_QUANTIZATION_GROUP_SIZE": str(group)})
        yield f"int8, dynamic in groups of {group}", OpenVinoBackend(weights, core)
    sentences = [example.text for example in CORPORA["invented"].read("train")[:300]]
    shape = OpenVinoBackend(convert(checkpoint), openvino.Core())
    shape.batch_tokens = _CALIBRATION_BATCH_TOKENS
    batches = nncf.Dataset([list(batch) for batch in batches_of(sentences, checkpoint.path, shape)])
    static = nncf.quantize(convert(checkpoint), batches, model_type=nncf.ModelType.TRANSFORMER)
    yield "int8, static", OpenVinoBackend(static, openvino.Core())


def main() -> None:
    """Measure in interleaved rounds, print, write."""
    checkpoint = open_checkpoint()
    texts = [article["text"] for article in articles(_ARTICLES)]
    sentences = [text[start:end] for text in texts for start, end in split_sentences(text)]
    exact = Scorer.from_pretrained()
    backends = dict(contenders(checkpoint))
    networks = {
        name: bare_network(backend, batches_of(sentences, checkpoint.path, backend))
        for name, backend in backends.items()
    }
    rounds = [{name: network() for name, network in networks.items()} for _ in range(_ROUNDS)]
    rows = {
        name: {
            "sentences_per_second": statistics.median(measured[name] for measured in rounds),
            **agreement(exact, Scorer(checkpoint, backend), sentences),
        }
        for name, backend in backends.items()
    }
    for name, row in rows.items():
        print(f"{name:28}" + "  ".join(f"{figure} {np.round(value, 4)}" for figure, value in row.items()))
    results = {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "nncf": version("nncf"),
        "checkpoint": checkpoint.hash,
        "backends": rows,
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
