"""Which engine runs the network, by name or by what the machine has. Nothing heavy is imported before it is chosen."""

import ctypes
import sys
from enum import StrEnum
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..loading import Checkpoint

if TYPE_CHECKING:
    from .base import Backend


class BackendChoice(StrEnum):
    """An engine, or how to choose one."""

    EXACT = "exact"
    """PyTorch in fp32: the reference that the others are held to."""
    TORCH = "torch"
    """PyTorch in the fastest number format that the device has: bf16 or fp16, else fp32."""
    OPENVINO = "openvino"
    """OpenVINO on the CPU, in bf16 where it has that, else fp32. The fastest without a GPU."""
    AUTO = "auto"
    """``torch`` where there is a GPU, else ``openvino`` where it is installed, else ``torch``."""


class BackendError(RuntimeError):
    """An engine that cannot be had. The message says what to install or to choose instead."""


def backend_choice(name: BackendChoice | str) -> BackendChoice:
    """The choice of a name.

    Raises
    ------
    BackendError
        Where there is no such backend.
    """
    try:
        return BackendChoice(name)
    except ValueError:
        raise BackendError(f"backend is {name!r}, expected one of {', '.join(BackendChoice)}") from None


def load_backend(checkpoint: Checkpoint, choice: BackendChoice | str) -> "Backend":
    """Load a checkpoint into an engine.

    Raises
    ------
    BackendError
        Where there is no such engine, or it is not installed.
    """
    chosen = backend_choice(choice)
    if chosen is BackendChoice.AUTO:
        chosen = _fastest()
    if chosen is BackendChoice.OPENVINO:
        if find_spec("openvino") is None:
            raise BackendError(
                "backend openvino is not installed: pip install 'reportedly[fast]', or choose torch or auto"
            )
        from .openvino import OpenVinoBackend

        return OpenVinoBackend.from_checkpoint(checkpoint)
    from .pytorch import TorchBackend

    return TorchBackend.from_checkpoint(checkpoint, exact=chosen is BackendChoice.EXACT)


def _fastest() -> BackendChoice:
    if find_spec("openvino") is None or _has_gpu():
        return BackendChoice.TORCH
    return BackendChoice.OPENVINO


def _has_gpu() -> bool:
    """Whether PyTorch has a GPU. It is asked only where there is a driver, as importing it takes seconds and memory."""
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    import torch

    return torch.cuda.is_available()
