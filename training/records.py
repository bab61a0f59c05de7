"""Records of training: JSON, written whole or not at all, and what they say of the libraries."""

import json
import platform
from pathlib import Path
from typing import Any

import torch
import transformers


def write_json(file: Path, document: Any) -> None:
    """Write a document in the place of an earlier one; after a kill there is the one or the other."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.partial")
    partial.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    partial.replace(file)


def versions() -> dict[str, str]:
    """Of Python and of the libraries that decide the figures."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
