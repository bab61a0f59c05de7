"""Examples as tensors: targets masked by what each corpus says, in batches of like length."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from ..model.axes import AXES
from ..model.batching import pad
from .example import Example

UNKNOWN = -1.0
_BATCHES_PER_BUCKET = 20


@dataclass(frozen=True, slots=True)
class Encoded:
    """One example as the network sees it. Targets that the corpus does not give are ``UNKNOWN``."""

    input_ids: list[int]
    present: NDArray[np.float32]
    """Shape (labels,): whether each axis, or whatever else the network tells, is present."""
    evidence: NDArray[np.float32]
    """Shape (tokens, labels): whether each token is evidence."""
    task: str | None
    target: float


@dataclass(frozen=True, slots=True)
class Batch:
    """A padded batch; shapes as in :class:`Encoded` with the batch in front."""

    input_ids: Tensor
    attention_mask: Tensor
    present: Tensor
    evidence: Tensor
    tasks: list[str | None]
    targets: Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same batch on another device."""
        return Batch(
            input_ids=self.input_ids.to(device),
            attention_mask=self.attention_mask.to(device),
            present=self.present.to(device),
            evidence=self.evidence.to(device),
            tasks=self.tasks,
            targets=self.targets.to(device),
        )


def encode(
    examples: Sequence[Example],
    tokenizer: PreTrainedTokenizerBase,
    max_tokens: int,
    labels: Sequence[str] = AXES,
) -> list[Encoded]:
    """Tokenise examples and lay their labels, in the order of the network's, over the tokens."""
    if not examples:  # a tokenizer takes no empty list
        return []
    encodings = tokenizer(
        [example.text for example in examples],
        truncation=True,
        max_length=max_tokens,
        return_offsets_mapping=True,
        return_attention_mask=False,
        return_token_type_ids=False,
    )
    return [
        Encoded(
            input_ids=input_ids,
            present=np.array([_present(example, label) for label in labels], dtype=np.float32),
            evidence=_token_evidence(example, offsets, labels),
            task=example.task,
            target=example.target,
        )
        for example, input_ids, offsets in zip(
            examples, encodings["input_ids"], encodings["offset_mapping"], strict=True
        )
    ]


def batches(encoded: Sequence[Encoded], batch_size: int, shuffle: random.Random | None) -> Iterator[list[int]]:
    """Indices of batches of like length: sorted throughout, or shuffled and sorted within large buckets."""
    order = list(range(len(encoded)))
    if shuffle is None:
        order.sort(key=lambda index: len(encoded[index].input_ids))
        yield from (order[at : at + batch_size] for at in range(0, len(order), batch_size))
        return
    shuffle.shuffle(order)
    bucket = batch_size * _BATCHES_PER_BUCKET
    groups: list[list[int]] = []
    for first in range(0, len(order), bucket):
        chunk = sorted(order[first : first + bucket], key=lambda index: len(encoded[index].input_ids))
        groups.extend(chunk[at : at + batch_size] for at in range(0, len(chunk), batch_size))
    shuffle.shuffle(groups)
    yield from groups


def collate(rows: Sequence[Encoded], padding: int) -> Batch:
    """Pad rows to the longest one; padding and special tokens are ``UNKNOWN`` evidence."""
    input_ids, attention_mask = pad([row.input_ids for row in rows], padding)
    evidence = np.full((*input_ids.shape, rows[0].evidence.shape[1]), UNKNOWN, dtype=np.float32)
    for index, row in enumerate(rows):
        evidence[index, : len(row.input_ids)] = row.evidence
    return Batch(
        input_ids=torch.from_numpy(input_ids),
        attention_mask=torch.from_numpy(attention_mask),
        present=torch.from_numpy(np.stack([row.present for row in rows])),
        evidence=torch.from_numpy(evidence),
        tasks=[row.task for row in rows],
        targets=torch.tensor([row.target for row in rows]),
    )


def _present(example: Example, label: str) -> float:
    grade = example.grades.get(label)
    return UNKNOWN if grade is None else float(grade > 0)


def _token_evidence(example: Example, offsets: Sequence[tuple[int, int]], labels: Sequence[str]) -> NDArray[np.float32]:
    evidence = np.full((len(offsets), len(labels)), UNKNOWN, dtype=np.float32)
    words = [token for token, (start, end) in enumerate(offsets) if end > start]
    for label, spans in example.evidence.items():
        column = labels.index(label)
        evidence[words, column] = 0.0
        for start, end in spans:
            covered = [token for token in words if offsets[token][0] < end and offsets[token][1] > start]
            evidence[covered, column] = 1.0
    return evidence
