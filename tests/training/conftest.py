"""What several tests of training do to it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest


@pytest.fixture
def stopped_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], AbstractContextManager[None]]:
    """A context in which a run is stopped, as by Ctrl-C, once it has so many epochs."""
    from reportedly.training.trainer import Trainer

    epoch = Trainer._epoch

    @contextmanager
    def stop(epochs: int) -> Iterator[None]:
        def until(self, number, console):
            if number == epochs:
                raise KeyboardInterrupt
            return epoch(self, number, console)

        with monkeypatch.context() as patch:
            patch.setattr(Trainer, "_epoch", until)
            yield

    return stop
