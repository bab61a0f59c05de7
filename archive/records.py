"""What flows from the readers: articles, failures, and records that are not parsed yet."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..model.text import encodable, shown
from .fields import as_text, field, null_in

_FIELDS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Article:
    """One article, ready to be scored."""

    id: str
    text: str
    """What all offsets refer to, in code points."""
    source: str
    position: int
    kept: tuple[str | None, ...]
    """Values of the kept columns, in the order in which they were asked for."""
    extracted: bool
    """Whether the text was extracted from a page, so that it exists nowhere but here."""

    @property
    def characters(self) -> int:
        """How much text it holds in all."""
        return len(self.id) + len(self.text) + sum(len(value) for value in self.kept if value)


@dataclass(frozen=True, slots=True)
class Failure:
    """One record that could not become an article."""

    source: str
    position: int | None
    """Line, row, or number of the record; ``None`` where the file as a whole failed."""
    reason: str

    def __str__(self) -> str:
        place = self.source if self.position is None else f"{self.source}, {self.position}"
        return shown(f"{place}: {self.reason}")


@dataclass(frozen=True, slots=True)
class Record:
    """A record that was located but not parsed, so that a resumed job skips it at the cost of reading."""

    parse: Callable[[], Article | Failure]
    size: int
    """Bytes of the input that were read since the record before it, for the progress bar."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How records become articles."""

    text_field: str = "text"
    id_field: str | None = None
    """Without it, the field ``id`` where a record has one, else source and position."""
    keep: tuple[tuple[str, str], ...] = ()
    """Kept columns: name in the output, field of the input."""
    article_bytes: int = 4_000_000
    """Cap on one line, CSV record, page, text file or Parquet text, in bytes after decompression."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields that are read."""
        return self.text_field, self.id_field or "id", *(wanted for _, wanted in self.keep)


def to_article(
    fields: Mapping[str, Any], reading: Reading, source: str, position: int, *, extracted: bool = False
) -> Article | Failure:
    """Turn the fields of a record into an article, or say why that is impossible."""
    text = field(fields, reading.text_field)
    if not isinstance(text, str):
        return Failure(source, position, _no_text(fields, reading.text_field, text))
    if len(text) > reading.article_bytes:
        return Failure(source, position, over_cap(reading.article_bytes))
    if not any(character.isalnum() for character in text):
        return Failure(source, position, "empty: the text has no word")
    try:
        name = as_text(field(fields, reading.id_field or "id"))
        kept = tuple(as_text(field(fields, wanted)) for _, wanted in reading.keep)
    except RecursionError:  # JSON that could just be parsed
        return Failure(source, position, "the id or a field to keep is nested too deeply")
    except UnicodeDecodeError as error:  # a binary column
        return Failure(source, position, f"the id or a field to keep is {not_utf8(error)}")
    if name is None and reading.id_field is not None:
        return Failure(source, position, _missing(fields, reading.id_field, "--id-field"))
    return Article(
        id=f"{source}:{position}" if name is None else name,
        text=encodable(text),
        source=source,
        position=position,
        kept=kept,
        extracted=extracted,
    )


def over_cap(limit: int) -> str:
    """The reason given for whatever exceeds the cap."""
    return f"larger than the cap of {limit / 1e6:g} MB; `reportedly score` raises it with --max-article-mb"


def not_utf8(error: UnicodeDecodeError) -> str:
    """The reason given for bytes that are no UTF-8, with the usual remedy."""
    if error.object[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "looks like UTF-16, UTF-8 is expected; convert it (iconv -f UTF-16 -t UTF-8)"
    if b"\0" in error.object[:8192]:
        return "binary, not text"
    return (
        f"invalid UTF-8: byte 0x{error.object[error.start]:02X} at offset {error.start}; "
        "convert it (for example iconv -f WINDOWS-1252 -t UTF-8)"
    )


def _no_text(fields: Mapping[str, Any], name: str, value: Any) -> str:
    if value is not None:
        return f"field {name!r} holds {type(value).__name__}, expected text"
    return _missing(fields, name, "--text-field")


def _missing(fields: Mapping[str, Any], name: str, option: str) -> str:
    if null := null_in(fields, name):
        return f"empty: field {null!r} is null"
    names = [repr(str(name))[:40] for name in list(fields)[:_FIELDS_SHOWN]]
    more = ", …" if len(fields) > _FIELDS_SHOWN else ""
    remedy = wrong_delimiter(list(fields)) or f"name another with {option}"
    return f"no field {name!r}; there are {', '.join(names) or 'none'}{more}; {remedy}"


def named_twice(names: Sequence[str], wanted: Collection[str]) -> str | None:
    """What is wrong with a table that has a wanted column more than once: which is meant is not guessed at."""
    twice = next((name for name in names if name in wanted and names.count(name) > 1), None)
    return None if twice is None else f"several columns are called {twice!r}; rename one"


def wrong_delimiter(names: Sequence[Any]) -> str | None:
    """What to do about a header that came as one cell."""
    header = str(names[0]) if len(names) == 1 else ""
    delimiter = next((character for character in ";\t|," if character in header), None)
    return delimiter and (
        f"the names look parted by {delimiter!r}; convert the file, as .csv is read with commas and .tsv with tabs"
    )
