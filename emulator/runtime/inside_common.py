"""Modules that functions share with the whole process, the test included.

Whoever imports one, the test or a handler, it is executed with its function's variables. One that a test imported before
there was an emulator is executed again, in place: the test's module stays the function's, and can be patched.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

log = logging.getLogger(__name__)
_KNOWN: dict[str, ModuleType] = {}
"""What was executed with the variables of a function."""
_OLD: dict[str, ModuleType] = {}
"""What is to be executed anew, in place."""


class Common:
    """The modules that one function shares: those with the top-level names `tops` whose file is the function's, as `is_own`
    says. `within` is a context in which its variables are seen."""

    def __init__(
        self,
        tops: frozenset[str],
        is_own: Callable[[str], bool],
        within: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._tops, self._is_own, self._within = tops, is_own, within
        self._names: set[str] = set()

    def find(self, name: str, path: Sequence[str] | None) -> ModuleSpec | None:
        """Find a module of the function's, to be executed with its variables."""
        if name.partition(".")[0] not in self._tops:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is None or not hasattr(spec.loader, "exec_module") or not self._is_own(str(spec.origin)):
            return None
        loader: Any = spec.loader
        loader.exec_module = partial(self._execute, loader.exec_module)
        if (old := _OLD.pop(name, None)) is not None:
            loader.create_module = lambda _: old
        return spec

    def refresh(self) -> None:
        """Execute again, in place, what was imported without the variables, or is to be imported anew."""
        _OLD.update({name: sys.modules.pop(name) for name in list(sys.modules) if self._is_stale(name)})
        for name, old in list(_OLD.items()):
            if name not in _OLD or not self._is_own(_file(old)):
                continue
            try:
                importlib.import_module(name)
            except (Exception, SystemExit) as failed:  # noqa: BLE001 - it stays as it was, and may be of no use here
                log.warning("module %s stays as the test imported it: %r", name, failed)
                sys.modules[name] = _KNOWN[name] = old
            _OLD.pop(name, None)

    def forget(self) -> None:
        """Have what was executed for the function imported anew."""
        for name in self._names:
            if (known := _KNOWN.pop(name, None)) is not None:
                _OLD[name] = known
                sys.modules.pop(name, None)
        self._names.clear()

    def _execute(self, execute: Callable[[ModuleType], None], module: ModuleType) -> None:
        with self._within():
            execute(module)
        self._names.add(module.__name__)
        _KNOWN[module.__name__] = module

    def _is_stale(self, name: str) -> bool:
        if name.partition(".")[0] not in self._tops:
            return False
        module = sys.modules[name]
        return _KNOWN.get(name) is not module and self._is_own(_file(module))


class Finder(MetaPathFinder):
    """Finds the modules of all functions, as long as they run."""

    def __init__(self, commons: Iterable[Common]) -> None:
        self._commons = list(commons)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return next((spec for each in self._commons if (spec := each.find(name, path)) is not None), None)

    def install(self) -> None:
        sys.meta_path.insert(0, self)
        for each in self._commons:
            each.refresh()

    def remove(self) -> None:
        with contextlib.suppress(ValueError):
            sys.meta_path.remove(self)


def _file(module: ModuleType) -> str:
    return str(getattr(module, "__file__", None) or "")
