"""PyTorch: exact fp32 on a CPU, fp32 on a GPU where there is one."""

import numpy as np
import torch
from numpy.typing import NDArray

from ..loading import Checkpoint
from ..network import Network


class TorchBackend:
    """Runs the network in fp32 with PyTorch, on the GPU where there is one."""

    def __init__(self, network: Network, device: torch.device) -> None:
        self.network = network.to(device).eval()
        self.device = device
        self.name = f"torch {device.type} fp32"

    @classmethod
    def from_checkpoint(cls, checkpoint: Checkpoint) -> "TorchBackend":
        """Load the network onto the GPU where there is one, else onto the CPU."""
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        return cls(Network.from_checkpoint(checkpoint.path), device)

    @torch.inference_mode()
    def __call__(
        self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See :class:`Backend`."""
        logits, token_logits = self.network(
            torch.from_numpy(input_ids).to(self.device), torch.from_numpy(attention_mask).to(self.device)
        )
        return logits.cpu().numpy(), token_logits.cpu().numpy()
