"""What was run, with what, on what."""

import platform
import shlex
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from ..model.revision import revision
from .resampling import LEVEL
from .results import Provenance

_LIBRARIES = ("torch", "transformers", "tokenizers", "numpy", "scipy", "scikit-learn", "sentencex")


def provenance(seed: int, resamples: int, seconds: float) -> Provenance:
    """Versions, revision, command, date and settings of this run."""
    return {
        "reportedly": version("reportedly"),
        "revision": revision("+"),
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
