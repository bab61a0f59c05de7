"""Reading ahead in a thread, so that the scorer does not wait for files, pages and decompression."""

import functools
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")


def prefetch(items: Iterator[T], weight: Callable[[T], int], capacity: int) -> Iterator[T]:
    """Yield the items of an iterator that runs ahead in a thread of its own.

    What is held ahead weighs no more than ``capacity``, or is one item. An error of the iterator is raised
    where its item would have been. Closing the generator stops the thread at its next item.
    """
    ahead: deque[tuple[T, int]] = deque()
    changed = threading.Condition()
    held = 0
    ended = closed = False
    error: BaseException | None = None

    def room(size: int) -> bool:
        return closed or not ahead or held + size <= capacity

    def fill() -> None:
        nonlocal held, ended, error
        try:
            for item in items:
                size = weight(item)
                with changed:
                    changed.wait_for(functools.partial(room, size))
                    if closed:
                        return
                    ahead.append((item, size))
                    held += size
                    changed.notify_all()
        except BaseException as raised:  # handed over to the reader of the queue
            error = raised
        finally:
            with changed:
                ended = True
                changed.notify_all()

    threading.Thread(target=fill, name="reader", daemon=True).start()
    try:
        while True:
            with changed:
                changed.wait_for(lambda: ahead or ended)
                if not ahead:
                    break
                item, size = ahead.popleft()
                held -= size
                changed.notify_all()
            yield item
        if error is not None:
            raise error
    finally:
        with changed:
            closed = True
            changed.notify_all()
