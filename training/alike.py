"""Names that the network cannot tell apart: those of countries, peoples, faiths and parties have one embedding a group.

An exchange of one for another then changes no score, by construction and not by training (Garg et al. 2019 call it
blindness). It holds where both are one token of the encoder's vocabulary.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
import yaml
from transformers import PreTrainedTokenizerBase

from ..model.network import Network

GROUPS = Path(__file__).with_name("alike.yaml")


def alike_tokens(tokenizer: PreTrainedTokenizerBase) -> list[list[int]]:
    """Token ids of each group in ``alike.yaml``, of the words that are one token."""
    groups = yaml.safe_load(GROUPS.read_text(encoding="utf-8"))
    return [
        sorted({ids[0] for ids in tokenizer(words, add_special_tokens=False).input_ids if len(ids) == 1})
        for words in groups
    ]


@torch.no_grad()
def make_alike(network: Network, groups: Sequence[Sequence[int]]) -> None:
    """Give the tokens of each group the mean of their embeddings.

    After a step of training this is the projection onto the networks that do not tell them apart.
    """
    embeddings = network.classifier.get_input_embeddings().weight
    for group in groups:
        tokens = torch.tensor(group, device=embeddings.device)
        embeddings[tokens] = embeddings[tokens].mean(dim=0)
