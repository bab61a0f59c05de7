"""Keeps the memory of a long job flat, where libraries hold on to what they have used."""

import ctypes
import os
import sys

_CACHES = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY")
"""Of oneDNN, and of what PyTorch has on top of it."""
_KERNELS = "32"


def bound_kernel_caches() -> None:
    """Let PyTorch keep few compiled kernels, in this process; what the environment says already stays.

    It compiles some for each shape of a batch and keeps a thousand, which batches of every length fill over hours, up
    to some 150 MB; compiling them anew costs no time that shows. Both caches are read when PyTorch first computes.
    """
    for variable in _CACHES:
        os.environ.setdefault(variable, _KERNELS)


def release_freed() -> None:
    """Give what is freed back to the system. glibc alone keeps it: in pieces, and for each thread its own."""
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "malloc_trim"):
        library.malloc_trim(0)
