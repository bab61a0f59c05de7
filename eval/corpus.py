"""What every labelled corpus is read into."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ..model.axes import Axis
from ..model.voice import Regions, quoted_regions

Spans = tuple[tuple[int, int], ...]


class CorpusError(ValueError):
    """A corpus that is not there or not well formed. The message names the file, the line and the field."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one reading says of a sentence. An axis that is left out was not labelled."""

    grades: Mapping[Axis, int]
    """0 absent, 1 weak, 2 strong."""
    evidence: Mapping[Axis, Spans] = field(default_factory=dict)
    """Code-point spans into the document text."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A labelled sentence of a document: ``corpus.documents[document][start:end]``."""

    id: str
    document: str
    """Key of the text that the sentence is scored in."""
    article: str
    """What is resampled: sentences of one article are not independent."""
    start: int
    end: int
    gold: Annotation
    passes: tuple[Annotation, ...] = ()
    """Independent annotations from which the gold was settled; two or none."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """What slices are cut by: style, topic, stratum, …"""


@dataclass(frozen=True)
class Corpus:
    """One split of a labelled corpus."""

    name: str
    split: str
    documents: Mapping[str, str]
    sentences: tuple[Sentence, ...]
    notes: tuple[str, ...] = ()
    """What a reader must know of the labels before any figure; printed in every report."""

    def text(self, sentence: Sentence) -> str:
        """The words of a sentence."""
        return self.documents[sentence.document][sentence.start : sentence.end]

    @cached_property
    def quoted(self) -> Mapping[str, Regions]:
        """The stretches of each document that stand inside quotation marks, found once for all of its sentences."""
        return {name: quoted_regions(text) for name, text in self.documents.items()}

    @cached_property
    def hash(self) -> str:
        """First 16 hex digits of a SHA-256 over texts, offsets, grades and evidence."""
        digest = hashlib.sha256()
        for sentence in self.sentences:
            row = [sentence.id, sentence.article, self.text(sentence), sentence.start, sentence.end]
            row += [sorted(sentence.gold.grades.items()), sorted(sentence.gold.evidence.items())]
            digest.update(json.dumps(row, ensure_ascii=False).encode())
        return digest.hexdigest()[:16]


def text_hash(text: str) -> str:
    """First 16 hex digits of the SHA-256 of a sentence: ties a prediction to the words it was made for."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
