"""Engines that run the network: one call, token ids in, logits out."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Backend(Protocol):
    """An engine with the weights loaded."""

    name: str
    """Engine, device and number format, as in ``torch cpu fp32``."""

    def __call__(
        self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Logits of shape (batch, 4) and token logits of shape (batch, tokens, 4) for a padded batch."""
        ...
