"""New code without a restart: a changed file gives new processes to the functions that may load it.

Events in progress end in the processes that have them. Code that Python cannot read is reported once, and the
last good version answers on; or, if that is asked for, the error does.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Protocol

import watchfiles

from emulator.runtime import syntax
from emulator.runtime.folders import Folders
from emulator.template import Function, Template, TemplateError

log = logging.getLogger(__name__)
_STEP_MS, _DEBOUNCE_MS = 50, 500
_SETTLED_S = 0.1
"""How long after a new folder is watched its files are looked at again, for what came before the watch."""
_APPLIED = {"functions", "warnings", "hidden"}


class Reloadable(Protocol):
    """What serves functions."""

    def replace(self, functions: Mapping[str, Function], changed: Collection[str] = ()) -> None:
        """Serve these definitions from here on; `changed` have new code."""
        ...

    def hold(self, names: Collection[str]) -> None:
        """Keep the processes of these functions, and only of these, however long they are idle."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """Where definitions come from. `read` raises TemplateError; `ignored` are folders without code in them."""

    template: Path
    read: Callable[[], Template]
    ignored: tuple[Path, ...] = ()


class Reload:
    """Watches code and template until it is stopped."""

    def __init__(self, source: Source, template: Template, runtime: Reloadable, *, answer_errors: bool = False) -> None:
        self._source, self._template, self._runtime = source, template, runtime
        self._answer_errors = answer_errors
        self._file = source.template.resolve()
        self._folders = Folders(template.functions.values(), source.ignored)
        self._broken: dict[Path, str] = {}
        self._late: set[str] = set()
        self._stop = asyncio.Event()
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return once every change from here on is seen."""
        self._task = asyncio.create_task(self._follow())
        await self._ready.wait()

    async def stop(self) -> None:
        self._stop.set()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def apply(self, paths: Collection[Path]) -> None:
        """Take in changed files."""
        if self._file in paths:
            self._reread()
        changed = {path for path in paths if self._folders.is_code(path) and path != self._file}
        if changed:
            self._renew(changed)

    async def _follow(self) -> None:
        try:
            while not self._stop.is_set():
                await self._follow_once()
        except (OSError, RuntimeError) as failed:
            log.error("changes of code are not seen: %s", failed)
        finally:
            self._ready.set()

    async def _follow_once(self) -> None:
        """Watch each folder by itself until there is another one."""
        folders = await asyncio.to_thread(self._folders.all)
        async for changed in self._changes(folders | {self._file.parent}):
            looked_at = time.time()
            new = {
                path for path in changed if path not in folders and path.is_dir() and self._folders.may_hold_code(path)
            }
            self.apply({path for path in changed | _files(self._folders, new) if not path.is_dir()})
            if new or await asyncio.to_thread(self._folders.all) != folders:
                asyncio.get_running_loop().call_later(_SETTLED_S, self._look_again, looked_at)
                return

    def _look_again(self, since: float) -> None:
        self.apply(self._folders.newer(since))

    async def _changes(self, folders: Collection[Path]) -> AsyncIterator[set[Path]]:
        watching = watchfiles.awatch(
            *sorted(folder for folder in folders if folder.is_dir()),
            watch_filter=None,
            step=_STEP_MS,
            debounce=_DEBOUNCE_MS,
            stop_event=self._stop,
            recursive=False,
        )
        asyncio.get_running_loop().call_soon(self._ready.set)
        async with contextlib.aclosing(watching):
            async for found in watching:
                yield {Path(name) for _, name in found}

    def _reread(self) -> None:
        try:
            found = self._source.read()
        except TemplateError as wrong:
            log.error("the template stays as it was: %s", wrong)
            return
        except OSError as gone:
            log.warning("the template cannot be read now: %s", gone)
            return
        for name in _differences(self._template, found):
            log.warning("%s of the template changed: restart to serve that", name)
        self._template = found
        self._folders = Folders(found.functions.values(), self._source.ignored)
        self._runtime.replace(found.functions)

    def _renew(self, changed: set[Path]) -> None:
        """Give new processes to the functions whose code is whole again."""
        known = dict(self._broken)
        self._broken = syntax.errors(changed | known.keys())
        for file, wrong in self._broken.items():
            if known.get(file) != wrong:
                log.error(
                    "syntax error, %s: %s",
                    "it is answered" if self._answer_errors else "the last good version answers",
                    wrong,
                )
        affected = self._folders.functions_with(changed) | self._late
        self._late = set() if self._answer_errors else affected & self._folders.functions_with(self._broken)
        self._runtime.hold(self._late)
        renewed = sorted((affected - self._late) & self._template.functions.keys())
        if renewed:
            log.info("new code", extra={"functions": renewed})
            self._runtime.replace(self._template.functions, renewed)


def _differences(old: Template, new: Template) -> list[str]:
    """Return the parts of the template beside the functions that are not as they were."""
    names = [each.name for each in fields(Template) if each.name not in _APPLIED]
    return [name for name in names if getattr(old, name) != getattr(new, name)]


def _files(folders: Folders, new: Collection[Path]) -> set[Path]:
    """Return what is in new folders already."""
    return {file for folder in new for place in folders.below(folder) for file in place.iterdir()}
