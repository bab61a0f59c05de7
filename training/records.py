"""Records of training: JSON, written whole or not at all, and what they say of the libraries."""

import json
import platform
from pathlib import Path
from typing import Any

import torch
import transformers

from .config import ConfigError


def write_json(file: Path, document: Any) -> None:
    """Write a document in the place of an earlier one; after a kill there is the one or the other."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.partial")
    partial.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    partial.replace(file)


def read_json(file: Path) -> dict[str, Any]:
    """Read a document that :func:`write_json` wrote.

    Raises
    ------
    ConfigError
        Where it is not one.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ConfigError(f"{file}: not a whole record; remove it, or put back what was there")
    return document


def versions() -> dict[str, str]:
    """Of Python and of the libraries that decide the figures."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
