"""The scorer: the one object that most users hold."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

from .axes import AXES, Axis, Voice, checked_thresholds
from .backends.base import Backend
from .backends.choice import BackendChoice, load_backend
from .evidence import spans
from .inference import Inference, Reading
from .language import language_of
from .loading import Checkpoint, open_checkpoint
from .results import DocumentPart, DocumentScores, Evidence, SentenceScores
from .sentences import iter_sentences
from .voice import Regions, open_mark, quoted_regions, voice_of

_SENTENCES_PER_GROUP = 2048
_CHARACTERS_PER_GROUP = 2_000_000
_EMOTIVE_VOICE = {Axis.EMOTIVE: Voice.WRITER, Axis.EMOTIVE_QUOTED: Voice.QUOTED}


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A document cut into sentences."""

    text: str
    regions: Regions
    spans: Iterable[tuple[int, int]]
    """Of its sentences; iterated over once."""
    language: str | None


@dataclass(frozen=True, slots=True)
class _Part:
    """Some consecutive sentences of a document, so that a huge one is not read all at once."""

    document: _Prepared
    first: int
    """Number of its first sentence."""
    spans: list[tuple[int, int]]
    shown: list[str]
    """The texts that the model is shown, one a sentence."""
    last: bool


class Scorer:
    """Scores sentences and documents with a checkpoint.

    Examples
    --------
    >>> scorer = Scorer.from_pretrained()
    >>> result = scorer("The minister reportedly resigned.")
    >>> [(span.axis.value, span.text) for span in result.evidence]
    [('hedging', 'reportedly'), ('unverified', 'reportedly')]
    """

    def __init__(
        self, checkpoint: Checkpoint, backend: Backend, thresholds: Mapping[Axis, float] | None = None
    ) -> None:
        self.checkpoint = checkpoint
        self.thresholds = {**checkpoint.thresholds, **checked_thresholds(thresholds or {})}
        self._inference = Inference(checkpoint, backend)

    @classmethod
    def from_pretrained(
        cls,
        path: str | Path | None = None,
        *,
        thresholds: Mapping[Axis, float] | None = None,
        backend: BackendChoice | str = BackendChoice.EXACT,
    ) -> "Scorer":
        """Load a checkpoint folder, by default the shipped one.

        Parameters
        ----------
        path
            A checkpoint folder as ``reportedly train`` writes it.
        thresholds
            Probabilities, in [0, 1], that replace the stored thresholds of the axes they name.
        backend
            ``"exact"`` (PyTorch in fp32, the numbers that a ``transformers`` pipeline gives), ``"torch"`` (its
            fastest number format here), ``"openvino"`` (extra ``fast``) or ``"auto"`` (the fastest that is there).
            Another one than ``"exact"`` moves scores by less than 0.02. :attr:`backend` says what runs.

        Raises
        ------
        CheckpointError
            Where the folder is not an intact checkpoint.
        BackendError
            Where the backend is unknown or not installed.
        ValueError
            Where ``thresholds`` names no axis, or holds no probability.
        """
        checkpoint = open_checkpoint(path)
        return cls(checkpoint, load_backend(checkpoint, backend), thresholds)

    @property
    def backend(self) -> str:
        """What runs the network, as in ``torch cpu fp32``."""
        return self._inference.backend.name

    @overload
    def __call__(self, texts: str) -> SentenceScores: ...  # type: ignore[overload-overlap]  # a str is an iterable of str
    @overload
    def __call__(self, texts: Iterable[str]) -> list[SentenceScores]: ...
    def __call__(self, texts: str | Iterable[str]) -> SentenceScores | list[SentenceScores]:
        """Score each text as one sentence: a string gives one result, an iterable of strings a list.

        A text without a word scores 0 on every axis, with no window read. Longer texts than one sentence are
        better given to :meth:`document`.
        """
        if isinstance(texts, str):
            (part,) = _parts(_as_one_sentence(texts))
            return self._scores(part, iter(self._inference.read(part.shown))).sentences[0]
        listed = list(_strings(texts))  # all are looked at before the first is scored
        return [part.sentences[0] for _, part in self._stream(map(_as_one_sentence, listed))]

    def document(self, text: str) -> DocumentScores:
        """Split a document into sentences, follow its quotations, and score it."""
        return next(self.documents([text]))

    def documents(self, texts: Iterable[str]) -> Iterator[DocumentScores]:
        """Score a stream of documents in order, holding no more than some thousand sentences at a time."""
        return _whole(self._stream(map(_in_sentences, _strings(texts))))

    def parts(self, texts: Iterable[str]) -> Iterator[DocumentPart]:
        """As :meth:`documents`, but a huge document comes in parts, so that its sentences are never held at once."""
        return (part for _, part in self._stream(map(_in_sentences, _strings(texts))))

    def segmented(self, documents: Iterable[tuple[str, Sequence[tuple[int, int]]]]) -> Iterator[DocumentScores]:
        """Score a stream of documents whose sentences are known, each a text with its ``(start, end)`` offsets.

        For a corpus that was labelled sentence by sentence. Quotations are followed over the whole document.
        """
        return _whole(self._stream(_as_document(text, sentences) for text, sentences in documents))

    def _stream(self, documents: Iterable[_Prepared]) -> Iterator[tuple[str, DocumentPart]]:
        """The parts of documents in order, each with the text of its document."""
        drawn: deque[list[_Part]] = deque()

        def shown() -> Iterator[list[str]]:
            for group in _groups(documents):
                drawn.append(group)
                yield [text for part in group for text in part.shown]

        for readings in self._inference.stream(shown()):
            following = iter(readings)
            for part in drawn.popleft():
                yield part.document.text, self._scores(part, following)

    def _scores(self, part: _Part, readings: Iterator[Reading]) -> DocumentPart:
        """Scores of a part of a document, whose sentences are the next of ``readings``."""
        sentences = (
            self._sentence(part.document, start, end, shown, next(readings))
            for (start, end), shown in zip(part.spans, part.shown, strict=True)
        )
        return DocumentPart(tuple(sentences), part.first, part.last, part.document.language)

    def _sentence(self, document: _Prepared, start: int, end: int, shown: str, reading: Reading) -> SentenceScores:
        scores = dict(zip(AXES, reading.scores.tolist(), strict=True))
        flags = {axis: reading.windows > 0 and scores[axis] >= self.thresholds[axis] for axis in AXES}
        restored = len(shown) - (end - start)
        evidence = [
            _evidence(document, axis, start + span.start - restored, start + span.end - restored, span.score)
            for axis in AXES
            if flags[axis]
            for span in spans(shown, reading.words(axis), self.checkpoint.span_thresholds[axis])
        ]
        return SentenceScores(
            start=start,
            end=end,
            text=document.text[start:end],
            scores=scores,
            flags=flags,
            voice=voice_of(document.text, start, end, document.regions),
            evidence=tuple(evidence),
            windows=reading.windows,
            language=document.language,
        )


