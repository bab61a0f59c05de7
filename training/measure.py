"""What the trainer measures on a labelled split, on the way and at the end."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score

from ..model.axes import AXES, Axis
from ..model.network import Network
from .calibration import best_threshold
from .mixture import Encoded, batches, collate

_BATCH = 64


@dataclass(frozen=True, slots=True)
class Outputs:
    """A network's logits on a split, beside the truth."""

    logits: NDArray[np.float64]
    """Shape (sentences, 4)."""
    present: NDArray[np.bool_]
    """Shape (sentences, 4)."""
    token_logits: list[NDArray[np.float64]]
    """Per sentence, shape (tokens, 4)."""
    evidence: list[NDArray[np.float32]]
    """Per sentence, shape (tokens, 4), -1 where nothing is known."""


@torch.inference_mode()
def run(network: Network, encoded: Sequence[Encoded], padding: int) -> Outputs:
    """Run the network in fp32 over a split, on the device where it is."""
    network.eval()
    device = next(network.parameters()).device
    logits = np.zeros((len(encoded), len(AXES)))
    token_logits: list[NDArray[np.float64]] = [np.empty(0)] * len(encoded)
    for indices in batches(encoded, _BATCH, shuffle=None):
        batch = collate([encoded[index] for index in indices], padding).to(device)
        sentence, tokens = network(batch.input_ids, batch.attention_mask)
        logits[indices] = sentence.double().cpu().numpy()
        for row, index in enumerate(indices):
            token_logits[index] = tokens[row, : len(encoded[index].input_ids)].double().cpu().numpy()
    return Outputs(
        logits=logits,
        present=np.stack([row.present for row in encoded]) > 0,
        token_logits=token_logits,
        evidence=[row.evidence for row in encoded],
    )


def by_axis(outputs: Outputs) -> dict[Axis, dict[str, float]]:
    """Average precision and the F1 of the best threshold per axis: how well a split is ranked."""
    return {
        axis: {
            "average_precision": float(average_precision_score(outputs.present[:, column], outputs.logits[:, column])),
            "best_f1": best_threshold(outputs.logits[:, column], outputs.present[:, column])[1],
        }
        for column, axis in enumerate(AXES)
    }


def at_thresholds(
    outputs: Outputs,
    calibration: dict[Axis, tuple[float, float]],
    thresholds: dict[Axis, float],
    span_thresholds: dict[Axis, float],
) -> dict[Axis, dict[str, float]]:
    """F1, average precision, calibration error and token F1 of spans on a split, with settings chosen elsewhere."""
    report: dict[Axis, dict[str, float]] = {}
    for column, axis in enumerate(AXES):
        present = outputs.present[:, column]
        scores = calibrated(outputs, axis, calibration)
        flagged = scores >= thresholds[axis]
        tokens, evidence = gated_tokens(outputs, axis, flagged)
        report[axis] = {
            "f1": float(f1_score(present, flagged)),
            "average_precision": float(average_precision_score(present, scores)),
            "calibration_error": calibration_error(scores, present),
            "token_f1": float(f1_score(evidence, tokens >= span_thresholds[axis])),
        }
    return report


def calibrated(outputs: Outputs, axis: Axis, calibration: dict[Axis, tuple[float, float]]) -> NDArray[np.float64]:
    """Calibrated probabilities of one axis, shape (sentences,)."""
    scale, shift = calibration[axis]
    return _sigmoid(scale * outputs.logits[:, AXES.index(axis)] + shift)


def gated_tokens(
    outputs: Outputs, axis: Axis, flagged: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Token probabilities, 0 in sentences without a flag as in scoring, and the truth, all sentences in a row."""
    column = AXES.index(axis)
    known = [rows[:, column] >= 0 for rows in outputs.evidence]
    scores = [
        _sigmoid(logits[mask, column]) * flag
        for logits, mask, flag in zip(outputs.token_logits, known, flagged, strict=True)
    ]
    truth = [rows[mask, column] > 0 for rows, mask in zip(outputs.evidence, known, strict=True)]
    return np.concatenate(scores), np.concatenate(truth)


def calibration_error(scores: NDArray[np.float64], present: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error over ``bins`` equal-width bins (Naeini et al. 2015)."""
    bin_of = np.minimum((scores * bins).astype(int), bins - 1)
    gaps = [
        abs(scores[bin_of == index].mean() - present[bin_of == index].mean()) * np.mean(bin_of == index)
        for index in range(bins)
        if np.any(bin_of == index)
    ]
    return float(sum(gaps))


def _sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-logits))
