"""The same measures on parts of the corpus, to see where a system holds and where it does not."""

from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..model.axes import AXES, Axis
from ..model.voice import voice_of
from .corpus import Corpus, Sentence
from .metrics import Flags, Floats, ratio
from .metrics.classification import Confusion, confusion, f1
from .resampling import Estimate, estimates, replicate
from .sample import Sample, article_numbers, measure_decisions, measure_ranking, restrict
from .words import WORD

_LENGTHS = ((12, "12 words or fewer"), (24, "13 to 24 words"))
_LONGEST = "25 words or more"
_LONGEST_CUE = 6
MEASURES = ("f1", "average_precision", "prevalence")


def attributes(corpus: Corpus, sentence: Sentence) -> dict[str, str]:
    """What a sentence is sliced by: its voice, its length, and what its corpus says of it."""
    text = corpus.documents[sentence.document]
    words = len(WORD.findall(corpus.text(sentence)))
    length = next((name for most, name in _LENGTHS if words <= most), _LONGEST)
    voice = voice_of(text, sentence.start, sentence.end, corpus.quoted[sentence.document])
    return {"voice": voice.value, "length": length, **sentence.attributes}


def slices(corpus: Corpus, axes: dict[Axis, Sample], resamples: int, seed: int) -> Iterator[dict]:
    """Each value of each attribute with its measures, in the order of the schema's ``Slice``."""
    described = [attributes(corpus, sentence) for sentence in corpus.sentences]
    articles = article_numbers(corpus)
    for attribute in dict.fromkeys(name for row in described for name in row):
        for value in sorted({row[attribute] for row in described if attribute in row}):
            inside = np.array([row.get(attribute) == value for row in described])
            _, numbers = np.unique(articles[inside], return_inverse=True)
            parts = {axis: part for axis, sample in axes.items() if len((part := restrict(sample, inside)).rows)}
            if not parts:  # its sentences have labels of other axes only
                continue
            found = estimates(replicate(partial(_measure, parts), numbers, resamples, seed))
            yield {
                "attribute": attribute,
                "value": value,
                "sentences": int(inside.sum()),
                "articles": int(numbers.max()) + 1,
                "pooled_f1": found["pooled_f1"],
                "axes": {
                    axis: {
                        "present": int(part.present.sum()),
                        **{name: found[f"{axis} {name}"] for name in MEASURES},
                    }
                    for axis, part in parts.items()
                },
            }


def cues(training: Iterable[Corpus]) -> dict[Axis, set[str]]:
    """The evidence annotated in training, in lower case, per axis."""
    seen: dict[Axis, set[str]] = {axis: set() for axis in AXES}
    for other in training:
        for sentence in other.sentences:
            for axis, spans in sentence.gold.evidence.items():
                seen[axis] |= {_normal(other.documents[sentence.document][start:end]) for start, end in spans}
    return seen


def by_cue(
    corpus: Corpus, axes: dict[Axis, Sample], seen: dict[Axis, set[str]], resamples: int, seed: int
) -> dict[Axis, dict]:
    """Recall by whether a cue was seen in training, and specificity where such a cue stands in its innocent sense."""
    articles = article_numbers(corpus)
    return {
        axis: {
            "recall_seen": _share(sample.present & known, sample.flagged, sample, articles, resamples, seed),
            "recall_unseen": _share(sample.present & ~known, sample.flagged, sample, articles, resamples, seed),
            "specificity_innocent": _share(
                ~sample.present & innocent, ~sample.flagged, sample, articles, resamples, seed
            ),
        }
        for axis, sample in axes.items()
        for known, innocent in [_cue_flags(corpus, axis, sample, seen[axis])]
        if any(axis in corpus.sentences[row].gold.evidence for row in sample.rows)
    }


def _cue_flags(corpus: Corpus, axis: Axis, sample: Sample, seen: set[str]) -> tuple[Flags, Flags]:
    sentences = [corpus.sentences[row] for row in sample.rows]
    known = [
        any(
            _normal(corpus.documents[one.document][start:end]) in seen for start, end in one.gold.evidence.get(axis, ())
        )
        for one in sentences
    ]
    innocent = [any(gram in seen for gram in _grams(corpus.text(one))) for one in sentences]
    return np.array(known), np.array(innocent)


def _share(
    among: Flags, right: Flags, sample: Sample, articles: NDArray[np.int64], resamples: int, seed: int
) -> dict[str, int | Estimate]:
    def statistic(weights: Floats) -> dict[str, Floats]:
        inside = weights[..., sample.rows]
        return {"share": ratio(inside @ (among & right).astype(float), inside @ among.astype(float))}

    return {"sentences": int(among.sum()), "rate": estimates(replicate(statistic, articles, resamples, seed))["share"]}


def _measure(axes: dict[Axis, Sample], weights: Floats) -> dict[str, Floats]:
    measured = {
        f"{axis} {name}": values
        for axis, sample in axes.items()
        for name, values in (measure_decisions(sample, weights) | measure_ranking(sample, weights)).items()
        if name in MEASURES
    }
    counts = [confusion(one.present, one.flagged, weights[..., one.rows]) for one in axes.values()]
    return measured | {"pooled_f1": f1(Confusion(*(sum(cells) for cells in zip(*counts, strict=True))))}


def _grams(text: str) -> Iterator[str]:
    words = [word.lower() for word in WORD.findall(text)]
    for length in range(1, _LONGEST_CUE + 1):
        for start in range(len(words) - length + 1):
            yield " ".join(words[start : start + length])


def _normal(cue: str) -> str:
    return " ".join(word.lower() for word in WORD.findall(cue))
