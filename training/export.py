"""Write a trained network as a checkpoint folder that loads anywhere."""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn
from transformers import PreTrainedTokenizerBase

from ..model.axes import AXES
from ..model.loading import write_checksums
from ..model.network import Network


def fold_calibration(network: Network, calibration: Mapping[str, tuple[float, float]]) -> None:
    """Fold a scale and a shift per logit into the last linear layer, in place.

    ``scale * (W x + b) + shift = (scale W) x + (scale b + shift)``: every way of loading the checkpoint then gives
    calibrated probabilities.
    """
    head = [module for module in network.classifier.modules() if isinstance(module, nn.Linear)][-1]
    scale = torch.tensor([calibration[axis][0] for axis in AXES])
    shift = torch.tensor([calibration[axis][1] for axis in AXES])
    with torch.no_grad():
        head.weight.mul_(scale[:, None])
        head.bias.mul_(scale).add_(shift)


def export(
    network: Network,
    tokenizer: PreTrainedTokenizerBase,
    folder: Path,
    *,
    thresholds: Mapping[str, float],
    span_thresholds: Mapping[str, float],
    chosen_on: str,
    calibrated_on: str,
    window: int,
) -> None:
    """Write the checkpoint: fp16 weights, a config that loads them as fp32, the span head, the tokenizer, checksums.

    Parameters
    ----------
    chosen_on
        Split on which the thresholds of the sentences were chosen, as in ``news3/dev``.
    calibrated_on
        Splits that chose all else: epoch, calibration, thresholds of spans; with commas between.
    window
        Tokens that scoring reads at once.
    """
    config = network.classifier.config
    config.problem_type = "multi_label_classification"
    config.id2label = {index: axis.value for index, axis in enumerate(AXES)}
    config.label2id = {axis.value: index for index, axis in enumerate(AXES)}
    config.thresholds = {axis.value: round(thresholds[axis], 4) for axis in AXES}
    config.span_thresholds = {axis.value: round(span_thresholds[axis], 4) for axis in AXES}
    config.thresholds_chosen_on = chosen_on
    config.calibrated_on = calibrated_on
    config.window = window
    network.half()
    network.classifier.save_pretrained(folder)
    network.save_span_head(folder)
    network.float()
    # the weights are stored in half the bytes and computed with in full precision
    config.dtype = torch.float32
    config.save_pretrained(folder)
    tokenizer.model_max_length = window
    tokenizer.save_pretrained(folder)
    _name_tokenizer_for_all_versions(folder / "tokenizer_config.json")
    write_checksums(folder)


def _name_tokenizer_for_all_versions(file: Path) -> None:
    """Give the generic tokenizer the name that transformers 4 knows too."""
    settings = json.loads(file.read_text(encoding="utf-8"))
    settings["tokenizer_class"] = "PreTrainedTokenizerFast"
    file.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
