"""The manifest: what a job scores, with what, so that nothing else is continued under its name."""

import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .files import remove_partial, replacing
from .inputs import INPUTS, MANIFEST, Input, UsageError, job_beside
from .job import Settings
from .shards import COMMITS, TABLES, Commit, make_folders

LOCK = ".lock"
_FORMAT = 5


class RefusedError(UsageError):
    """An output that is in use, holds something else, or was begun with something else. The message says which."""


@dataclass(frozen=True, slots=True)
class Model:
    """What scores: part of what a job must not change."""

    hash: str
    thresholds: dict[str, float]
    backend: str
    """As in ``torch cpu fp32``: another one gives other last digits."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What a finished job has counted. ``records`` is always ``articles + errors``."""

    records: int
    articles: int
    errors: int
    sentences: int
    foreign: int
    """Articles that are surely not in English."""
    marked_up: int
    """Articles whose text is HTML still."""
    shards: int
    filled: dict[str, int]
    """Articles that have a value in each kept column."""


def add_up(commits: Sequence[Commit]) -> Totals:
    """The totals of all shards."""
    filled: Counter[str] = Counter()
    for commit in commits:
        filled.update(commit.filled)
    return Totals(
        records=sum(commit.records for commit in commits),
        articles=sum(commit.articles for commit in commits),
        errors=sum(commit.errors for commit in commits),
        sentences=sum(commit.sentences for commit in commits),
        foreign=sum(commit.foreign for commit in commits),
        marked_up=sum(commit.marked_up for commit in commits),
        shards=len(commits),
        filled=dict(filled),
    )


def holds_job(folder: Path) -> bool:
    """Whether a folder holds a job, rather than nothing yet.

    Raises
    ------
    RefusedError
        Where it holds something else.
    """
    names = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    if MANIFEST in names:
        _stored(folder / MANIFEST)
        return True
    # what a job leaves that is killed before it has a manifest
    begun = {LOCK, INPUTS, COMMITS, *TABLES}
    if any(name not in begun and not name.startswith((f".{INPUTS}.", f".{MANIFEST}.")) for name in names):
        raise RefusedError(f"{folder}: holds files that are not of a reportedly job; name another place")
    return False


def begin(
    folder: Path,
    files: Sequence[Input],
    settings: Settings,
    model: Model,
    articles: str | None,
    *,
    resume: bool,
    overwrite: bool,
) -> Totals | None:
    """Make a folder ready for a job: a new one, or the one that it holds already.

    To be called under the lock, on a folder that :func:`holds_job` lets pass. Returns the totals of a job that is
    finished, else ``None``.

    Parameters
    ----------
    articles
        Where the file of articles goes, seen from the folder that the output is in.

    Raises
    ------
    RefusedError
        Where the folder holds a job that differs or was not asked to be resumed.
    """
    description = _describe(files, settings, model, articles)
    if (folder / MANIFEST).is_file() and not overwrite:
        stored = _read(folder / MANIFEST)
        state = "finished" if stored["totals"] else "unfinished"
        if not resume:
            raise RefusedError(f"{folder}: holds {_article(state)} job; --resume continues it, --overwrite replaces it")
        if difference := _difference(folder, stored, description, files):
            raise RefusedError(
                f"{folder}: cannot resume, {difference}; undo that, or --overwrite to score everything again"
            )
        make_folders(folder)
        for name in (".", *TABLES, COMMITS):
            remove_partial(folder / name)
        return Totals(**stored["totals"]) if stored["totals"] else None
    clear(folder)
    make_folders(folder)
    with replacing(folder / INPUTS) as stream:
        stream.writelines(_input_lines(files))
    _write(folder, description, None)
    return None


def is_unfinished(folder: Path) -> bool:
    """Whether a folder holds a job of which a part is still to be done."""
    try:
        return (folder / MANIFEST).is_file() and _stored(folder / MANIFEST).get("totals") is None
    except RefusedError:  # something else's manifest
        return False


