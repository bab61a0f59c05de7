"""One article out of a file of any kind that is read."""

from collections.abc import Iterable
from pathlib import Path

from .inputs import Format, UsageError, find_inputs
from .job import Settings, plan
from .readers import read, require_extras
from .records import Article, Failure, Reading


def find_article(
    path: str,
    reading: Reading,
    name: str | None = None,
    forced: Format | None = None,
    exclude: Iterable[Path] = (),
) -> tuple[Article, Failure | None]:
    """One article of a file or folder, and the first failure that came before it.

    Parameters
    ----------
    name
        Id of the article; without it, the first one that can be read.
    forced, exclude
        As for :func:`find_inputs`.

    Raises
    ------
    UsageError
        Where the file cannot be read, or holds no such article.
    """
    files = find_inputs([path], forced, exclude).files
    require_extras(files)
    failure: Failure | None = None
    for partition in plan(files, Settings(reading)):
        for record in read(partition, reading):
            found = record.parse()
            if isinstance(found, Failure):
                failure = failure or found
            elif name in (None, found.id):
                return found, failure
    if failure and name is None:
        raise UsageError(str(failure))
    unread = f"; what could not be read begins with {failure}" if failure else ""
    raise UsageError(f"{path}: no article" + (f" with the id {name!r}" if name else "") + unread)
