"""Labelled corpora as training examples: what each says of the axes, and silence on the rest.

Shared corpora are found through ``REPORTEDLY_CORPORA`` and never copied; the repository's own lies in ``eval/corpora``.
"""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..model.axes import AXES, Axis
from ..model.voice import open_mark, quoted_regions
from .augment import variants
from .example import Example, Spans

_REPOSITORY = Path(__file__).resolve().parents[1]
_AXIS_OF = {"h": Axis.HEDGING, "e": Axis.EMOTIVE, "q": Axis.EMOTIVE_QUOTED, "u": Axis.UNVERIFIED}
_MARK = re.compile(r"\{(?P<labels>[hequ][12](?:\+[hequ][12])*):(?P<words>[^{}]+)\}")


class CorpusError(ValueError):
    """A corpus that cannot be read or used. The message says which, and where: file, line and field."""


_KINDS: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "text": str,
    "grades": (dict, list),
    "spans": list,
    "start": int,
    "end": int,
    **dict.fromkeys(map(str, AXES), int),
}
"""What a field of a corpus has to be, by its name, at whatever depth."""


class Row(dict[str, Any]):
    """An object in a line of a corpus, which says where it stands when it lacks a field."""

    def __init__(self, at: str, fields: Mapping[str, Any]) -> None:
        super().__init__(fields)
        self.at = at
        """File and line."""
        for name, kind in _KINDS.items():
            if name in self and not isinstance(self[name], kind):
                raise CorpusError(f"{at}: field {name}: of the wrong type, is {self[name]!r:.80}")

    def __missing__(self, name: str) -> Any:
        raise CorpusError(f"{self.at}: field {name} is missing")


@dataclass(frozen=True, slots=True)
class Corpus:
    """How to read a corpus, and what a model card must say of it."""

    read: Callable[[str], list[Example]]
    """Split name to examples."""
    licence: str
    commercial: bool
    """Whether its terms let it train the shipped checkpoint."""


def corpora_root() -> Path:
    """The folder of the shared corpora: ``REPORTEDLY_CORPORA``, or ``../shared/corpora`` beside the repository."""
    beside = _REPOSITORY.parent / "shared" / "corpora"
    return Path(os.environ.get("REPORTEDLY_CORPORA", beside))


def _rows(file: str, split: str) -> Iterator[Row]:
    """Rows of a shared corpus in a split; those without one are for training."""
    return (row for row in json_lines(corpora_root() / file) if (row.get("split") or "train") == split)


def json_lines(path: Path) -> Iterator[Row]:
    """Rows of a JSON Lines file of a corpus, blank lines passed over.

    Raises
    ------
    CorpusError
        Where there is no such file, or a line is not an object or has a field of the wrong type; and from a row, where
        a field is asked of it that it lacks.
    """
    if not path.is_file():
        raise CorpusError(f"{path}: no such file; set REPORTEDLY_CORPORA to the folder of the shared corpora")
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            at = f"{path}:{number}"
            try:
                row = json.loads(line, object_hook=partial(Row, at))
            except CorpusError:
                raise
            except ValueError as error:  # not UTF-8 among them
                raise CorpusError(f"{at}: not JSON, cut short perhaps; copy the corpus again: {error}") from None
            if not isinstance(row, Row):
                raise CorpusError(f"{at}: must be an object, is {type(row).__name__}")
            yield row


def _by_axis(spans: list[Row], shift: int = 0) -> dict[str, Spans]:
    return {
        axis: tuple((span["start"] + shift, span["end"] + shift) for span in spans if span["axis"] == axis)
        for axis in AXES
    }


def _news3(split: str, without: str | None = None) -> list[Example]:
    """Labels as they are given, but for those that ``training/corrections`` replaces.

    ``without`` leaves out what was excerpted from the corpus of that name.
    """
    corrections = {row["id"]: row for row in json_lines(_REPOSITORY / "training" / "corrections" / "news3.jsonl")}
    rows = [row for row in json_lines(corpora_root() / "news3" / f"{split}.jsonl") if row["corpus"] != without]
    for row in rows:
        row |= corrections.get(row["id"], {})
    return [
        Example(
            id=row["id"],
            text=row["text"],
            document=row["doc"],
            grades={axis: row["grades"][axis] for axis in AXES},
            evidence=_by_axis(row["spans"]),
        )
        for row in rows
    ]


def _invented(split: str) -> list[Example]:
    """The repository's own articles, each sentence as scoring shows it: with the mark of an open quotation restored."""
    folder = _REPOSITORY / "eval" / "corpora" / "invented"
    articles = {row["id"]: row for row in json_lines(folder / "articles.jsonl") if row["split"] == split}
    regions = {name: quoted_regions(row["text"]) for name, row in articles.items()}
    examples = []
    for row in json_lines(folder / "labels.jsonl"):
        name, start, end = row["article"], row["start"], row["end"]
        if name not in articles:
            continue
        text = articles[name]["text"]
        mark = open_mark(text, start, regions[name])
        examples.append(
            Example(
                id=f"{name}:{row['sentence']}",
                text=mark + text[start:end],
                document=name,
                grades={axis: row["grades"][axis] for axis in AXES},
                evidence=_by_axis(row["spans"], shift=len(mark) - start),
            )
        )
    return examples


