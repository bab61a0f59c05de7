"""Byte streams of inputs, decompressed, and their lines under a cap."""

import bz2
import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from ..inputs import STANDARD_INPUT, Input

_BLOCK = 1 << 16
_LONGEST_SKIP = 1 << 30
"""Bytes of one over-long line that are passed over in search of its end; a bomb has more."""


_LARGEST_EXPANSION = 200
_ALWAYS_UNPACKED = 1 << 28
"""Bytes that a compressed file may grow to whatever its size; from there on it is held to its expansion."""


class BombError(OSError):
    """Data made to exhaust its reader. It carries no errno: the data is at fault, not the storage."""


_AT_ONCE = 1 << 12
"""Bytes asked for at once: what is unpacked together with damage is lost."""
_READERS: dict[str, Callable[[BinaryIO], Callable[[int], bytes]]] = {
    # these give what comes before the end of a torn file, of which pyarrow gives nothing in a request that meets it
    "gzip": lambda packed: gzip.GzipFile(fileobj=packed).read1,
    "bz2": lambda packed: bz2.BZ2File(packed).read1,
    "zstd": lambda packed: pa.input_stream(packed, compression="zstd", buffer_size=0).read,
}
"""By compression, what gives some bytes, none at the end."""


class _Unpacked(io.RawIOBase):
    """A decompressed stream that breaks off where it has outgrown the stored file out of all proportion."""

    def __init__(self, packed: BinaryIO, compression: str) -> None:
        self._packed = packed
        self._read = _READERS[compression](packed)
        self._given = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """See :class:`io.RawIOBase`."""
        try:
            block = self._read(min(len(buffer), _AT_ONCE))
        except (EOFError, zlib.error) as error:
            raise OSError(str(error)) from error
        count = len(block)
        buffer[:count] = block
        self._given += count
        if self._given > max(_ALWAYS_UNPACKED, _LARGEST_EXPANSION * self._packed.tell()):
            raise BombError(f"grows to more than {_LARGEST_EXPANSION} times its size when unpacked")
        return count


@dataclass(frozen=True, slots=True)
class Stream:
    """An opened input."""

    bytes: BinaryIO
    """Decompressed and buffered."""
    consumed: Callable[[], int]
    """Bytes of the stored file that were read so far."""


@contextmanager
def opened(file: Input) -> Iterator[Stream]:
    """Open an input and decompress it as it is read."""
    if file.path == STANDARD_INPUT:
        yield Stream(sys.stdin.buffer, lambda: 0)
        return
    with Path(file.path).open("rb", buffering=0) as raw:
        if file.compression is None:
            with io.BufferedReader(raw, _BLOCK) as buffered:
                yield Stream(buffered, buffered.tell)
        else:
            yield Stream(io.BufferedReader(_Unpacked(raw, file.compression), _BLOCK), raw.tell)


def capped_lines(stream: BinaryIO, limit: int) -> Iterator[bytes | None]:
    """Yield lines with their newline; ``None`` in place of a line of more than ``limit`` bytes.

    Raises
    ------
    BombError
        Where an over-long line does not end within a gigabyte.
    """
    while line := stream.readline(limit + 1):
        if len(line) <= limit or line.endswith(b"\n"):
            yield line
            continue
        skip_line(stream)
        yield None


def skip_line(stream: BinaryIO) -> None:
    """Read to the end of the current line without holding it."""
    skipped = 0
    while part := stream.readline(_BLOCK):
        skipped += len(part)
        if part.endswith(b"\n"):
            return
        if skipped > _LONGEST_SKIP:
            raise BombError("a line goes on past 1 GB")
