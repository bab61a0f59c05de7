"""What the trainer measures on a labelled split, on the way and at the end."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.metrics import average_precision_score, f1_score

from ..model.axes import AXES
from ..model.network import Network
from .calibration import best_threshold, platt
from .mixture import Encoded, batches, collate

_BATCH = 64
_LEAST_SCALE = 1e-3
"""Of a calibration below it nothing is left of the scores but their rate."""


Calibration = dict[str, tuple[float, float]]
"""Scale and shift of the logit per label (see :func:`.calibration.platt`)."""
Thresholds = dict[str, float]


@dataclass(frozen=True, slots=True)
class Outputs:
    """A network's logits on a split, beside the truth."""

    labels: Sequence[str]
    """Names of the columns: the axes, or what else the network was trained to tell."""
    logits: NDArray[np.float64]
    """Shape (sentences, labels)."""
    present: NDArray[np.bool_]
    """Shape (sentences, labels)."""
    token_logits: list[NDArray[np.float64]]
    """Per sentence, shape (tokens, labels)."""
    evidence: list[NDArray[np.float32]]
    """Per sentence, shape (tokens, labels), -1 where nothing is known."""

    def of(self, chosen: NDArray[np.bool_]) -> "Outputs":
        """Those of some sentences, by a mask over all."""
        rows = np.flatnonzero(chosen)
        return Outputs(
            labels=self.labels,
            logits=self.logits[rows],
            present=self.present[rows],
            token_logits=[self.token_logits[row] for row in rows],
            evidence=[self.evidence[row] for row in rows],
        )


@torch.inference_mode()
def run(network: Network, encoded: Sequence[Encoded], padding: int, labels: Sequence[str] = AXES) -> Outputs:
    """Run the network over a split, on the device where it is; in fp32, unless the caller casts."""
    network.eval()
    device = next(network.parameters()).device
    logits = np.zeros((len(encoded), len(labels)))
    token_logits: list[NDArray[np.float64]] = [np.empty(0)] * len(encoded)
    for indices in batches(encoded, _BATCH, shuffle=None):
        batch = collate([encoded[index] for index in indices], padding).to(device)
        sentence, tokens = network(batch.input_ids, batch.attention_mask)
        logits[indices] = sentence.double().cpu().numpy()
        for row, index in enumerate(indices):
            token_logits[index] = tokens[row, : len(encoded[index].input_ids)].double().cpu().numpy()
    return Outputs(
        labels=labels,
        logits=logits,
        present=np.stack([row.present for row in encoded]) > 0,
        token_logits=token_logits,
        evidence=[row.evidence for row in encoded],
    )


def by_label(outputs: Outputs) -> dict[str, dict[str, float]]:
    """Average precision and the F1 of the best threshold per label: how well a split is ranked."""
    return {
        label: {
            "average_precision": float(average_precision_score(outputs.present[:, column], outputs.logits[:, column])),
            "best_f1": best_threshold(outputs.logits[:, column], outputs.present[:, column])[1],
        }
        for column, label in enumerate(outputs.labels)
    }


def fit_calibration(outputs: Outputs) -> Calibration:
    """Platt scaling of every label on a split; warns of a label whose scores run against its truth."""
    calibration = {
        label: platt(outputs.logits[:, column], outputs.present[:, column])
        for column, label in enumerate(outputs.labels)
    }
    for label, (scale, _) in calibration.items():
        if scale < _LEAST_SCALE:
            warnings.warn(
                f"{label}: the scores run against the labels of the dev split, so that calibration (scale {scale:.1g}) "
                "makes them all alike; train longer, or look at the labels",
                stacklevel=2,
            )
    return calibration


def choose_thresholds(outputs: Outputs, calibration: Calibration, macro: bool = False) -> Thresholds:
    """Per label the threshold of the best F1 that the calibrated scores lead to expect, as sentences are few.

    ``macro`` is for the best macro F1 instead (see :func:`.calibration.best_threshold`).
    """
    scores = {label: calibrated(outputs, label, calibration) for label in outputs.labels}
    return {label: best_threshold(found, found, macro)[0] for label, found in scores.items()}


def choose_span_thresholds(outputs: Outputs, calibration: Calibration, thresholds: Thresholds) -> Thresholds:
    """Per label the threshold of the best counted F1 of the tokens in sentences that ``thresholds`` flag."""
    flags = {label: calibrated(outputs, label, calibration) >= thresholds[label] for label in outputs.labels}
    return {label: best_threshold(*gated_tokens(outputs, label, flagged))[0] for label, flagged in flags.items()}


def at_thresholds(
    outputs: Outputs, calibration: Calibration, thresholds: Thresholds, span_thresholds: Thresholds
) -> dict[str, dict[str, float]]:
    """F1, average precision, calibration error and token F1 of spans on a split, with settings chosen elsewhere.

    ``macro_f1`` is the mean of the F1 of presence and of absence. Token F1 is left out where no token is evidence.
    """
    report: dict[str, dict[str, float]] = {}
    for column, label in enumerate(outputs.labels):
        present = outputs.present[:, column]
        scores = calibrated(outputs, label, calibration)
        flagged = scores >= thresholds[label]
        tokens, evidence = gated_tokens(outputs, label, flagged)
        report[label] = {
            "f1": float(f1_score(present, flagged)),
            "macro_f1": float(f1_score(present, flagged, average="macro")),
            "average_precision": float(average_precision_score(present, scores)),
            "calibration_error": calibration_error(scores, present),
        }
        if evidence.any():
            report[label]["token_f1"] = float(f1_score(evidence, tokens >= span_thresholds[label]))
    return report


def calibrated(outputs: Outputs, label: str, calibration: Calibration) -> NDArray[np.float64]:
    """Calibrated probabilities of one label, shape (sentences,)."""
    scale, shift = calibration[label]
    return expit(scale * outputs.logits[:, outputs.labels.index(label)] + shift)


def gated_tokens(
    outputs: Outputs, label: str, flagged: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Token probabilities, 0 in sentences without a flag as in scoring, and the truth, all sentences in a row."""
    column = outputs.labels.index(label)
    known = [rows[:, column] >= 0 for rows in outputs.evidence]
    scores = [
        expit(logits[mask, column]) * flag
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
