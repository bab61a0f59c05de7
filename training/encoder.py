"""The encoder that a network starts from, with fresh heads on it."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification
from transformers.utils import logging

from ..model.loading import WEIGHTS, digest
from ..model.network import Network
from ..model.precision import compute_device, has_bf16
from .config import ConfigError, Recipe
from .dropout import draw_by_byte

_RUNS = "runs"
"""Where this repository keeps what it trained; no name on the hub begins so."""


def new_network(recipe: Recipe, labels: Sequence[str]) -> Network:
    """A network that tells the labels, its heads drawn by the recipe's seed."""
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    torch.manual_seed(recipe.seed)
    # PyTorch's fused attention is slow backwards in bf16 on a CPU: a third of the time of a step
    device = compute_device()
    bf16_on_cpu = device.type == "cpu" and has_bf16(device)
    classifier = AutoModelForSequenceClassification.from_pretrained(
        encoder_path(recipe.encoder),
        num_labels=len(labels),
        hidden_dropout_prob=recipe.dropout,
        # dropout inside attention keeps a CPU from its fused kernel: a fifth of the speed, and no accuracy
        attention_probs_dropout_prob=0.0,
        attn_implementation="eager" if bf16_on_cpu else None,
        dtype=torch.float32,
        ignore_mismatched_sizes=True,  # a checkpoint of ours may be the encoder: its head is for other labels
    )
    network = Network(classifier)
    if device.type == "cpu":
        draw_by_byte(network)
    return network


def encoder_path(encoder: str) -> str:
    """Where the encoder's files are: a folder, the folder ``model`` of an installed package, or else a hub id.

    Raises
    ------
    ConfigError
        Where the name leads into a folder in which there is no such one; a hub that is out of reach would be asked
        for it for minutes.
    """
    folder = Path(encoder)
    if folder.is_dir():
        return encoder
    if folder.is_absolute() or folder.parts[0] == _RUNS or (len(folder.parts) > 1 and folder.parent.is_dir()):
        raise ConfigError(f"encoder {encoder}: no such folder; train it first, or correct the name")
    module = encoder.replace("-", "_")
    spec = importlib.util.find_spec(module) if module.isidentifier() else None
    if spec is not None and spec.submodule_search_locations:
        return str(Path(spec.submodule_search_locations[0]) / "model")
    return encoder


def encoder_digest(encoder: str) -> str | None:
    """SHA-256 of the encoder's weights, in hex; None where a hub has them."""
    weights = Path(encoder_path(encoder)) / WEIGHTS
    return digest(weights) if weights.is_file() else None
