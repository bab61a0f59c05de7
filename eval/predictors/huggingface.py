"""Any Hugging Face text classifier, with a map from its labels to our axes."""

from collections.abc import Mapping

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


def parse_label_map(text: str) -> dict[str, Axis]:
    """Read ``LABEL=axis`` pairs that are parted by commas.

    >>> parse_label_map("LABEL_1=emotive")
    {'LABEL_1': <Axis.EMOTIVE: 'emotive'>}
    """
    labels: dict[str, Axis] = {}
    for pair in text.split(","):
        label, equals, axis = (part.strip() for part in pair.rpartition("="))
        if not equals or axis not in AXES:
            raise LabelMapError(f"{pair!r}: expected LABEL=axis, the axis one of {', '.join(AXES)}")
        labels[label] = Axis(axis)
    return labels


def predict(model: str, labels: Mapping[str, Axis], corpus: Corpus) -> Predictions:
    """Score each sentence alone, as such models are used. The probabilities of labels that share an axis add up.

    Multi-label models give sigmoid probabilities, others softmax, as ``pipeline("text-classification")`` does.
    Weights are safetensors only and no code of the model is run.
    """
    tokenizer = AutoTokenizer.from_pretrained(model)
    device = compute_device()
    network = AutoModelForSequenceClassification.from_pretrained(model, use_safetensors=True, dtype=torch.float32)
    network.to(device).eval()
    known = {name: int(index) for index, name in network.config.id2label.items()}
    if unknown := set(labels) - set(known):
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
            multi_label = network.config.problem_type == "multi_label_classification" or len(known) == 1
            probabilities[batch] = (logits.sigmoid() if multi_label else logits.softmax(dim=-1)).numpy()
    axes = [axis for axis in AXES if axis in labels.values()]
    columns = {axis: [known[name] for name, target in labels.items() if target is axis] for axis in axes}
    scores = {axis: np.minimum(probabilities[:, columns[axis]].sum(axis=1), 1.0) for axis in axes}
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