def _written(split: str, folder: str = "written") -> list[Example]:
    """Single sentences written and labelled by us for training; ``training/written/README.md`` explains the marks."""
    if split != "train":
        return []
    return [
        parse_marked(line, f"{file.stem}:{number}")
        for file in sorted((_REPOSITORY / "training" / folder).glob("*.txt"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if line.strip()
    ]


def _annotated(split: str) -> list[Example]:
    """Sentences of open corpora under our labels; ``training/annotated`` names them by id and holds no text."""
    if split != "train":
        return []
    examples = []
    for file in sorted((_REPOSITORY / "training" / "annotated").glob("*.jsonl")):
        rows = {row["id"]: row for row in json_lines(corpora_root() / file.stem / file.name)}
        for label in json_lines(file):
            row = rows.get(label["id"])
            if row is None:
                raise CorpusError(f"{label.at}: no sentence {label['id']} in the corpus {file.stem}; remove the line")
            examples.append(
                Example(
                    id=row["id"],
                    text=row["text"],
                    document=row.get("pair", row["id"]),
                    grades=dict(zip(AXES, label["grades"], strict=True)),
                    evidence=_by_axis(label["spans"]),
                )
            )
    return examples


def _variants(split: str) -> list[Example]:
    """Variants of the sentences of news3: a teacher's probabilities are all that is known of them."""
    return list(variants(_news3(split))) if split == "train" else []


def parse_marked(line: str, name: str) -> Example:
    """Read a sentence with its labels in line.

    >>> example = parse_marked("The convoy {h1+u2:allegedly} left a {e1:mess}.", "1")
    >>> example.text
    'The convoy allegedly left a mess.'
    >>> [(axis.value, grade) for axis, grade in example.grades.items()]
    [('hedging', 1), ('emotive', 1), ('emotive_quoted', 0), ('unverified', 2)]
    >>> example.evidence[Axis.EMOTIVE]
    ((28, 32),)
    """
    text, at = "", 0
    grades: dict[str, int] = dict.fromkeys(AXES, 0)
    evidence: dict[str, Spans] = dict.fromkeys(AXES, ())
    for match in _MARK.finditer(line):
        text += line[at : match.start()]
        span = (len(text), len(text) + len(match["words"]))
        for label in match["labels"].split("+"):
            axis, grade = _AXIS_OF[label[0]], int(label[1])
            grades[axis] = max(grades[axis], grade)
            evidence[axis] = (*evidence[axis], span)
        text += match["words"]
        at = match.end()
    text += line[at:]
    if "{" in text or "}" in text:
        raise CorpusError(f"{name}: a brace outside a mark such as {{h1:reportedly}}: {line!r}")
    return Example(name, text, name, grades, evidence)


def _conll2010_bio(split: str) -> list[Example]:
    """Speculation in biomedical text is our hedging; its gold cues are evidence."""
    return [
        Example(
            id=row["id"],
            text=row["text"],
            document=row["source"],
            grades={Axis.HEDGING: 2 if row["label"] == "uncertain" else 0},
            evidence={
                Axis.HEDGING: tuple(
                    (span["start"], span["end"]) for span in row["spans"] if span["label"] == "cue:speculation"
                )
            },
        )
        for row in _rows("conll2010_bio/conll2010_bio.jsonl", split)
    ]


def _conll2010_wiki(split: str) -> list[Example]:
    """Weasels are mostly vague quantity (*some*, *many*), which we do not call hedging: a head of its own."""
    return [
        Example(row["id"], row["text"], row["id"], task="weasel", target=float(row["label"] == "uncertain"))
        for row in _rows("conll2010_wiki/conll2010_wiki.jsonl", split)
    ]


def _wnc(split: str) -> list[Example]:
    """Before and after a neutrality edit of Wikipedia; pairs stay together."""
    return [
        Example(row["id"], row["text"], row["pair"], task="neutrality", target=float(row["label"] == "biased"))
        for row in _rows("wnc_sample/wnc_sample.jsonl", split)
    ]


CORPORA: dict[str, Corpus] = {
    "news3": Corpus(_news3, "labels ours, text by reference", commercial=True),
    "news3_without_babe": Corpus(partial(_news3, without="babe"), "labels ours, text by reference", commercial=True),
    "invented": Corpus(_invented, "ours, Apache-2.0", commercial=True),
    "written": Corpus(_written, "ours, Apache-2.0", commercial=True),
    "contrasts": Corpus(partial(_written, folder="contrasts"), "ours, Apache-2.0", commercial=True),
    "annotated": Corpus(
        _annotated,
        "labels ours; text by reference: EmoBank, UDS-IH2, CoNLL-2010 and Wikipedia CC BY-SA, Pei and Jurgens MIT",
        commercial=True,
    ),
    "variants": Corpus(_variants, "no labels; made from the text of news3, by reference", commercial=True),
    "conll2010_bio": Corpus(_conll2010_bio, "CC BY 2.0", commercial=True),
    "conll2010_wiki": Corpus(_conll2010_wiki, "CC BY-SA", commercial=True),
    "wnc_sample": Corpus(_wnc, "CC BY-SA", commercial=True),
}
