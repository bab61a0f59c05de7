"""What a job tells while it runs."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from .shards import Commit


class Silent:
    """Tells nothing."""

    def done(self, size: int) -> None:
        """So many more bytes of the inputs are scored, could not be read, or were passed over."""

    def scored(self, articles: int = 1) -> None:
        """So many more articles have been scored."""

    def failed(self, records: int = 1) -> None:
        """So many more records could not be read."""

    def committed(self, commit: Commit) -> None:
        """A shard has been finished."""


class Bar(Silent):
    """A bar with articles per second and the time left; a line per shard where there is no terminal."""

    def __init__(self, console: Console, total_bytes: int) -> None:
        self._console = console
        self._articles = self._errors = 0
        self._progress = Progress(
            TextColumn("scoring"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[articles]:,} articles"),
            _ArticlesPerSecond(),
            TextColumn("{task.fields[errors]:,} not read"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            speed_estimate_period=120,
        )
        self._task = self._progress.add_task("", total=total_bytes or None, articles=0, errors=0)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def done(self, size: int) -> None:
        """See :class:`Silent`."""
        self._progress.advance(self._task, size)

    def scored(self, articles: int = 1) -> None:
        """See :class:`Silent`."""
        self._articles += articles
        self._progress.update(self._task, articles=self._articles)

    def failed(self, records: int = 1) -> None:
        """See :class:`Silent`."""
        self._errors += records
        self._progress.update(self._task, errors=self._errors)

    def committed(self, commit: Commit) -> None:
        """See :class:`Silent`."""
        if not self._console.is_terminal:
            self._console.print(
                f"{commit.name}: {commit.articles:,} articles, {commit.sentences:,} sentences, "
                f"{commit.errors:,} not read",
                highlight=False,
            )


class _ArticlesPerSecond(ProgressColumn):
    def render(self, task: Task) -> Text:
        elapsed = task.elapsed or 0
        return Text(f"{task.fields['articles'] / elapsed:.1f}/s" if elapsed else "")
