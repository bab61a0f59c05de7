"""Corpora of graded sentences: our own, news3 where it is present, and a user's file."""

import json
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..model.axes import AXES, Axis
from .corpus import Annotation, Corpus, CorpusError, Sentence, Spans

CORPORA = Path(__file__).parent / "corpora"
WITH_SPLITS = ("invented", "news3")
MODEL_ANNOTATORS = (
    "The annotators were language models that followed written guidelines. Agreement between passes is the agreement "
    "of two runs of one kind of annotator, not of people."
)
_INVENTED_NOTES = (
    "Articles about invented people and places, written for this corpus by language models: not drawn from the press.",
    MODEL_ANNOTATORS,
)
_NEWS3_NOTES = (
    "Single sentences of real news, without their article. Only the stratum “natural” was drawn at random, the others "
    "by cue lists, so prevalence must be read from “natural”.",
    MODEL_ANNOTATORS,
)
_USER_ATTRIBUTES = ("style", "topic", "stratum", "outlet")


def open_corpus(name: str, split: str) -> Corpus:
    """Read a corpus by name (``invented``, ``news3``) or by the path of a user's labels.

    Raises
    ------
    CorpusError
        Where it is absent, or a line is not well formed.
    """
    if name == "invented":
        return read_invented(CORPORA / "invented", split)
    if name == "news3":
        return read_news3(shared(f"news3/{split}.jsonl"), split)
    if not Path(name).is_file():
        raise CorpusError(f"{name}: no such file, and no corpus that `reportedly eval --help` lists")
    return read_labels(Path(name))


def shared(file: str) -> Path:
    """A file of the shared corpora: under ``REPORTEDLY_CORPORA``, or ``../shared/corpora`` beside the repository."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "corpora"
    path = Path(os.environ.get("REPORTEDLY_CORPORA", beside)) / file
    if path.is_file():
        return path
    beside_it = ", ".join(sorted(other.name for other in path.parent.glob("*.jsonl")))
    remedy = f"there are {beside_it}" if beside_it else "set REPORTEDLY_CORPORA to the folder of the shared corpora"
    raise CorpusError(f"{path}: no such file; {remedy}")


def rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a JSONL file, each with ``FILE, line N`` for messages. Blank lines are passed over."""
    if not path.is_file():
        raise CorpusError(f"{path}: no such file")
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            where = f"{path}, line {number}"
            try:
                row = json.loads(line.decode("utf-8-sig"))
                if b"\\u" in line:
                    json.dumps(row, ensure_ascii=False).encode()  # refuses half a character, which no file can hold
            except ValueError as error:  # of the syntax, or of the encoding
                raise CorpusError(f"{where}: not JSON in UTF-8 ({error})") from None
            if not isinstance(row, dict):
                raise CorpusError(f"{where}: {type(row).__name__}, expected an object")
            yield where, row


def read_invented(folder: Path, split: str) -> Corpus:
    """Read our own corpus: ``articles.jsonl`` and ``labels.jsonl``, whose offsets are into the article."""
    articles: dict[str, dict[str, Any]] = {}
    for where, row in rows(folder / "articles.jsonl"):
        articles[field(row, "id", str, where)] = row | {"text": field(row, "text", str, where)}
    sentences: list[Sentence] = []
    for where, row in rows(folder / "labels.jsonl"):
        article = articles.get(field(row, "article", str, where))
        if article is None:
            raise CorpusError(f"{where}: field article is {row['article']!r}, which articles.jsonl does not hold")
        if article.get("split") != split:
            continue
        text = article["text"]
        start, end = _offsets(row, (0, len(text)), where)
        passes = row.get("passes", {})
        sentences.append(
            Sentence(
                id=f"{article['id']}#{field(row, 'sentence', int, where)}",
                document=article["id"],
                article=article["id"],
                start=start,
                end=end,
                gold=annotation(row, len(text), where),
                passes=tuple(annotation(passes[name], len(text), where) for name in sorted(passes)),
                attributes={name: article[name] for name in ("style", "topic") if name in article},
            )
        )
    if not sentences:
        found = sorted({str(article.get("split")) for article in articles.values()})
        raise CorpusError(f"{folder}: no labelled sentence in split {split!r}; the splits are {', '.join(found)}")
    used = {sentence.document for sentence in sentences}
    documents = {name: article["text"] for name, article in articles.items() if name in used}
    return Corpus("invented", split, documents, tuple(sentences), _INVENTED_NOTES)


