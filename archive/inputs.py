"""Which files a job reads: paths, folders, globs and standard input, in a fixed order."""

import glob
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

STANDARD_INPUT = "-"
MANIFEST = "manifest.json"
INPUTS = "inputs.jsonl"
"""What the folder of a job holds beside its tables."""
_ERRORS = ".errors"
"""What the name of the errors has more than that of the sentences, before its ending."""


class UsageError(ValueError):
    """Something in the command that its user has to change. The message says what."""


class Format(StrEnum):
    """A kind of file that can be read."""

    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"
    PARQUET = "parquet"
    TEXT = "text"
    HTML = "html"
    WARC = "warc"


FORMATS = {
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".parquet": Format.PARQUET,
    ".txt": Format.TEXT,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".warc": Format.WARC,
}
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2"}


@dataclass(frozen=True, slots=True)
class Input:
    """One file of the archive, as it was when the job began."""

    path: str
    format: Format
    compression: str | None
    size: int
    modified: int | None
    """Time of the last change in nanoseconds; ``None`` for standard input, which has none."""

    @property
    def source(self) -> str:
        """The path as tables carry it: encodable whatever bytes the file's name is made of."""
        return os.fsencode(self.path).decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class Inputs:
    """All files of a job, and what was left out of its folders."""

    files: tuple[Input, ...]
    left_out: dict[str, int]
    """What was passed over in folders and patterns, in words and how often: ``{".pdf files": 3}``."""


def job_beside(file: Path) -> Path:
    """The folder of the job whose output is one file."""
    return file.with_name(f"{file.name}.job")


def errors_beside(file: Path) -> Path:
    """Where that job lists what it could not read."""
    return file.with_stem(f"{file.stem}{_ERRORS}")


def find_inputs(paths: Iterable[str], forced: Format | None = None, exclude: Iterable[Path] = ()) -> Inputs:
    """Expand paths, folders and globs into files, each once, folders in the order of their names.

    Folders are walked without following linked folders, which are counted, and hidden files are passed over.

    Parameters
    ----------
    paths
        Files, folders, glob patterns, or ``-`` for standard input.
    forced
        Format of standard input (JSON Lines by default) and of files whose ending is not known.
    exclude
        Places of the job's own output, which are passed over in folders and patterns.

    Raises
    ------
    UsageError
        Where a path does not exist, is of no known kind or is named and excluded, or there is nothing to read.
    """
    out_of_bounds = {path.resolve() for path in exclude}
    written_by_job = _known_jobs()
    found: dict[str, Input] = {}
    left_out: Counter[str] = Counter()
    links: dict[str, str] = {}
    for path, named in _expand(paths, links):
        if path == STANDARD_INPUT:
            if forced is Format.PARQUET:
                raise UsageError("standard input: Parquet is read from its end, which a pipe has not; name a file")
            found[path] = Input(path, forced or Format.JSONL, None, 0, None)
            continue
        if out_of_bounds and not out_of_bounds.isdisjoint((resolved := Path(path).resolve(), *resolved.parents)):
            if named:
                raise UsageError(
                    f"{path}: is where the output goes; name another output, or leave it out of the inputs "
                    "(a folder or a quoted pattern passes over it)"
                )
            continue
        if not named and written_by_job(Path(path)):
            left_out["tables of a reportedly job"] += 1
            continue
        kind, compression = _kind(path)
        if (kind := kind or forced) is None:
            if named:
                raise UsageError(
                    f"{path}: unknown ending; known are {', '.join(FORMATS)}, each also with "
                    f"{', '.join(COMPRESSIONS)}; for another, --format says what it holds"
                )
            ending = Path(path).suffix.lower()
            left_out[f"{ending} files" if ending else "files without an ending"] += 1
            continue
        status = Path(path).stat()
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(f"{path}: not a regular file; pipe it in and read standard input (-)")
        found.setdefault(os.path.realpath(path), Input(path, kind, compression, status.st_size, status.st_mtime_ns))
    left_out.update(links.values())
    if not found:
        kinds = f" (left out: {', '.join(f'{count} {what}' for what, count in left_out.items())})" if left_out else ""
        raise UsageError(f"{', '.join(paths)}: nothing to read{kinds}; known endings are {', '.join(FORMATS)}")
    return Inputs(tuple(found.values()), dict(left_out))


def _expand(paths: Iterable[str], links: dict[str, str]) -> Iterator[tuple[str, bool]]:
    """Yield each file with whether its user named it, rather than the folder or pattern that it was found by."""
    for path in paths:
        if path == STANDARD_INPUT:
            yield path, True
        elif Path(path).is_dir():
            yield from ((file, False) for file in _matches(path, _ALL_BELOW, links))
        elif Path(path).exists():
            yield path, True
        elif matches := sorted(set(_matches("", path.split("/"), links))):
            for match in matches:
                below = _matches(match, _ALL_BELOW, links) if Path(match).is_dir() else (match,)
                yield from ((file, False) for file in below)
        else:
            raise UsageError(f"{path}: no such file or folder")


_ALL_BELOW = ("**",)


def _matches(folder: str, parts: Sequence[str], links: dict[str, str]) -> Iterator[str]:
    """What a pattern finds, as :func:`glob.glob` does, but through no linked folder: links may loop, and lead out.

    Those, and links that lead nowhere, are noted in ``links``, by path.
    """
    name, *rest = parts
    if not glob.has_magic(name):
        path = os.path.join(folder, name) if folder or name else os.sep  # noqa: PTH118 - names stay as they were given
        if not rest and os.path.exists(path):  # noqa: PTH110
            yield path
        elif rest and os.path.isdir(path):  # noqa: PTH112
            yield from _matches(path, rest, links)
        return
    inner = parts if name == "**" else rest  # "**" is any number of folders, none too
    if name == "**" and rest:
        yield from _matches(folder, rest, links)
    with os.scandir(folder or os.curdir) as scan:
        entries = [entry for entry in scan if name.startswith(".") or not entry.name.startswith(".")]
    for entry in sorted(entries, key=lambda entry: entry.name):
        if name != "**" and not fnmatch(entry.name, name):
            continue
        path = os.path.join(folder, entry.name)  # noqa: PTH118
        if entry.is_dir(follow_symlinks=False):
            yield from _matches(path, inner, links) if inner else (path,)
        elif entry.is_symlink() and os.path.isdir(path):  # noqa: PTH112
            links[path] = "links to folders"
        elif rest:
            continue
        elif entry.is_symlink() and not os.path.exists(path):  # noqa: PTH110 - one to itself, too
            links[path] = "links that lead nowhere"
        elif entry.is_file():
            yield path


def _known_jobs() -> Callable[[Path], bool]:
    """Whether a job wrote a file: into its folder, which is looked at once, or beside it, sentences or errors."""

    def is_job(folder: Path) -> bool:
        return (folder / MANIFEST).is_file() and (folder / INPUTS).is_file()

    is_known = cache(is_job)

    def written_by_job(file: Path) -> bool:
        if file.suffix.lower() not in (".parquet", ".jsonl"):
            return False
        sentences = file.with_stem(file.stem.removesuffix(_ERRORS))
        return is_job(job_beside(sentences)) or any(map(is_known, file.parents))

    return written_by_job


def _kind(path: str) -> tuple[Format | None, str | None]:
    name = Path(path)
    compression = COMPRESSIONS.get(name.suffix.lower())
    return FORMATS.get((Path(name.stem) if compression else name).suffix.lower()), compression
