"""Soft targets: what a larger network, the teacher, says of the training texts (Hinton et al. 2015, section 2).

Kept by reference, in ``training/soft``: one archive a corpus, of ids and probabilities and no text. The teacher has to
split texts into the same tokens as the network that learns from it.

    python -m reportedly.training.soft TEACHER CONFIG    # makes them anew; CONFIG is configs/train/open.yaml, say
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit

from ..model.network import Network
from ..model.precision import has_bf16
from .config import load_config
from .corpora import CORPORA, CorpusError
from .example import Example
from .measure import run
from .mixture import Encoded, encode
from .tokenizer import load_tokenizer

FOLDER = Path(__file__).parent / "soft"
COMMAND = "python -m reportedly.training.soft TEACHER CONFIG"
"""Makes them anew: a checkpoint folder, and a training configuration."""
UNSEEN_FOLD = 0
"""Of news3 train: the teacher was trained without it."""


@dataclass(frozen=True, slots=True)
class SoftLabels:
    """A teacher's probabilities on one text, kept to 1/255."""

    present: NDArray[np.uint8]
    """Shape (labels,)."""
    evidence: NDArray[np.uint8]
    """Shape (tokens, labels), without the special tokens at both ends."""


def soft_labels(teacher: Network, encoded: Sequence[Encoded], padding: int) -> list[SoftLabels]:
    """Run the teacher over texts, in bf16 where that is native."""
    device = next(teacher.parameters()).device
    with torch.autocast(device.type, torch.bfloat16, enabled=has_bf16(device)):
        outputs = run(teacher, encoded, padding)
    return [
        SoftLabels(_to_bytes(logits), _to_bytes(token_logits[1:-1]))
        for logits, token_logits in zip(outputs.logits, outputs.token_logits, strict=True)
    ]


def soften(
    examples: Sequence[Example], encoded: Sequence[Encoded], soft: Mapping[str, SoftLabels], share: float
) -> list[Encoded]:
    """Mix the teacher's probabilities into the targets; they alone are the target where the corpus gives none.

    Parameters
    ----------
    share
        Weight of the teacher, in [0, 1].

    Raises
    ------
    CorpusError
        For an example of which the teacher says nothing, or which it read as other tokens.
    """
    rows = []
    for example, row in zip(examples, encoded, strict=True):
        labels = soft.get(example.id)
        if labels is None or len(labels.evidence) != len(row.input_ids) - 2:
            raise CorpusError(
                f"{FOLDER}: no soft labels for {example.id} as its text is now; "
                f"make them anew ({COMMAND}), or set soft_share to 0"
            )
        evidence = row.evidence.copy()
        evidence[1:-1] = _mix(evidence[1:-1], labels.evidence, share)
        rows.append(replace(row, present=_mix(row.present, labels.present, share), evidence=evidence))
    return rows


def write_soft(file: Path, labels: Mapping[str, SoftLabels]) -> None:
    """Write the soft labels of a corpus."""
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        file,
        ids=np.array(list(labels)),
        tokens=np.array([len(label.evidence) for label in labels.values()], dtype=np.int32),
        present=np.stack([label.present for label in labels.values()]),
        evidence=np.concatenate([label.evidence for label in labels.values()]),
    )


def read_soft(file: Path) -> dict[str, SoftLabels]:
    """Read the soft labels of a corpus, by id."""
    if not file.is_file():
        raise CorpusError(f"{file}: no such file; make it ({COMMAND}), or set soft_share to 0")
    with np.load(file, allow_pickle=False) as arrays:
        ends = np.cumsum(arrays["tokens"])[:-1]
        parts = zip(arrays["ids"], arrays["present"], np.split(arrays["evidence"], ends), strict=True)
        return {str(name): SoftLabels(present, evidence) for name, present, evidence in parts}


def _mix(hard: NDArray[np.float32], soft: NDArray[np.uint8], share: float) -> NDArray[np.float32]:
    probability = soft.astype(np.float32) / 255
    return np.where(hard < 0, probability, (1 - share) * hard + share * probability).astype(np.float32)


def _to_bytes(logits: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.round(255 * expit(logits)).astype(np.uint8)


def main(checkpoint: str, config_file: str) -> None:
    """Label the train split of every corpus of a configuration."""
    config = load_config(Path(config_file))
    teacher = Network.from_checkpoint(Path(checkpoint))
    tokenizer = load_tokenizer(checkpoint)
    for corpus in filter(attrgetter("soft"), config.corpora):
        examples = CORPORA[corpus.name].read("train")
        labels = soft_labels(teacher, encode(examples, tokenizer, config.max_tokens), tokenizer.pad_token_id)
        write_soft(
            FOLDER / f"{corpus.name}.npz",
            {example.id: label for example, label in zip(examples, labels, strict=True)},
        )
        print(f"{corpus.name}: {len(examples):,} texts")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"usage: {COMMAND}")
    main(*sys.argv[1:])
