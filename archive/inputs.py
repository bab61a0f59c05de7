"""Which files a job reads: paths, folders, globs and standard input, in a fixed order."""

import glob
import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

STANDARD_INPUT = "-"


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
    """Files of a kind that cannot be read, counted by ending."""


def find_inputs(paths: Iterable[str], forced: Format | None = None, exclude: Iterable[Path] = ()) -> Inputs:
    """Expand paths, folders and globs into files, each once, folders in the order of their names.

    Folders are walked without following linked folders, and hidden files are passed over.

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
    found: dict[str, Input] = {}
    left_out: Counter[str] = Counter()
    for path, named in _expand(paths):
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
        kind, compression = _kind(path)
        if (kind := kind or forced) is None:
            if named:
                raise UsageError(
                    f"{path}: unknown ending; known are {', '.join(FORMATS)}, each also with "
                    f"{', '.join(COMPRESSIONS)}; for another, name its --format"
                )
            left_out[Path(path).suffix.lower() or "no ending"] += 1
            continue
        status = Path(path).stat()
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(f"{path}: not a regular file; pipe it in and read standard input (-)")
        found.setdefault(os.path.realpath(path), Input(path, kind, compression, status.st_size, status.st_mtime_ns))
    if not found:
        kinds = (
            f" (left out: {', '.join(f'{count} {ending}' for ending, count in left_out.items())})" if left_out else ""
        )
        raise UsageError(f"{', '.join(paths)}: nothing to read{kinds}; known endings are {', '.join(FORMATS)}")
    return Inputs(tuple(found.values()), dict(left_out))


def _expand(paths: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield each file with whether its user named it, rather than the folder or pattern that it was found by."""
    for path in paths:
        if path == STANDARD_INPUT:
            yield path, True
        elif Path(path).is_dir():
            yield from ((file, False) for file in _walk(path))
        elif Path(path).exists():
            yield path, True
        elif matches := _matches(Path(path)):
            for match in matches:
                yield from ((file, False) for file in (_walk(match) if Path(match).is_dir() else (match,)))
        else:
            raise UsageError(f"{path}: no such file or folder")


def _matches(pattern: Path) -> list[str]:
    """What a pattern finds, but for hidden names (unless it spells the dot) and what lies behind a linked folder."""
    plain = next((at for at, part in enumerate(pattern.parts) if glob.has_magic(part)), None)
    if plain is None:
        return []
    root, rest = Path(*pattern.parts[:plain]), Path(*pattern.parts[plain:])
    try:
        found = sorted(root.glob(str(rest)))
    except ValueError as error:
        raise UsageError(f"{pattern}: {error}") from None
    return [str(path) for path in found if path.exists() and not _is_passed_over(path.relative_to(root), root, rest)]


def _is_passed_over(path: Path, root: Path, pattern: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)
    asked_for = any(part.startswith(".") for part in pattern.parts)
    folders = [root / path, *(root / above for above in path.parents)][: len(path.parts)]
    return (hidden and not asked_for) or any(folder.is_symlink() and folder.is_dir() for folder in folders)


def _walk(folder: str) -> Iterator[str]:
    with os.scandir(folder) as scan:
        entries = sorted((entry for entry in scan if not entry.name.startswith(".")), key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)
        elif entry.is_file():
            yield entry.path


def _kind(path: str) -> tuple[Format | None, str | None]:
    name = Path(path)
    compression = COMPRESSIONS.get(name.suffix.lower())
    return FORMATS.get((Path(name.stem) if compression else name).suffix.lower()), compression
