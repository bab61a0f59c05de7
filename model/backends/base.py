"""What the scorer asks of an engine."""

from concurrent.futures import Executor
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Logits: TypeAlias = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Logits of shape (batch, 4) and token logits of shape (batch, tokens, 4)."""


class Backend(Protocol):
    """An engine with the weights loaded. It can be called from several threads at once."""

    name: str
    """Engine, device and number format, as in ``torch cpu fp32``."""
    batch_tokens: int
    """Tokens of a batch, padding included, at which the device is fastest."""

    def __call__(self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> Logits:
        """Run a padded batch; both inputs have the shape (batch, tokens)."""
        ...

    def threads(self) -> AbstractContextManager[Executor]:
        """As many threads as calls at once keep the device busy. What has not begun at the end is dropped."""
        ...
