"""Calibration of the sentence logits and the choice of thresholds, on a dev split."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def platt(logits: Floats, present: Flags) -> tuple[float, float]:
    """Fit ``p = sigmoid(scale * logit + shift)`` by maximum likelihood (Platt 1999), with his smoothed targets.

    Parameters
    ----------
    logits, present
        One axis over a dev split, shape (sentences,).

    Returns
    -------
    scale, shift
        ``scale`` is positive: calibration never turns the order of the scores. Where they run against the labels it
        is next to 0, and all of them come out next to alike.
    """
    positives, negatives = present.sum(), (~present).sum()
    target = np.where(present, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(parameters: Floats) -> float:
        calibrated = np.exp(parameters[0]) * logits + parameters[1]
        return float(np.mean(np.logaddexp(0, calibrated) - target * calibrated))

    fitted = minimize(loss, x0=np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-10})
    return float(np.exp(fitted.x[0])), float(fitted.x[1])


def best_threshold(scores: Floats, present: Flags | Floats, macro: bool = False) -> tuple[float, float]:
    """The threshold with the highest F1, and that F1; with ``macro``, the mean of the F1 of presence and of absence.

    ``present`` may be probabilities; the F1 is then the one that they lead to expect (Lewis 1995), and the scores
    themselves, calibrated, give a threshold that does not follow the accidents of a small split as the truth does.

    The threshold lies half-way between the two neighbouring scores, so that it does not hang on one sentence's last
    digit. A split without a positive has no best threshold: 0.5, with an F1 of 0.
    """
    if not present.any():
        return 0.5, 0.0
    order = np.argsort(-scores, kind="stable")
    ranked, truth = scores[order], np.asarray(present[order], dtype=np.float64)
    flagged = np.arange(1, len(scores) + 1)
    f1 = 2 * np.cumsum(truth) / (flagged + truth.sum())
    if macro:
        absent = (1 - truth).sum()
        left = absent - np.cumsum(1 - truth)
        f1 = (f1 + 2 * left / np.maximum(len(scores) - flagged + absent, 1e-12)) / 2
    f1[:-1][ranked[:-1] == ranked[1:]] = 0.0  # a threshold cannot part equal scores
    best = int(f1.argmax())
    below = ranked[best + 1] if best + 1 < len(ranked) else 0.0
    return float((ranked[best] + below) / 2), float(f1[best])
