"""Losses that count only what a corpus says."""

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from .mixture import Batch


def masked_bce(logits: Tensor, targets: Tensor, row_weights: Tensor) -> Tensor:
    """Mean binary cross-entropy over the known targets (those not below 0), each weighted by its row.

    Parameters
    ----------
    logits, targets
        Same shape, rows first.
    row_weights
        Shape (rows,).
    """
    weights = (targets >= 0) * row_weights.view(-1, *[1] * (targets.dim() - 1))
    losses = binary_cross_entropy_with_logits(logits.float(), targets.clamp(min=0), reduction="none")
    return (losses * weights).sum() / weights.sum().clamp(min=1.0)


def total_loss(
    batch: Batch,
    logits: Tensor,
    token_logits: Tensor,
    hidden: Tensor,
    heads: nn.ModuleDict,
    token_loss_weight: float,
) -> Tensor:
    """Sentence loss, token loss, and the loss of the temporary heads on the first token of the rows that name one."""
    loss = masked_bce(logits, batch.present, batch.loss_weights)
    loss = loss + token_loss_weight * masked_bce(token_logits, batch.evidence, batch.loss_weights)
    for task, head in heads.items():
        rows = torch.tensor([index for index, name in enumerate(batch.tasks) if name == task], device=logits.device)
        if len(rows):
            loss = loss + masked_bce(head(hidden[rows, 0]).squeeze(-1), batch.targets[rows], batch.loss_weights[rows])
    return loss
