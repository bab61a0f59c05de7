"""Labelled corpora as training examples: what each says of the axes, and silence on the rest.

Shared corpora are found through ``REPORTEDLY_CORPORA`` and never copied; the repository's own lies in ``eval/corpora``.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..model.axes import AXES, Axis

Spans = tuple[tuple[int, int], ...]


class CorpusError(FileNotFoundError):
    """A corpus that is not where it should be. The message says where it was looked for."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what its corpus says of it."""

    id: str
    text: str
    document: str
    """Groups examples that must not be split between folds."""
    grades: dict[Axis, int] = field(default_factory=dict)
    """0 absent, 1 weak, 2 strong; an axis that is left out is unknown and adds nothing to the loss."""
    evidence: dict[Axis, Spans] = field(default_factory=dict)
    """Code-point spans; an axis that is left out is unknown."""
    task: str | None = None
    """Name of the temporary head for a label that is not one of our axes."""
    target: float = 0.0
    """What that head should say, in [0, 1]."""


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
    beside = Path(__file__).resolve().parents[2] / "shared" / "corpora"
    return Path(os.environ.get("REPORTEDLY_CORPORA", beside))


def _rows(file: str, split: str) -> Iterator[dict]:
    path = corpora_root() / file
    if not path.is_file():
        raise CorpusError(f"{path}: no such file; set REPORTEDLY_CORPORA to the folder of the shared corpora")
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row.get("split", split) in (split, None):
                yield row


def _news3(split: str) -> list[Example]:
    return [
        Example(
            id=row["id"],
            text=row["text"],
            document=row["doc"],
            grades={axis: row["grades"][axis] for axis in AXES},
            evidence={
                axis: tuple((span["start"], span["end"]) for span in row["spans"] if span["axis"] == axis) for axis in AXES
            },
        )
        for row in _rows(f"news3/{split}.jsonl", split)
    ]


def _conll2010_bio(split: str) -> list[Example]:
    """Speculation in biomedical text is our hedging; its gold cues are evidence."""
    return [
        Example(
            id=row["id"],
            text=row["text"],
            document=row["source"],
            grades={Axis.HEDGING: 2 if row["label"] == "uncertain" else 0},
            evidence={
                Axis.HEDGING: tuple((span["start"], span["end"]) for span in row["spans"] if span["label"] == "cue:speculation")
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
    "conll2010_bio": Corpus(_conll2010_bio, "CC BY 2.0", commercial=True),
    "conll2010_wiki": Corpus(_conll2010_wiki, "CC BY-SA", commercial=True),
    "wnc_sample": Corpus(_wnc, "CC BY-SA", commercial=True),
}
