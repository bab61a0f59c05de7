"""Word lists: the project's own cues, and what they are worth without a model."""

import hashlib
import re
from functools import cache
from pathlib import Path

from ...model.axes import AXES, Axis, Voice
from ...model.voice import voice_of
from ..corpus import Corpus, Spans
from ..predictions import Prediction, Predictions

CUES = Path(__file__).parents[1] / "cues"
_LISTS = {
    Axis.HEDGING: "hedging",
    Axis.EMOTIVE: "emotive",
    Axis.EMOTIVE_QUOTED: "emotive",
    Axis.UNVERIFIED: "unverified",
}
_VOICES = {Axis.EMOTIVE: {Voice.WRITER, Voice.MIXED}, Axis.EMOTIVE_QUOTED: {Voice.QUOTED}}
_MOST_HITS = 2


def predict(train: Corpus, corpus: Corpus) -> Predictions:
    """Flag a sentence where a cue of the axis stands in it, emotive cues by whether they stand in quotation marks.

    The probability is the rate of the axis among sentences of ``train`` with as many hits (none, one, more).
    """
    learned = {axis: _rates(axis, train) for axis in AXES}
    found = [_hits(corpus, index) for index in range(len(corpus.sentences))]
    return Predictions(
        system="wordlist",
        hash=_hash(train),
        thresholds={axis: (rates[0] + rates[1]) / 2 for axis, rates in learned.items()},
        rows=tuple(
            Prediction({axis: learned[axis][min(len(hits[axis]), _MOST_HITS)] for axis in AXES}, hits) for hits in found
        ),
    )


def cue_pattern(name: str) -> re.Pattern[str]:
    """One expression for a list of cues: whole words in any case, white space as it comes, ``*`` for any ending."""
    lines = (CUES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    cues = sorted(
        {line.strip() for line in lines if line.strip() and not line.startswith("#")}, key=lambda cue: (-len(cue), cue)
    )
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(_as_expression, cues))})(?!\w)", re.IGNORECASE)


_pattern = cache(cue_pattern)


def _as_expression(cue: str) -> str:
    escaped = re.escape(cue).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")
    return re.sub("['’]", "['’]", escaped)


def _hits(corpus: Corpus, index: int) -> dict[Axis, Spans]:
    sentence = corpus.sentences[index]
    text = corpus.documents[sentence.document]
    regions = corpus.quoted[sentence.document]
    hits: dict[Axis, Spans] = {}
    for axis in AXES:
        matches = [match.span() for match in _pattern(_LISTS[axis]).finditer(text, sentence.start, sentence.end)]
        voices = _VOICES.get(axis, set(Voice))
        hits[axis] = tuple(span for span in matches if voice_of(text, *span, regions) in voices)
    return hits


def _rates(axis: Axis, train: Corpus) -> list[float]:
    """Rate of the axis with no, one, and more hits, by Laplace's rule, each above the one before."""
    counts = [[1, 2] for _ in range(_MOST_HITS + 1)]
    for index, sentence in enumerate(train.sentences):
        if axis in sentence.gold.grades:
            count = counts[min(len(_hits(train, index)[axis]), _MOST_HITS)]
            count[0] += sentence.gold.grades[axis] > 0
            count[1] += 1
    rates: list[float] = []
    for present, total in counts:
        rates.append(max(present / total, rates[-1] + 1e-6 if rates else 0.0))
    return rates


def _hash(train: Corpus) -> str:
    digest = hashlib.sha256(train.hash.encode())
    for name in sorted(set(_LISTS.values())):
        digest.update((CUES / f"{name}.txt").read_bytes())
    return digest.hexdigest()[:16]
