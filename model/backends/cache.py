"""Files that are derived from a checkpoint on first use, kept for the next."""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock

from ..loading import CheckpointError, verify_checksums, write_checksums


def cache_folder() -> Path:
    """``REPORTEDLY_CACHE``, else ``reportedly`` in ``XDG_CACHE_HOME``, else ``~/.cache/reportedly``."""
    if named := os.environ.get("REPORTEDLY_CACHE"):
        return Path(named).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "reportedly"


def cached(name: str, files: Sequence[str], build: Callable[[Path], None]) -> Path:
    """The folder of a cache entry, built where it is missing or a file of it is not what was written.

    Parameters
    ----------
    name
        Names everything that the content depends on.
    files
        What ``build`` writes into the folder that it is given.

    Raises
    ------
    OSError
        Where the cache cannot be written.
    """
    root = cache_folder()
    root.mkdir(parents=True, exist_ok=True)
    entry = root / name
    with FileLock(root / f"{name}.lock"):  # workers that start together wait for the first
        try:
            verify_checksums(entry, files)
        except CheckpointError:
            with TemporaryDirectory(dir=root, prefix=f".{name}.") as scratch:
                fresh = Path(scratch, name)
                fresh.mkdir()
                build(fresh)
                write_checksums(fresh, files)
                if entry.exists():
                    shutil.rmtree(entry)
                fresh.rename(entry)
    return entry