def described(table: Path) -> dict[str, Any] | None:
    """The manifest of the job that wrote a folder, or a file beside it; ``None`` where the table is away from it."""
    folder = table if table.is_dir() else job_beside(table)
    try:
        return _read(folder / MANIFEST)
    except (FileNotFoundError, RefusedError):
        return None


def finish(folder: Path, totals: Totals) -> None:
    """Write down that all is done."""
    _write(folder, _read(folder / MANIFEST), totals)


def clear(folder: Path) -> None:
    """Remove a job from its folder, and nothing else: first its manifest, so that no half of it looks whole."""
    (folder / MANIFEST).unlink(missing_ok=True)
    drop_shards(folder)
    (folder / INPUTS).unlink(missing_ok=True)
    remove_partial(folder)


def drop_shards(folder: Path) -> None:
    """Remove the shards and their commits."""
    for name in (COMMITS, *TABLES):
        if (place := folder / name).is_dir():
            for file in place.glob("part-*"):
                file.unlink()
            remove_partial(place)
            if not any(place.iterdir()):
                place.rmdir()


def _describe(files: Sequence[Input], settings: Settings, model: Model, articles: str | None) -> dict[str, Any]:
    digest = hashlib.sha256()
    for line in _input_lines(files):
        digest.update(line)
    description = {
        "format": _FORMAT,
        "version": version("reportedly"),
        "model": asdict(model),
        "settings": asdict(settings),
        "articles": articles,
        "inputs": {"files": len(files), "bytes": sum(file.size for file in files), "sha256": digest.hexdigest()},
    }
    plain: dict[str, Any] = json.loads(json.dumps(description))
    return plain


def _input_lines(files: Iterable[Input]) -> Iterator[bytes]:
    for file in files:
        yield (
            json.dumps(
                {"path": file.source, "format": file.format, "size": file.size, "modified": file.modified}
            ).encode("ascii")
            + b"\n"
        )


def _difference(folder: Path, stored: dict[str, Any], wanted: dict[str, Any], files: Sequence[Input]) -> str | None:
    """The first thing in which two jobs differ, in words."""
    if stored["inputs"] != wanted["inputs"]:
        with (folder / INPUTS).open("rb") as lines:
            for before, now in itertools.zip_longest(lines, _input_lines(files)):
                if before != now:
                    return _input_difference(before, now)
    before, now = (dict(_leaves(description)) for description in (stored, wanted))
    for name in sorted(before.keys() | now.keys()):
        if not name.startswith(("inputs.", "totals")) and before.get(name) != now.get(name):
            return f"{name} was {before.get(name)} and is {now.get(name)}"
    return None


def _input_difference(before: bytes | None, now: bytes | None) -> str:
    old, new = (json.loads(line) if line else None for line in (before, now))
    if old is None or new is None or old["path"] != new["path"]:
        names = [f"{one['path']}" if one else "nothing more" for one in (old, new)]
        return f"the inputs are others: {names[0]} was next, now {names[1]} is"
    return f"the input {old['path']} has changed since the job began"


def _leaves(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, part in value.items():
        if isinstance(part, dict):
            yield from _leaves(part, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", part


def _article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _read(file: Path) -> dict[str, Any]:
    stored = _stored(file)
    if stored["format"] != _FORMAT:
        raise RefusedError(f"{file}: written by another version of reportedly; --overwrite replaces it")
    return stored


def _stored(file: Path) -> dict[str, Any]:
    """A manifest of any version."""
    try:
        stored = json.loads(file.read_bytes())
    except ValueError:
        stored = None
    if not (isinstance(stored, dict) and {"format", "settings", "inputs"} <= stored.keys()):
        raise RefusedError(f"{file}: not the manifest of a reportedly job; name another place")
    return stored


def _write(folder: Path, description: dict[str, Any], totals: Totals | None) -> None:
    with replacing(folder / MANIFEST) as stream:
        content = {**description, "totals": asdict(totals) if totals else None}
        stream.write(json.dumps(content, indent=1).encode("ascii") + b"\n")
