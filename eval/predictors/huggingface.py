"""Any Hugging Face text classifier, with a map from its labels to our axes."""

from collections.abc import Collection

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedModel

from ...model.axes import AXES, Axis
from ...model.batching import token_batches
from ...model.precision import compute_device
from ..corpus import Corpus
from ..predictions import Prediction, Predictions

_TOKENS_PER_BATCH = 4096
_THRESHOLD = 0.5
_USUAL_POSITIONS = 512


class LabelMapError(ValueError):
    """A label map that does not fit the model. The message lists the labels there are."""


LabelMap = Collection[tuple[str, Axis]]
"""A label may stand for several axes, and an axis take several labels."""


def parse_label_map(text: str) -> LabelMap:
    """Read ``LABEL=axis`` pairs that are parted by commas.

    >>> parse_label_map("LABEL_1=emotive")
    [('LABEL_1', <Axis.EMOTIVE: 'emotive'>)]
    """
    labels: list[tuple[str, Axis]] = []
    for pair in text.split(","):
        label, equals, axis = (part.strip() for part in pair.rpartition("="))
        if not equals or axis not in AXES:
            raise LabelMapError(f"{pair!r}: expected LABEL=axis, the axis one of {', '.join(AXES)}")
        labels.append((label, Axis(axis)))
    return labels


def predict(model: str, labels: LabelMap, corpus: Corpus) -> Predictions:
    """Score each sentence alone, as such models are used.

    Multi-label models give sigmoid probabilities, others softmax, as ``pipeline("text-classification")`` does. Those of
    labels that share an axis add up where the labels exclude each other, else the largest counts. Weights are
    safetensors only and no code of the model is run.

    Raises
    ------
    LabelMapError
        Where the model has no such label, or gives no probabilities.
    """
    tokenizer = AutoTokenizer.from_pretrained(model)
    device = compute_device()
    network = AutoModelForSequenceClassification.from_pretrained(model, use_safetensors=True, dtype=torch.float32)
    if network.config.problem_type == "regression":
        raise LabelMapError(f"{model} is a regression model, whose output is no probability; name a classifier")
    if tokenizer.pad_token is None:  # as GPT-2's
        tokenizer.pad_token = tokenizer.eos_token
        network.config.pad_token_id = tokenizer.pad_token_id
    network.to(device).eval()
    multi_label = network.config.problem_type == "multi_label_classification" or network.config.num_labels == 1
    known = {name: int(index) for index, name in network.config.id2label.items()}
    if unknown := {name for name, _ in labels} - set(known):
        raise LabelMapError(f"{model} has no label {', '.join(sorted(unknown))}; it has {', '.join(known)}")
    longest = min(tokenizer.model_max_length, _positions(network))
    texts = [corpus.text(sentence) for sentence in corpus.sentences]
    encoded = tokenizer(texts, truncation=True, max_length=longest)
    cut = sum(len(ids) > longest for ids in tokenizer(texts, truncation=False, verbose=False)["input_ids"])
    probabilities = np.zeros((len(texts), len(known)))
    with torch.inference_mode():
        for batch in token_batches([len(ids) for ids in encoded["input_ids"]], _TOKENS_PER_BATCH):
            rows = [{name: encoded[name][index] for name in encoded} for index in batch]
            logits = network(**tokenizer.pad(rows, return_tensors="pt").to(device)).logits.cpu()
            probabilities[batch] = (logits.sigmoid() if multi_label else logits.softmax(dim=-1)).numpy()
    columns = {axis: sorted({known[name] for name, target in labels if target is axis}) for axis in AXES}
    axes = [axis for axis in AXES if columns[axis]]
    joined = np.max if multi_label else np.sum
    scores = {axis: np.minimum(joined(probabilities[:, columns[axis]], axis=1), 1.0) for axis in axes}
    return Predictions(
        system=model,
        hash=str(getattr(network.config, "_commit_hash", None) or "local"),
        thresholds=dict.fromkeys(axes, _THRESHOLD),
        rows=tuple(Prediction({axis: float(scores[axis][row]) for axis in axes}) for row in range(len(texts))),
        notes=(f"{cut} of {len(texts)} sentences were cut at {longest} tokens",) if cut else (),
    )


def _positions(network: PreTrainedModel) -> int:
    """The most tokens that a network has positions for. RoBERTa and its kin count them from behind the padding's."""
    tables = (module for name, module in network.named_modules() if name.endswith("position_embeddings"))
    padding = next((table.padding_idx for table in tables if getattr(table, "padding_idx", None) is not None), -1)
    known = int(getattr(network.config, "max_position_embeddings", None) or _USUAL_POSITIONS)
    return (known if known > 0 else _USUAL_POSITIONS) - (padding + 1)  # XLNet, which has no limit, says -1
