"""How a command tells what it is doing: a bar on a terminal, a line a phase elsewhere, nothing when asked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


class Progress(Protocol):
    """A phase begins, advances, ends with the next one. Calls come from several threads."""

    def phase(self, name: str, total: int | None = None) -> None:
        """`total` steps are to come; None when nobody knows."""
        ...

    def at(self, done: int, total: int | None = None) -> None:
        """So many steps are done."""
        ...

    def note(self, sentence: str) -> None:
        """Something worth a line."""
        ...


class Silent:
    def phase(self, name: str, total: int | None = None) -> None:
        return

    def at(self, done: int, total: int | None = None) -> None:
        return

    def note(self, sentence: str) -> None:
        return


class Lines:
    """For logs: one line on stderr for each note."""

    def phase(self, name: str, total: int | None = None) -> None:
        return

    def at(self, done: int, total: int | None = None) -> None:
        return

    def note(self, sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)


class Bars:
    """For a terminal: one bar on stderr that changes with the phase and is gone at the end."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task: TaskID | None = None

    def phase(self, name: str, total: int | None = None) -> None:
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(name, total=total)

    def at(self, done: int, total: int | None = None) -> None:
        if self._task is not None:
            self._bar.update(self._task, completed=done, total=total)

    def note(self, sentence: str) -> None:
        from rich.text import Text

        self._bar.console.print(Text(sentence, style="dim"))


@contextmanager
def shown(*, quiet: bool = False) -> Iterator[Progress]:
    """The kind of progress that fits stderr."""
    if quiet:
        yield Silent()
    elif not sys.stderr.isatty():
        yield Lines()
    else:
        with _bar() as bar:
            yield Bars(bar)


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True)
