"""Losses that count only what a corpus says."""

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from .mixture import Batch


def masked_bce(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean binary cross-entropy over the known targets, those not below 0; both of the same shape."""
    known = targets >= 0
    losses = binary_cross_entropy_with_logits(logits.float(), targets.clamp(min=0), reduction="none")
    return (losses * known).sum() / known.sum().clamp(min=1)


def total_loss(
    batch: Batch,
    logits: Tensor,
    token_logits: Tensor,
    hidden: Tensor,
    heads: nn.ModuleDict,
    token_loss_weight: float,
) -> Tensor:
    """Sentence loss, token loss, and the loss of the temporary heads on the first token of the rows that name one."""
    loss = masked_bce(logits, batch.present)
    loss = loss + token_loss_weight * masked_bce(token_logits, batch.evidence)
    for task, head in heads.items():
        rows = torch.tensor([index for index, name in enumerate(batch.tasks) if name == task], device=logits.device)
        if len(rows):
            loss = loss + masked_bce(head(hidden[rows, 0]).squeeze(-1), batch.targets[rows])
    return loss
