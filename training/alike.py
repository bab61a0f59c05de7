"""Names that the network cannot tell apart: countries, peoples, cities, faiths … of a group have one embedding.

An exchange of one for another, with nothing else changed, then changes no score, by construction and not by training
(Garg et al. 2019 call it blindness). Names of several tokens are told apart, as are forms that a cased vocabulary has
beside the one in ``alike.yaml``; and a network that is trained further learns to tell them apart again.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
import yaml
from transformers import PreTrainedTokenizerBase

from ..model.network import Network

GROUPS = Path(__file__).with_name("alike.yaml")


def alike_tokens(tokenizer: PreTrainedTokenizerBase) -> list[list[int]]:
    """Token ids of each group in ``alike.yaml``, of words that are one token, at the start of a text or within it."""
    groups = yaml.safe_load(GROUPS.read_text(encoding="utf-8"))
    found = (
        tokenizer([*words, *(f" {word}" for word in words)], add_special_tokens=False).input_ids for words in groups
    )
    return [sorted({ids[0] for ids in group if len(ids) == 1} - {tokenizer.unk_token_id}) for group in found]


@torch.no_grad()
def make_alike(network: Network, groups: Sequence[Sequence[int]]) -> None:
    """Give the tokens of each group the mean of their embeddings, once a network is trained."""
    embeddings = network.classifier.get_input_embeddings().weight
    for group in groups:
        tokens = torch.tensor(group, device=embeddings.device)
        embeddings[tokens] = embeddings[tokens].mean(dim=0)
