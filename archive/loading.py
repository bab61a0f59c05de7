"""The scorer of a job, and what the manifest says of it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from ..model.axes import Axis
from ..model.backends.choice import BackendChoice
from .job import DocumentScorer
from .manifest import Model
from .memory import bound_kernel_caches

Load: TypeAlias = Callable[[], tuple[DocumentScorer, Model]]
"""Loads a scorer in the process where it is called. It can be pickled, as what it loads can not."""


def load_scorer(
    checkpoint: Path | None, backend: BackendChoice, thresholds: Mapping[Axis, float] | None = None
) -> tuple[DocumentScorer, Model]:
    """Load a checkpoint, by default the shipped one, into an engine. The thresholds replace stored ones.

    Raises
    ------
    CheckpointError, BackendError
        As :meth:`reportedly.Scorer.from_pretrained` does.
    """
    from ..model.scorer import Scorer

    bound_kernel_caches()
    scorer = Scorer.from_pretrained(checkpoint, thresholds=thresholds, backend=backend)
    used = {str(axis): value for axis, value in scorer.thresholds.items()}
    return scorer, Model(scorer.checkpoint.hash, used, scorer.backend)
