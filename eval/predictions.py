"""Predictions: written before anything is measured, so that every number can be computed again from the file.

A file is JSONL. Its first line is the header (``system``, ``hash``, ``corpus``, ``thresholds``), every other line one
sentence (``id``, ``text_hash``, ``scores``, ``spans``, ``erasure``).
"""

import dataclasses
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..model.axes import AXES, Axis
from .corpus import Corpus, CorpusError, Spans, text_hash
from .readers import evidence, field, rows

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Erasure:
    """An axis scored again without some of the words."""

    evidence: float
    """Probability after the predicted evidence is removed."""
    random: float
    """Mean probability after as many other words of the sentence are removed, drawn at random."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a system says of one sentence."""

    scores: Mapping[Axis, float]
    """Probabilities in [0, 1]. An axis that is left out is not predicted by this system."""
    evidence: Mapping[Axis, Spans] | None = None
    """Code-point spans into the document text; ``None`` where the system shows none."""
    erasure: Mapping[Axis, Erasure] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a system says of a corpus, in the order of its sentences."""

    system: str
    hash: str
    """Names the weights, or the fitted baseline."""
    thresholds: Mapping[Axis, float]
    """Probability from which an axis counts as present."""
    rows: tuple[Prediction, ...]
    notes: tuple[str, ...] = ()
    """What happened on the way that a reader must know, such as texts that were cut."""


def write_predictions(path: Path, predictions: Predictions, corpus: Corpus) -> None:
    """Write the header and one line per sentence."""
    header = {
        "format": FORMAT,
        "system": predictions.system,
        "hash": predictions.hash,
        "corpus": {"name": corpus.name, "split": corpus.split, "hash": corpus.hash},
        "thresholds": predictions.thresholds,
        "notes": predictions.notes,
    }
    lines = [header]
    for sentence, row in zip(corpus.sentences, predictions.rows, strict=True):
        line: dict[str, Any] = {"id": sentence.id, "text_hash": text_hash(corpus.text(sentence)), "scores": row.scores}
        if row.evidence is not None:
            line["spans"] = [
                {"axis": axis, "start": start, "end": end}
                for axis, spans in row.evidence.items()
                for start, end in spans
            ]
        if row.erasure:
            line["erasure"] = {axis: [pair.evidence, pair.random] for axis, pair in row.erasure.items()}
        lines.append(line)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def read_predictions(path: Path, corpus: Corpus) -> Predictions:
    """Read predictions for a corpus, our own or those of any other system.

    The header may be left out: the thresholds are then 0.5. Spans are code points into the text of the document.
    A field that is null counts as left out.

    Raises
    ------
    CorpusError
        Where a sentence is missing or twice there, a text differs from the one that was scored, a score or a
        threshold is not a probability, or no axis that is scored is labelled in the corpus.
    """
    header: dict[str, Any] = {}
    thresholds = dict.fromkeys(AXES, 0.5)
    found: dict[str, Prediction] = {}
    texts = {sentence.id: corpus.text(sentence) for sentence in corpus.sentences}
    places = {sentence.id: (sentence.start, sentence.end) for sentence in corpus.sentences}
    for where, fields in rows(path):
        row = {key: value for key, value in fields.items() if value is not None}  # null is absent
        if "format" in row and "id" not in row:
            if found or header:
                raise CorpusError(f"{where}: a header, which belongs on the first line")
            if row["format"] != FORMAT:
                raise CorpusError(f"{where}: field format is {row['format']!r}, expected {FORMAT}")
            header = row
            thresholds |= _thresholds(row, where)
            continue
        name = str(row.get("id"))
        if name not in texts:
            raise CorpusError(f"{where}: field id is {name!r}, which {corpus.name} ({corpus.split}) does not hold")
        if name in found:
            raise CorpusError(f"{where}: field id is {name!r}, as on an earlier line")
        if row.get("text_hash", expected := text_hash(texts[name])) != expected:
            raise CorpusError(
                f"{where}: field text_hash differs from that of the corpus; these are scores of another text"
            )
        found[name] = _prediction(row, places[name], where)
        if found[name].scores.keys() != (axes := next(iter(found.values())).scores.keys()):
            raise CorpusError(f"{where}: field scores has not the axes of the first line, {', '.join(axes)}")
    if missing := [name for name in texts if name not in found]:
        raise CorpusError(f"{path}: {len(missing)} of {len(texts)} sentences have no line, the first is {missing[0]!r}")
    labelled = {axis for sentence in corpus.sentences for axis in sentence.gold.grades}
    if not labelled & (scored := next(iter(found.values())).scores.keys()):
        raise CorpusError(
            f"{path}: field scores has {', '.join(scored)} only, and {corpus.name} ({corpus.split}) labels of "
            f"{', '.join(axis for axis in AXES if axis in labelled)} only; score one of these"
        )
    return Predictions(
        system=header.get("system", path.stem),
        hash=header.get("hash", text_hash(path.read_text(encoding="utf-8"))),
        thresholds=thresholds,
        rows=tuple(found[sentence.id] for sentence in corpus.sentences),
        notes=tuple(map(str, field(header, "notes", list, f"{path}, line 1"))) if "notes" in header else (),
    )


def _thresholds(header: Mapping[str, Any], where: str) -> dict[Axis, float]:
    given = header.get("thresholds", {})
    if not isinstance(given, dict) or not set(given) <= set(AXES):
        raise CorpusError(
            f"{where}: field thresholds is {given!r:.60}, expected an object with any of {', '.join(AXES)}"
        )
    for axis, at in given.items():
        _require_probability(at, f"thresholds.{axis}", where)
    return {Axis(axis): float(at) for axis, at in given.items()}


def _prediction(row: Mapping[str, Any], place: tuple[int, int], where: str) -> Prediction:
    scores = row.get("scores")
    if not isinstance(scores, dict) or not scores or not set(scores) <= set(AXES):
        raise CorpusError(f"{where}: field scores is {scores!r:.60}, expected an object with any of {', '.join(AXES)}")
    for axis, score in scores.items():
        _require_probability(score, f"scores.{axis}", where)
    scored = {axis: float(scores[axis]) for axis in AXES if axis in scores}
    return Prediction(
        scores=scored,
        evidence=evidence(row, scored, place, where) if "spans" in row else None,
        erasure=_erasure(row, scored, where) if "erasure" in row else {},
    )


def _erasure(row: Mapping[str, Any], axes: Collection[Axis], where: str) -> dict[Axis, Erasure]:
    found = {}
    for axis, pair in field(row, "erasure", dict, where).items():
        if axis not in axes or not isinstance(pair, list) or len(pair) != 2:
            raise CorpusError(
                f"{where}: field erasure holds {axis}: {pair!r:.60}, expected two probabilities on one of "
                f"{', '.join(axes)}"
            )
        for probability in pair:
            _require_probability(probability, f"erasure.{axis}", where)
        found[Axis(axis)] = Erasure(*pair)
    return found


def _require_probability(value: object, name: str, where: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not (math.isfinite(value) and 0 <= value <= 1):
        raise CorpusError(f"{where}: field {name} is {value!r}, expected a probability from 0 to 1")
