"""``results.json``: what an evaluation found. The schema is versioned and documented in ``docs/results.md``."""

import json
import math
from pathlib import Path
from typing import Any, TypedDict

from .corpus import CorpusError
from .resampling import Estimate

SCHEMA = 1
RESULTS = "results.json"
BENCHMARK = "benchmark.json"


class Interval(TypedDict):
    """A measure; ``null`` where the sample does not define it, ``low`` and ``high`` also where it has no interval."""

    value: float | None
    low: float | None
    high: float | None


class Bin(TypedDict):
    """A point of the reliability curve."""

    mean_score: float
    rate: float
    sentences: int


class AxisResults(TypedDict):
    """One system on one axis."""

    threshold: float
    measures: dict[str, Interval]
    confusion: dict[str, int]
    grades: list[list[int]] | None
    """Rows are the annotated grades 0, 1, 2, columns the predicted ones; null where the labels are not graded."""
    reliability: list[Bin]
    precision_recall: list[list[float]]
    """``[recall, precision]`` from the highest score down, thinned to 200 points."""
    operating_point: list[float | None]
    """``[recall, precision]`` at the threshold."""


class System(TypedDict):
    """One system: the model under test, or a baseline."""

    name: str
    hash: str
    notes: list[str]
    macro: dict[str, Interval]
    """Mean over the axes of every measure that all of them have."""
    axes: dict[str, AxisResults]


class AxisLabels(TypedDict):
    """What the corpus holds of an axis."""

    labelled: int
    present: int
    strong: int


class CorpusFacts(TypedDict):
    """The split that was measured."""

    name: str
    split: str
    hash: str
    sentences: int
    articles: int
    axes: dict[str, AxisLabels]
    notes: list[str]


class Slice(TypedDict):
    """A part of the corpus; each axis has ``present``, ``f1``, ``average_precision`` and ``prevalence``."""

    attribute: str
    value: str
    sentences: int
    articles: int
    pooled_f1: Interval
    """Over the decisions on all axes together, since some axis may be all but absent from a slice."""
    axes: dict[str, dict[str, Any]]


class Share(TypedDict):
    """A rate over some sentences."""

    sentences: int
    rate: Interval


class AxisCues(TypedDict):
    """Recall by whether a cue was evidence in training, and specificity where such a cue is innocent."""

    recall_seen: Share
    recall_unseen: Share
    specificity_innocent: Share


class Cues(TypedDict):
    """The slices by training cue."""

    training: list[str]
    axes: dict[str, AxisCues]


class AxisCeiling(TypedDict):
    """Agreement of two passes, and the mean agreement of the system with each of them, measured alike."""

    disputed: int
    passes: dict[str, Interval]
    system: dict[str, Interval]


class AxisComparison(TypedDict):
    """The system against another; ``difference`` is the first minus the second."""

    one: dict[str, float | None]
    other: dict[str, float | None]
    difference: dict[str, Interval]
    only_one_right: int
    only_other_right: int
    p: dict[str, float | None]
    p_holm: dict[str, float | None]


class Error(TypedDict):
    """A sentence that the model gets wrong; spans are code points into ``text``."""

    id: str
    text: str
    grade: int
    score: float
    disputed: bool
    gold: list[list[int]]
    predicted: list[list[int]]


class AxisErrors(TypedDict):
    """The most confident errors first."""

    false_positive: list[Error]
    false_negative: list[Error]


class Provenance(TypedDict):
    """What is needed to compute the numbers again."""

    reportedly: str
    revision: str | None
    date: str
    command: str
    python: str
    machine: str
    libraries: dict[str, str]
    seed: int
    resamples: int
    level: float
    seconds: float


class Results(TypedDict):
    """The whole file."""

    schema: int
    provenance: Provenance
    corpus: CorpusFacts
    systems: dict[str, System]
    """``model`` is the one under test; the baselines follow by name."""
    comparisons: dict[str, dict[str, AxisComparison]]
    """Per baseline and axis, the model against it."""
    slices: list[Slice]
    cues: Cues
    ceiling: dict[str, AxisCeiling] | None
    """Null where the corpus has no two passes."""
    errors: dict[str, AxisErrors]
    behaviour: dict[str, Any] | None
    """What :func:`reportedly.eval.behaviour.run` returns; null where the system is not a live model."""


def write_results(path: Path, results: Any) -> None:
    """Write JSON: estimates as objects, what is undefined as null, numbers to six decimals."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(plain(results), ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def read_results(folder: Path) -> Results:
    """Read the results in a folder.

    Raises
    ------
    CorpusError
        Where there are none, or they follow another version of the schema.
    """
    path = folder / RESULTS if folder.is_dir() else folder
    if not path.is_file():
        raise CorpusError(f"{path}: no such file; `reportedly eval` writes one")
    try:
        results = json.loads(path.read_bytes())
    except ValueError as error:
        raise CorpusError(f"{path}: not JSON in UTF-8 ({error}); evaluate again") from None
    schema = results.get("schema") if isinstance(results, dict) else None
    if schema != SCHEMA:
        raise CorpusError(f"{path}: field schema is {schema!r}, expected {SCHEMA}; evaluate again")
    return results


def plain(value: Any) -> Any:
    """JSON-ready builtins of nested results."""
    if isinstance(value, Estimate):
        return plain(value._asdict())
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return round(float(value), 6) if math.isfinite(value) else None
    return value
