"""What was run, with what, on what."""

import platform
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from .resampling import LEVEL
from .results import Provenance

_LIBRARIES = ("torch", "transformers", "tokenizers", "numpy", "scipy", "scikit-learn", "sentencex")


def provenance(seed: int, resamples: int, seconds: float) -> Provenance:
    """Versions, revision, command, date and settings of this run."""
    return {
        "reportedly": version("reportedly"),
        "revision": _revision(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "libraries": {name: version(name) for name in _LIBRARIES},
        "seed": seed,
        "resamples": resamples,
        "level": LEVEL,
        "seconds": round(seconds, 1),
    }


def _revision() -> str | None:
    """Commit of the working tree, with ``+`` where it was changed; ``None`` outside a repository."""
    root = Path(__file__).resolve().parents[1]
    if not (root / ".git").exists():
        return None
    commit = _git(root, "rev-parse", "--short=12", "HEAD")
    changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    return commit and commit + ("+" if changed else "")


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True)  # noqa: S603, S607
    except (OSError, subprocess.CalledProcessError):
        return None  # no git here: the version and the hashes still name the code and the weights
    return done.stdout.strip()
