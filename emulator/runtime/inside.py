"""Functions in this process: each call is a thread that imports and calls the handler, for tests of functions.

What a process of its own gives is missing: a memory limit, a folder for `/tmp`, an end. A thread cannot be killed, so
what runs into its timeout is answered in time and goes on by itself; and what a handler's module holds is kept from one
emulator to the next, as Lambda keeps it from one event to the next, until the function's variables change.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Awaitable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType

from emulator.runtime import environment, inside_environment
from emulator.runtime.inside_code import Code, Handler, forget_folders, paths
from emulator.runtime.inside_common import Finder
from emulator.runtime.inside_environment import Bytes, Layered
from emulator.runtime.inside_thread import Thread
from emulator.runtime.options import RuntimeOptions
from emulator.runtime.pool import Pool
from emulator.runtime.workers import Worker
from emulator.template import Function

log = logging.getLogger(__name__)
_STREAM = "inside"
_CODES: dict[tuple[object, ...], tuple[Mapping[str, str], Code]] = {}
"""What this process has imported, for which variables."""
_LEVELS: dict[frozenset[Path], int] = {}
"""The level of the root logger that the functions of some code roots left: their modules do not set it again."""
_loading = threading.Lock()


class Threads:
    """Makes threads for pools where `Factory` makes processes. Lives as long as one runtime."""

    def __init__(self, functions: Mapping[str, Function], options: RuntimeOptions) -> None:
        self._functions, self._options = functions, options
        self._variables = {name: self._told(function) for name, function in functions.items()}
        self._layers: dict[str, Bytes] = {}
        self._added: list[str] = []
        self._environ: Layered | None = None
        self._workers: list[Thread] = []
        self._roots = frozenset(function.task_root for function in functions.values())

    async def clean(self) -> None:
        """Put the functions' variables and folders where their code looks for them."""
        forget_folders()
        self._environ = inside_environment.install(self._variables)
        root = logging.getLogger()
        self._level = root.level
        root.setLevel(_LEVELS.get(self._roots, root.level))
        for folder in (each for function in self._functions.values() for each in paths(function)):
            if folder not in sys.path:
                sys.path.append(folder)
                self._added.append(folder)
        self._finder = Finder(self._code(function).common for function in self._functions.values())
        self._finder.install()

    def start(self, pool: Pool) -> Worker:
        """Begin a thread that loads the handler, if that has not been done."""
        worker = Thread(pool, self, self._options)
        self._workers.append(worker)
        worker.begin()
        return worker

    def forget(self, name: str) -> None:
        """Import a function's modules anew with its next thread."""
        if name in self._functions:
            self._code(self._functions[name]).forget()
            self._layers.pop(name, None)

    async def stop(self, until_gone: Awaitable[None]) -> None:
        """Wait for the threads; those that do not end go on, and can do nothing here any more."""
        await until_gone
        if self._environ is not None:
            inside_environment.remove(self._environ)
            self._finder.remove()
            root = logging.getLogger()
            _LEVELS[self._roots] = root.level
            root.setLevel(self._level)
        for folder in self._added:
            if folder in sys.path:
                sys.path.remove(folder)
        if stuck := sorted({worker.function.name for worker in self._workers if worker.stuck}):
            log.warning("handlers still run in threads that cannot be ended: %s", ", ".join(stuck))

    def handler(self, function: Function) -> Handler:
        """Return a handler, in a thread that has the function's variables.

        Raises:
            BaseException: whatever loading it raises.
        """
        with _loading:
            return self._code(function).handler()

    def layer(self, function: Function) -> Bytes:
        """Return the variables of a function, which it may change."""
        if function.name not in self._layers:
            self._layers[function.name] = inside_environment.encoded(self._variables[function.name])
        return self._layers[function.name]

    def module(self, function: str, name: str | None = None) -> ModuleType:
        """Return a module as a function sees it, or that of its handler.

        Raises:
            KeyError: there is no such function.
            ImportError: there is no such module.
        """
        of = self._functions[function]
        wanted = name or of.handler.rpartition(".")[0].replace("/", ".")
        with _loading, inside_environment.within(self.layer(of)):
            return self._code(of).module(wanted)

    def _code(self, function: Function) -> Code:
        """Return a function's code; what was imported with other variables is forgotten."""
        key = (function.name, function.handler, function.task_root, function.layers)
        variables = self._variables[function.name]
        known = _CODES.get(key)
        if known is None or known[0] != variables:
            if known is not None:
                known[1].forget()
            others = [each for each in self._functions.values() if each.name != function.name]
            known = _CODES[key] = variables, Code(function, others, partial(self._outside, function))
        return known[1]

    def _outside(self, function: Function) -> AbstractContextManager[None]:
        """Return a context for what is imported outside of a call."""
        return inside_environment.unless_within(self.layer(function))

    def _told(self, function: Function) -> Mapping[str, str]:
        """Return the variables of a function. The process's own `TMPDIR` and paths stay as they are.

        All functions have the same credentials: the default session of boto3 is one for the whole process.
        """
        around = replace(self._options.around, identities=None)
        built = environment.build(function, around, api="127.0.0.1:9", stream=_STREAM, tmp=Path("/tmp"))
        return {name: value for name, value in built.items() if name not in _OF_PROCESSES}


_OF_PROCESSES = frozenset({"PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PWD", "TMPDIR", "TZ", "LANG"})
"""Variables about a process of one's own, which these functions do not have."""
