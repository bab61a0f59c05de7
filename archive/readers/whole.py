"""A file that is one article, whatever turns its bytes into one."""

from collections.abc import Callable, Iterator

from ..partitions import Piece
from ..records import Article, Failure, Reading, Record, over_cap
from .streams import opened


def read_whole(
    piece: Piece,
    reading: Reading,
    parse: Callable[[bytes, dict[str, str | None], Reading, str, int], Article | Failure],
) -> Iterator[Record]:
    """Locate the one record of a file; more of it than the cap is not read."""
    with opened(piece.input) as stream:
        content = stream.bytes.read(reading.article_bytes + 1)
    source = piece.input.source

    def parsed() -> Article | Failure:
        if len(content) > reading.article_bytes:
            return Failure(source, 1, over_cap(reading.article_bytes))
        return parse(content, {"id": source}, reading, source, 1)

    yield Record(parsed, piece.input.size)
