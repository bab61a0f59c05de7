"""The cases: what a file of them holds, and how templates become cases. The format is told in ``README.md`` here."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from ...model.axes import AXES, Axis

_Member = TypeVar("_Member", bound=StrEnum)
CASES = Path(__file__).parent / "cases"


class BehaviourError(ValueError):
    """A file of cases that cannot be used. The message names the file, the group, the field and the remedy."""


class Kind(StrEnum):
    """What a case tries, after CheckList (Ribeiro et al. 2020, section 2.2)."""

    MINIMUM = "minimum"
    """A single text with a known answer."""
    INVARIANCE = "invariance"
    """A change of the text that must leave the scores alone."""
    DIRECTION = "direction"
    """A change of the text that must move a score one way."""


class Expectation(StrEnum):
    """What a case asks of an axis."""

    PRESENT = "present"
    """The last text is flagged at the scorer's threshold."""
    ABSENT = "absent"
    """The last text is not flagged."""
    RAISES = "raises"
    """The score of the second text exceeds that of the first by more than the margin."""
    LOWERS = "lowers"
    """The score of the second text falls short of that of the first by more than the margin."""
    MOVES = "moves"
    """Of two axes the first text is flagged on the first alone, and the second text on the second alone."""
    SAME = "same"
    """No two texts differ by more than the tolerance in score, and all or none are flagged."""


@dataclass(frozen=True, slots=True)
class Case:
    """One or more texts and what is asked of their scores."""

    id: str
    """File, group and place in the group; stable as long as cases are appended."""
    kind: Kind
    group: str
    texts: tuple[str, ...]
    """One; or before and after; or all variants of a swap."""
    expect: Mapping[Expectation, tuple[Axis, ...]]
    reason: str
    margin: float = 0.05
    """Least change of a score that counts as one, for *raises* and *lowers*."""
    tolerance: float = 0.05
    """Largest change of a score that counts as none, for *same*."""
    attribute: str | None = None
    """What is swapped, as in ``"religion"``."""
    variants: tuple[str, ...] = ()
    """Name of each text of a swap, as in ``"Hindu"``."""


_TEXTS_NEEDED = {
    Expectation.PRESENT: (1, None),
    Expectation.ABSENT: (1, None),
    Expectation.RAISES: (2, 2),
    Expectation.LOWERS: (2, 2),
    Expectation.MOVES: (2, 2),
    Expectation.SAME: (2, None),
}
_FILE_FIELDS = {"kind", "entities", "groups"}
_GROUP_FIELDS = {"group", "reason", "expect", "cases", "margin", "tolerance", "each", "swap", "rewrite"}
_CASE_FIELDS = {"text", "expect", "reason"}

_STRAIGHT = str.maketrans("“”‘’", "\"\"''")
REWRITES: Mapping[str, Callable[[str], str]] = {
    "straight quotes": lambda text: text.translate(_STRAIGHT),
    "lower first letter": lambda text: re.sub(r"[^\W\d_]", lambda letter: letter[0].lower(), text, count=1),
}


def load_cases(folder: Path = CASES) -> tuple[Case, ...]:
    """Read every ``*.yaml`` of a folder, by name, and expand its templates. The order is always the same.

    Raises
    ------
    BehaviourError
        For a file that is not what ``README.md`` describes.
    """
    cases = tuple(case for file in sorted(folder.glob("*.yaml")) for case in _cases_of_file(file))
    if not cases:
        raise BehaviourError(f"{folder}: holds no *.yaml with cases")
    return cases


def _cases_of_file(file: Path) -> Iterator[Case]:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise BehaviourError(f"{file}: not valid YAML: {error}") from None
    where = str(file)
    _require(document, where, _FILE_FIELDS, {"kind", "groups"})
    kind = _member(Kind, document["kind"], f"{where}: field kind")
    seen: set[str] = set()
    for index, group in enumerate(document["groups"]):
        _require(group, f"{where}: groups[{index}]", _GROUP_FIELDS, {"group", "reason", "expect", "cases"})
        name = group["group"]
        if name in seen:
            raise BehaviourError(f"{where}: group {name!r} stands twice; give it another name")
        seen.add(name)
        slug = f"{file.stem}/{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}"
        yield from _cases_of_group(group, kind, slug, document.get("entities", {}), f"{where}: group {name!r}")


