"""JSON Lines: one object per line."""

import json
from collections.abc import Iterator
from functools import partial

from ..inputs import STANDARD_INPUT
from ..partitions import Piece
from ..records import Article, Failure, Reading, Record, not_utf8, over_cap, to_article
from .streams import capped_lines, opened

_BOM = b"\xef\xbb\xbf"


def read(piece: Piece, reading: Reading) -> Iterator[Record]:
    """Locate the lines of a file or of a range of its bytes. Blank lines are no records."""
    with opened(piece.input) as stream:
        if piece.start:
            stream.bytes.seek(piece.start)
        at = piece.start
        for number, line in enumerate(capped_lines(stream.bytes, reading.article_bytes), piece.first):
            consumed = stream.consumed()
            if line is None or line.strip():
                yield Record(partial(_parse, line, reading, piece.input.source, number), consumed - at)
                at = consumed
            if piece.stop is not None and consumed >= piece.stop:
                return


def _parse(line: bytes | None, reading: Reading, source: str, number: int) -> Article | Failure:
    if line is None:
        return Failure(source, number, over_cap(reading.article_bytes))
    try:
        value = json.loads(line.removeprefix(_BOM).rstrip().decode("utf-8"))
    except UnicodeDecodeError as error:
        return Failure(source, number, not_utf8(error))
    except json.JSONDecodeError as error:
        hint = "; --format says what standard input holds" if source == STANDARD_INPUT and number == 1 else ""
        return Failure(source, number, f"broken JSON: {error.msg} at column {error.colno}{hint}")
    except RecursionError:
        return Failure(source, number, "broken JSON: nested too deeply")
    except ValueError as error:  # an integer of thousands of digits
        return Failure(source, number, f"broken JSON: {error}")
    if not isinstance(value, dict):
        hint = " (jq -c '.[]' makes lines of an array)" if isinstance(value, list) else ""
        return Failure(source, number, f"the line holds {type(value).__name__}, expected a JSON object{hint}")
    return to_article(value, reading, source, number)
