import os
import platform
from pathlib import Path

import pytest

from reportedly.archive.memory import bound_kernel_caches, release_freed

ONEDNN, IDEEP = "ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"


def test_what_the_environment_says_of_the_kernel_caches_stays(monkeypatch):
    monkeypatch.setenv(ONEDNN, "7")
    monkeypatch.delenv(IDEEP, raising=False)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    bound_kernel_caches()
    assert (os.environ[ONEDNN], os.environ[IDEEP]) == ("7", "32")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps what is freed")
def test_what_is_freed_between_what_is_held_goes_back():
    blocks = [bytes(2_000) for _ in range(100_000)]
    held = blocks[::100]
    del blocks
    before = _resident()
    release_freed()
    assert before - _resident() > 100_000_000
    assert len(held) == 1_000


def _resident() -> int:
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