def _cases_of_group(
    group: Mapping[str, Any], kind: Kind, slug: str, entities: Mapping[str, Any], where: str
) -> Iterator[Case]:
    number = 0
    for entry in group["cases"]:
        if not isinstance(entry, Mapping):
            entry = {"text": entry}
        here = f"{where}, case {number + 1}"
        _require(entry, here, _CASE_FIELDS, {"text"})
        templates = tuple(entry["text"]) if isinstance(entry["text"], list) else (entry["text"],)
        if not all(isinstance(template, str) and template for template in templates):
            raise BehaviourError(
                f"{here}: field text must be a string or a list of strings; quote it if YAML misreads it"
            )
        for texts, variants in _expand(templates, group, entities, here):
            number += 1
            yield Case(
                id=f"{slug}/{number}",
                kind=kind,
                group=group["group"],
                texts=texts,
                expect=_expectations(entry.get("expect", group["expect"]), len(texts), here),
                reason=entry.get("reason", group["reason"]),
                attribute=group.get("swap"),
                variants=variants,
                **{name: float(group[name]) for name in ("margin", "tolerance") if name in group},
            )


def _expand(
    templates: tuple[str, ...], group: Mapping[str, Any], entities: Mapping[str, Any], where: str
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Texts of each case that an entry stands for, with the names of the variants where entities are swapped."""
    modes = [mode for mode in ("each", "swap", "rewrite") if mode in group]
    if len(modes) > 1:
        raise BehaviourError(f"{where}: fields {' and '.join(modes)} exclude each other; keep one")
    if modes and modes != ["each"] and len(templates) != 1:
        raise BehaviourError(f"{where}: field {modes[0]} makes the second text itself; give one text")
    if "each" in group:
        for row in group["each"]:
            yield tuple(_fill(template, row, where) for template in templates), ()
    elif "swap" in group:
        attribute = group["swap"]
        if attribute not in entities:
            raise BehaviourError(f"{where}: field swap: {attribute!r} is not among the file's entities")
        rows = [row if isinstance(row, Mapping) else {attribute: row} for row in entities[attribute]]
        yield tuple(_fill(templates[0], row, where) for row in rows), tuple(next(iter(row.values())) for row in rows)
    elif "rewrite" in group:
        if group["rewrite"] not in REWRITES:
            raise BehaviourError(f"{where}: field rewrite: {group['rewrite']!r} is none of {', '.join(REWRITES)}")
        yield (templates[0], REWRITES[group["rewrite"]](templates[0])), ()
    else:
        yield templates, ()


def _fill(template: str, row: Mapping[str, str], where: str) -> str:
    try:
        filled = template.format_map(row)
    except (KeyError, ValueError, IndexError) as error:
        raise BehaviourError(f"{where}: {template!r} cannot be filled from {dict(row)}: {error!r}") from None
    return filled[:1].upper() + filled[1:]


def _expectations(document: Any, texts: int, where: str) -> dict[Expectation, tuple[Axis, ...]]:
    """``{present: [hedging], absent: others}`` with *others* and *all* spelt out."""
    if not isinstance(document, Mapping) or not document:
        raise BehaviourError(f"{where}: field expect must map expectations to axes, as in present: [hedging]")
    named = [axis for axes in document.values() if isinstance(axes, list) for axis in axes]
    expect: dict[Expectation, tuple[Axis, ...]] = {}
    for name, axes in document.items():
        expectation = _member(Expectation, name, f"{where}: field expect")
        if axes in ("all", "others"):
            expect[expectation] = tuple(axis for axis in AXES if axis not in named)
        elif isinstance(axes, list):
            expect[expectation] = tuple(_member(Axis, axis, f"{where}: field expect.{name}") for axis in axes)
        else:
            raise BehaviourError(f"{where}: field expect.{name} must be a list of axes, all, or others")
        least, most = _TEXTS_NEEDED[expectation]
        if texts < least or (most is not None and texts > most):
            raise BehaviourError(
                f"{where}: {name} needs {'at least ' if most is None else ''}{least} text(s), not {texts}"
            )
        if expectation is Expectation.MOVES and len(expect[expectation]) != 2:
            raise BehaviourError(f"{where}: moves needs two axes, from and to")
    axes_asked = [axis for axes in expect.values() for axis in axes]
    if len(set(axes_asked)) < len(axes_asked):
        raise BehaviourError(f"{where}: field expect names an axis twice; ask one thing of each axis")
    return expect


def _member(kind: type[_Member], value: Any, where: str) -> _Member:
    try:
        return kind(value)
    except ValueError:
        raise BehaviourError(f"{where}: {value!r} is none of {', '.join(kind)}") from None


def _require(document: Any, where: str, known: set[str], needed: set[str]) -> None:
    if not isinstance(document, Mapping):
        raise BehaviourError(f"{where}: must be a mapping with the fields {', '.join(sorted(needed))}")
    if unknown := sorted(set(document) - known):
        raise BehaviourError(f"{where}: unknown field {unknown[0]!r}; known are {', '.join(sorted(known))}")
    if missing := sorted(needed - set(document)):
        raise BehaviourError(f"{where}: field {missing[0]!r} is missing")
