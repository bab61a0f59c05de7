"""One document as a self-contained page: evidence marked by axis, strength and voice, scores beside it."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from .axes import AXES, Axis, Voice
from .results import DocumentScores, Evidence, SentenceScores
from .text import encodable, paragraphs, printable

_STRONG = 0.8
_LETTERS = {Axis.HEDGING: "H", Axis.EMOTIVE: "E", Axis.EMOTIVE_QUOTED: "Q", Axis.UNVERIFIED: "U"}
_ASKS = {
    Axis.HEDGING: "words that hold back commitment",
    Axis.EMOTIVE: "feeling beyond the facts, in the writer’s words",
    Axis.EMOTIVE_QUOTED: "the same in quoted or reported words",
    Axis.UNVERIFIED: "the claim is not independently established",
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a sentence under the same evidence throughout."""

    text: str
    evidence: tuple[Evidence, ...]

    @property
    def classes(self) -> str:
        """Style classes: axes, with their strength and voice."""
        return " ".join(
            f"{span.axis} {span.axis}-{'strong' if span.score >= _STRONG else 'weak'}"
            + (f" {span.axis}-quoted" if span.voice is Voice.QUOTED else "")
            for span in self.evidence
        )

    @property
    def spoken(self) -> str:
        """What a screen reader says before the words."""
        return ", ".join(
            f"{'strong' if span.score >= _STRONG else 'weak'} {_name(span.axis)}, {span.voice} voice"
            for span in self.evidence
        )

    @property
    def letters(self) -> str:
        """Letters of the axes, for print in black and white."""
        return "".join(_LETTERS[span.axis] for span in self.evidence)


def highlight(document: DocumentScores, *, title: str, model: str) -> str:
    """Render a scored document as one HTML page that needs no script and no other file.

    Parameters
    ----------
    title
        What the page is called, usually the file's name.
    model
        What is printed as the source of the scores: the hash of the checkpoint.

    Every piece of the document is escaped, and the page forbids scripts and connections by its content policy.
    """
    template, style = _template()
    page = template.render(
        title=title,
        model=model,
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        axes=[(axis.value, _name(axis), _LETTERS[axis], _ASKS[axis]) for axis in AXES],
        strong=_STRONG,
        language=document.language,
        foreign=document.foreign,
        summary=[(_name(axis), document.summary[axis]) for axis in AXES],
        groups=["all", *Voice],
        paragraphs=list(_paragraphs(document)),
        sentences=list(enumerate(document.sentences, 1)),
    )
    return printable(page)


def segments(sentence: SentenceScores) -> Iterator[Segment]:
    """Cut a sentence at the edges of its evidence."""
    opening: dict[int, list[Evidence]] = {}
    edges = {sentence.start, sentence.end}
    for span in sentence.evidence:
        opening.setdefault(span.start, []).append(span)
        edges |= {span.start, span.end}
    covering: list[Evidence] = []
    for left, right in pairwise(sorted(edges)):
        covering = [span for span in covering if span.end > left] + opening.get(left, [])
        covering.sort(key=lambda span: AXES.index(span.axis))
        yield Segment(sentence.text[left - sentence.start : right - sentence.start], tuple(covering))


def _paragraphs(document: DocumentScores) -> Iterator[list[tuple[int, SentenceScores, list[Segment]]]]:
    numbered = iter(enumerate(document.sentences, 1))
    item = next(numbered, None)
    for _, end in paragraphs(encodable(document.text)):
        inside: list[tuple[int, SentenceScores, list[Segment]]] = []
        while item is not None and item[1].start < end:
            inside.append((*item, list(segments(item[1]))))
            item = next(numbered, None)
        if inside:
            yield inside


def _name(axis: Axis) -> str:
    return axis.value.replace("_", ", ")


@cache
def _template() -> tuple[Template, str]:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("highlight.html.j2"), (Path(__file__).parent / "highlight.css").read_text("utf-8")
