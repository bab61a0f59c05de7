"""One article out of a file of any kind that is read."""

from .inputs import UsageError, find_inputs
from .job import Settings, plan
from .readers import read, require_extras
from .records import Failure, Reading


def find_article(path: str, reading: Reading, name: str | None = None) -> tuple[str, str]:
    """The id and the text of one article of a file.

    Parameters
    ----------
    name
        Id of the article; without it, the first one that can be read.

    Raises
    ------
    UsageError
        Where the file cannot be read, or holds no such article.
    """
    files = find_inputs([path]).files
    require_extras(files)
    failures: list[Failure] = []
    for partition in plan(files, Settings(reading)):
        for record in read(partition, reading):
            found = record.parse()
            if isinstance(found, Failure):
                failures.append(found)
            elif name in (None, found.id):
                return found.id, found.text
    if failures and name is None:
        raise UsageError(str(failures[0]))
    raise UsageError(f"{path}: no article" + (f" with the id {name!r}" if name else ""))