def _strings(texts: Iterable[str]) -> Iterator[str]:
    if isinstance(texts, str):
        raise TypeError("texts is one string, expected an iterable of strings")
    for index, text in enumerate(items(texts, "texts")):
        if not isinstance(text, str):
            raise TypeError(f"item {index} is {type(text).__name__}, expected str")
        yield text


def items(collection: Any, name: str) -> Iterator[Any]:
    """Iterate over anything that has items, also by index alone, as the data sets of PyTorch have them.

    Raises
    ------
    TypeError
        Where it has none, or to iterate over it gives the names of columns.
    """
    given = f"{name} is {type(collection).__name__}"
    if _has_columns(collection):
        raise TypeError(f"{given}, expected an iterable of strings; give one of its columns")
    if isinstance(collection, Iterable):
        return iter(collection)
    if hasattr(collection, "__len__") and hasattr(collection, "__getitem__"):
        return (collection[index] for index in range(len(collection)))
    raise TypeError(f"{given}, expected a string or a collection of strings")


def _has_columns(value: object) -> bool:
    """Whether to iterate over it gives names: of a mapping, or of the columns of a data frame."""
    return isinstance(value, Mapping) or (hasattr(value, "columns") and hasattr(value, "iloc"))


def _groups(documents: Iterable[_Prepared]) -> Iterator[list[_Part]]:
    """Documents of some thousand sentences together, for batches of like length."""
    group: list[_Part] = []
    sentences = characters = 0
    for document in documents:
        for part in _parts(document):
            group.append(part)
            sentences += len(part.shown)
            characters += sum(map(len, part.shown))
            if sentences >= _SENTENCES_PER_GROUP or characters >= _CHARACTERS_PER_GROUP:
                yield group
                group, sentences, characters = [], 0, 0
    if group:
        yield group


def _parts(document: _Prepared) -> Iterator[_Part]:
    """The one part of an ordinary document, or the parts of a huge one, each as large as a group."""
    spans: list[tuple[int, int]] = []
    shown: list[str] = []
    first = characters = 0
    for start, end in document.spans:
        if len(shown) == _SENTENCES_PER_GROUP or characters >= _CHARACTERS_PER_GROUP:
            yield _Part(document, first, spans, shown, last=False)
            first += len(shown)
            spans, shown, characters = [], [], 0
        spans.append((start, end))
        shown.append(open_mark(document.text, start, document.regions) + document.text[start:end])
        characters += end - start
    yield _Part(document, first, spans, shown, last=True)


def _whole(parts: Iterable[tuple[str, DocumentPart]]) -> Iterator[DocumentScores]:
    """Documents from their parts."""
    sentences: list[SentenceScores] = []
    for text, part in parts:
        sentences += part.sentences
        if part.last:
            yield DocumentScores(text, tuple(sentences), part.language)
            sentences = []


def _as_one_sentence(text: str) -> _Prepared:
    return _as_document(text, [(0, len(text))])


def _in_sentences(text: str) -> _Prepared:
    return _as_document(text, iter_sentences(text))


def _as_document(text: str, sentences: Iterable[tuple[int, int]]) -> _Prepared:
    return _Prepared(text, quoted_regions(text), sentences, language_of(text))


def _evidence(document: _Prepared, axis: Axis, start: int, end: int, score: float) -> Evidence:
    voice = _EMOTIVE_VOICE.get(axis) or voice_of(document.text, start, end, document.regions)
    return Evidence(axis, start, end, document.text[start:end], score, voice)
