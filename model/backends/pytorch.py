"""PyTorch: exact fp32 on any device, or the fastest number format that it has."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray

from ..loading import Checkpoint
from ..network import Network
from ..precision import compute_device, has_bf16
from .base import Logits

_NAMES = {torch.float32: "fp32", torch.bfloat16: "bf16", torch.float16: "fp16"}
_BATCH_TOKENS = {"cpu": 1024, "cuda": 65_536}


class TorchBackend:
    """Runs the network with PyTorch: on a CPU one batch a core, which keeps cores busier than all on one batch."""

    def __init__(self, network: Network, device: torch.device, dtype: torch.dtype = torch.float32) -> None:
        self.network = network.to(device).eval()
        self.device = device
        self.dtype = dtype
        self.name = f"torch {device.type} {_NAMES[dtype]}"
        self._cores = torch.get_num_threads()
        self.batch_tokens = _BATCH_TOKENS.get(device.type, _BATCH_TOKENS["cpu"])

    @classmethod
    def from_checkpoint(cls, checkpoint: Checkpoint, *, exact: bool = True) -> "TorchBackend":
        """Load the network onto the GPU where there is one, else onto the CPU; in fp32 where it is to be exact."""
        device = compute_device()
        return cls(Network.from_checkpoint(checkpoint.path), device, torch.float32 if exact else fastest_dtype(device))

    @torch.inference_mode()
    def __call__(self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> Logits:
        """See :class:`~reportedly.model.backends.base.Backend`."""
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype is not torch.float32):
            logits, token_logits = self.network(
                torch.from_numpy(input_ids).to(self.device), torch.from_numpy(attention_mask).to(self.device)
            )
        return logits.float().cpu().numpy(), token_logits.float().cpu().numpy()

    @contextmanager
    def threads(self) -> Iterator[Executor]:
        """See :class:`~reportedly.model.backends.base.Backend`."""
        on_cpu = self.device.type == "cpu"
        set_num_threads = torch.set_num_threads  # which is gone where the interpreter ends before the stream does
        pool = ThreadPoolExecutor(self._cores, initializer=_on_one_core) if on_cpu else ThreadPoolExecutor(1)
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)
            if on_cpu:
                set_num_threads(self._cores)  # what a thread sets is the default of those made after it


def _on_one_core() -> None:
    torch.get_num_threads()  # makes the thread take the default now, and not over what is set next
    torch.set_num_threads(1)


def fastest_dtype(device: torch.device) -> torch.dtype:
    """The number format in which a device is fastest, of those that keep the scores true."""
    if has_bf16(device):
        return torch.bfloat16
    return torch.float16 if device.type == "cuda" else torch.float32
