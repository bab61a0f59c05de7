"""Our checkpoint: sentences in the context of their document, with evidence, and with the evidence erased."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ...model.axes import AXES, Axis
from ...model.results import SentenceScores
from ...model.scorer import Scorer
from ...model.voice import open_mark
from ..corpus import Corpus, Spans
from ..erasure import DRAWS, random_words, without
from ..predictions import Erasure, Prediction, Predictions


def predict(scorer: Scorer, corpus: Corpus, *, seed: int = 0) -> Predictions:
    """Score every labelled sentence at the corpus's own offsets, then again without the words that carry each flag."""
    scored = _in_context(scorer, corpus)
    erasures = _erase(scorer, corpus, scored, seed)
    windowed = sum(sentence.windows > 1 for sentence in scored)
    windows = (f"{windowed} sentences were longer than the window and read in several",) if windowed else ()
    return Predictions(
        system=f"reportedly {scorer.checkpoint.hash[:8]}",
        hash=scorer.checkpoint.hash,
        thresholds=scorer.thresholds,
        rows=tuple(
            Prediction(sentence.scores, _evidence(sentence), erasures[index]) for index, sentence in enumerate(scored)
        ),
        notes=(*_flattered(scorer, corpus), *windows),
    )


def _flattered(scorer: Scorer, corpus: Corpus) -> Iterator[str]:
    if f"{corpus.name}/{corpus.split}" in scorer.checkpoint.chosen_on:
        yield "Epoch, calibration or thresholds of the model were chosen on this split, so its figures flatter it"
    if corpus.split == "train" and any(place.startswith(f"{corpus.name}/") for place in scorer.checkpoint.chosen_on):
        yield "The model was trained on this split, so its figures say nothing of other sentences"


def _in_context(scorer: Scorer, corpus: Corpus) -> list[SentenceScores]:
    of_document: dict[str, list[int]] = defaultdict(list)
    for index, sentence in enumerate(corpus.sentences):
        of_document[sentence.document].append(index)
    documents = (
        (corpus.documents[name], [(corpus.sentences[i].start, corpus.sentences[i].end) for i in indices])
        for name, indices in of_document.items()
    )
    scored: dict[int, SentenceScores] = {}
    for indices, document in zip(of_document.values(), scorer.segmented(documents), strict=True):
        scored.update(zip(indices, document.sentences, strict=True))
    return [scored[index] for index in range(len(corpus.sentences))]


def _evidence(sentence: SentenceScores) -> dict[Axis, Spans]:
    return {axis: tuple((span.start, span.end) for span in sentence.evidence if span.axis is axis) for axis in AXES}


class _Probe(NamedTuple):
    row: int
    axis: Axis
    random: bool


def _erase(scorer: Scorer, corpus: Corpus, scored: list[SentenceScores], seed: int) -> list[dict[Axis, Erasure]]:
    rng = np.random.default_rng(seed)
    probes: list[_Probe] = []
    texts: list[str] = []
    for index, (sentence, result) in enumerate(zip(corpus.sentences, scored, strict=True)):
        name = sentence.document
        mark = open_mark(corpus.documents[name], sentence.start, corpus.quoted[name]) if result.evidence else ""
        for axis, spans in _evidence(result).items():
            within = tuple((start - sentence.start, end - sentence.start) for start, end in spans)
            draws = [random_words(result.text, within, rng) for _ in range(DRAWS)] if within else []
            for removed, is_random in [(within, False), *((draw, True) for draw in draws)]:
                if draws and draws[0] is not None and removed is not None:
                    probes.append(_Probe(index, axis, is_random))
                    texts.append(mark + without(result.text, removed))
    after: dict[_Probe, list[float]] = defaultdict(list)
    for probe, result in zip(probes, scorer(texts), strict=True):
        after[probe].append(result.scores[probe.axis])
    erasures: list[dict[Axis, Erasure]] = [{} for _ in scored]
    for probe, values in after.items():
        if not probe.random:
            others = after[probe._replace(random=True)]
            erasures[probe.row][probe.axis] = Erasure(values[0], float(np.mean(others)))
    return erasures
