"""Grouped cross-validation: documents, not sentences, are dealt to folds."""

import hashlib
from collections.abc import Sequence

from .example import Example

FOLDS = 5


def fold_of(document: str, folds: int = FOLDS) -> int:
    """The fold of a document, in ``range(folds)``: a hash of its name, the same on every machine."""
    return int.from_bytes(hashlib.sha256(document.encode()).digest()[:4], "big") % folds


def in_fold(examples: Sequence[Example], fold: int) -> list[Example]:
    """Examples of the documents of a fold."""
    return [example for example in examples if fold_of(example.document) == fold]
