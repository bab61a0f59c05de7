"""Being asked to stop: once between two shards, twice or by SIGTERM at once."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class TerminatedError(BaseException):
    """SIGTERM came. Like ``KeyboardInterrupt`` it is no ``Exception``: nothing but the command catches it."""


@contextmanager
def stop_requests(announce: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Within the block, the first Ctrl-C is announced and remembered, the second raises ``KeyboardInterrupt``.

    Yields what tells whether a stop was asked for. For the main thread.
    """
    asked = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        announce()

    def terminate(number: int, frame: FrameType | None) -> None:
        raise TerminatedError

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, terminate)
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
