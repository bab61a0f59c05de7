"""Grouped cross-validation: documents, not sentences, are dealt to folds."""

import hashlib
from collections.abc import Sequence

from .example import Example

FOLDS = 5


def fold_of(document: str, folds: int = FOLDS) -> int:
    """The fold of a document, in ``range(folds)``: a hash of its name, the same on every machine."""
    return int.from_bytes(hashlib.sha256(document.encode()).digest()[:4], "big") % folds


def split_fold(examples: Sequence[Example], fold: int) -> tuple[list[Example], list[Example]]:
    """Examples outside the fold, and those in it."""
    outside = [example for example in examples if fold_of(example.document) != fold]
    inside = [example for example in examples if fold_of(example.document) == fold]
    return outside, inside
