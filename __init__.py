"""Scores how news is worded: hedging, emotive framing and unverified status, with the words that carry each score.

>>> import reportedly
>>> scorer = reportedly.Scorer.from_pretrained()
>>> scorer("The blast was reportedly caused by a gas leak.").flags["hedging"]
True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .model.axes import AXES, Axis, Voice
from .model.registration import register_when_imported

if TYPE_CHECKING:
    from .archive.batches import BatchScorer
    from .model.backends.choice import BackendError
    from .model.loading import SHIPPED, CheckpointError
    from .model.results import AxisSummary, DocumentScores, Evidence, SentenceScores
    from .model.scorer import Scorer

    __version__: str

__all__ = [
    "AXES",
    "SHIPPED",
    "Axis",
    "AxisSummary",
    "BackendError",
    "BatchScorer",
    "CheckpointError",
    "DocumentScores",
    "Evidence",
    "Scorer",
    "SentenceScores",
    "Voice",
]

# Loaded when first asked for, so that `import reportedly` stays light.
_HOMES = {
    "AxisSummary": ".model.results",
    "BackendError": ".model.backends.choice",
    "BatchScorer": ".archive.batches",
    "CheckpointError": ".model.loading",
    "DocumentScores": ".model.results",
    "Evidence": ".model.results",
    "SHIPPED": ".model.loading",
    "Scorer": ".model.scorer",
    "SentenceScores": ".model.results",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("reportedly")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)


register_when_imported()