def read_news3(path: Path, split: str) -> Corpus:
    """Read a split of news3: sentences without their document, which are resampled by the document they are from."""
    documents: dict[str, str] = {}
    sentences: list[Sentence] = []
    for where, row in rows(path):
        text = field(row, "text", str, where)
        documents[row["id"]] = text
        sentences.append(
            Sentence(
                id=row["id"],
                document=row["id"],
                article=row["doc"],
                start=0,
                end=len(text),
                gold=annotation(row, len(text), where),
                passes=tuple(
                    Annotation(dict(zip(AXES, map(int, digits), strict=True))) for digits in row.get("passes", ())
                ),
                attributes={"stratum": row["stratum"], "source": row["corpus"]},
            )
        )
    return Corpus("news3", split, documents, tuple(sentences), _NEWS3_NOTES)


def read_labels(path: Path) -> Corpus:
    """Read a user's own labels: JSONL with ``text`` and any of the axes.

    Each line holds ``text`` and, for each axis that was labelled, a grade 0, 1 or 2, or true or false. Optional are
    ``id`` (else the number of the line, blank ones not counted), ``article`` (sentences of one article are resampled
    together, else each alone), ``spans`` (a list of ``axis``, ``start``, ``end`` in code points of ``text``; where it
    is left out while a grade is above 0, spans are not measured), and ``style``, ``topic``, ``stratum``, ``outlet`` to
    slice by. A field that is null counts as left out.
    """
    documents: dict[str, str] = {}
    sentences: list[Sentence] = []
    for number, (where, fields) in enumerate(rows(path), start=1):
        row = {key: value for key, value in fields.items() if value is not None}  # null is absent
        text = field(row, "text", str, where)
        name = str(row.get("id", number))
        if name in documents:
            raise CorpusError(f"{where}: field id is {name!r}, as on an earlier line; ids must differ")
        grades = {axis: row[axis] for axis in AXES if axis in row}
        if not grades:
            raise CorpusError(f"{where}: no label; give at least one of {', '.join(AXES)} as 0, 1, 2, true or false")
        documents[name] = text
        sentences.append(
            Sentence(
                id=name,
                document=name,
                article=str(row.get("article", name)),
                start=0,
                end=len(text),
                gold=annotation(
                    {"grades": grades} | {key: row[key] for key in ("spans",) if key in row}, len(text), where
                ),
                attributes={key: str(row[key]) for key in _USER_ATTRIBUTES if key in row},
            )
        )
    if not sentences:
        raise CorpusError(f"{path}: no line; give one JSON object per line with text and at least one axis")
    if any(sentence.gold.evidence for sentence in sentences):
        sentences = list(map(_without_evidence, sentences))
    return Corpus(str(path), "all", documents, tuple(sentences))


def _without_evidence(sentence: Sentence) -> Sentence:
    """Where spans are given at all, a sentence that nothing is present in has none, whether it says so or not."""
    gold = sentence.gold
    if gold.evidence or any(gold.grades.values()):
        return sentence
    return replace(sentence, gold=replace(gold, evidence=dict.fromkeys(gold.grades, ())))


def annotation(row: Mapping[str, Any], length: int, where: str) -> Annotation:
    """Check ``grades`` and ``spans`` of a row. Without ``spans`` nothing is known of the evidence."""
    grades: dict[Axis, int] = {}
    for name, grade in row["grades"].items():
        if name not in AXES:
            raise CorpusError(f"{where}: field grades names {name!r}, expected {', '.join(AXES)}")
        if grade not in (0, 1, 2):
            raise CorpusError(f"{where}: field {name} is {grade!r}, expected 0, 1, 2, true or false")
        grades[Axis(name)] = int(grade)
    if "spans" not in row:
        return Annotation(grades)
    return Annotation(grades, evidence(row, grades, (0, length), where))


def evidence(row: Mapping[str, Any], axes: Collection[Axis], within: tuple[int, int], where: str) -> dict[Axis, Spans]:
    """Check the ``spans`` of a row, code points into a text and ``within`` these, on axes that the row speaks of."""
    found: dict[Axis, Spans] = dict.fromkeys(axes, ())
    for span in field(row, "spans", list, where):
        axis = span.get("axis") if isinstance(span, dict) else None
        if axis not in list(axes):
            raise CorpusError(
                f"{where}: field spans holds {span!r:.60}, expected axis, start and end, on one of {', '.join(axes)}"
            )
        found[Axis(axis)] += (_offsets(span, within, where),)
    return found


def field(row: Mapping[str, Any], name: str, kind: type, where: str) -> Any:
    """A field of the expected type."""
    value = row.get(name)
    if not isinstance(value, kind):
        raise CorpusError(f"{where}: field {name} is {value!r:.60}, expected {kind.__name__}")
    return value


def _offsets(row: Mapping[str, Any], within: tuple[int, int], where: str) -> tuple[int, int]:
    start, end = field(row, "start", int, where), field(row, "end", int, where)
    if not within[0] <= start < end <= within[1]:
        raise CorpusError(
            f"{where}: span {start} to {end} does not lie within {within[0]} to {within[1]}, code points into the text "
            "of the document"
        )
    return start, end
