"""Handlers in this process: imported from their code roots and layers, so that two functions may both have an `app.py`.

A module that only one place offers is an ordinary one, and what a test imports is what the function runs. A name that
several places offer, or that functions with other variables have too, is private to each function that has it, because
modules read their variables when they are imported: outside of its code such a name is not in `sys.modules`.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import site
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from emulator.runtime.environment import layer_paths
from emulator.template import Function

Handler = Callable[[Any, Any], Any]
_LOCK = threading.RLock()
_SUFFIXES = (".py", ".so", ".pyd")


class Code:
    """The modules of one function. Use `handler` in the environment that the modules are to see."""

    def __init__(self, function: Function, others: Sequence[Function]) -> None:
        self.paths = paths(function)
        self._handler = function.handler
        self._private = _private(function, others)
        self._modules: dict[str, ModuleType] = {}
        self._common: set[str] = set()
        self._builtins = {**vars(builtins), "__import__": self._import}
        self._finder = _Finder(self)

    def handler(self) -> Handler:
        """Import the handler.

        Raises:
            FaultException: it is not there, in the words of `awslambdaric`.
            Exception: whatever its module raises.
        """
        from awslambdaric import bootstrap

        with self._importing():
            found: Handler = bootstrap._get_handler(self._handler)  # type: ignore[no-untyped-call]
            return found

    def module(self, name: str) -> ModuleType:
        """Return a module as the function sees it.

        Raises:
            ImportError: there is none of this name.
        """
        with self._importing():
            return importlib.import_module(name)

    @contextlib.contextmanager
    def _importing(self) -> Iterator[None]:
        """Take note of what is imported, so that it can be imported anew."""
        with self._active():
            before = set(sys.modules)
            try:
                yield
            finally:
                self._common |= {name for name in set(sys.modules) - before if self._is_own(name)}

    def forget(self) -> None:
        """Have the modules imported anew that were imported for the handler."""
        with _LOCK:
            self._modules.clear()
            for name in self._common:
                sys.modules.pop(name, None)
            self._common.clear()

    def find(self, name: str, path: Sequence[str] | None) -> ModuleSpec | None:
        """Find a private module; its own imports will be those of this function."""
        if _top(name) not in self._private:
            return None
        spec = PathFinder.find_spec(name, self.paths if path is None else path)
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
            loader: Any = spec.loader
            loader.exec_module = partial(self._execute, loader.exec_module)
        return spec

    def _execute(self, execute: Callable[[ModuleType], None], module: ModuleType) -> None:
        module.__dict__["__builtins__"] = self._builtins
        execute(module)

    def _import(self, name: str, *given: Any, **named: Any) -> ModuleType:
        """Import for a private module; what it asks for while it runs may be private, too."""
        level = named.get("level", given[3] if len(given) > 3 else 0)
        if level or _top(name) in self._private:
            with self._active():
                return builtins.__import__(name, *given, **named)
        return builtins.__import__(name, *given, **named)

    @contextlib.contextmanager
    def _active(self) -> Iterator[None]:
        """Let this function's private modules be those that there are, for whoever holds the lock."""
        with _LOCK:
            if self._finder in sys.meta_path:
                yield
                return
            hidden = self._taken()
            sys.modules.update(self._modules)
            sys.meta_path.insert(0, self._finder)
            try:
                yield
            finally:
                sys.meta_path.remove(self._finder)
                self._modules = self._taken()
                sys.modules.update(hidden)

    def _taken(self) -> dict[str, ModuleType]:
        """Take the modules with private names away, and return them."""
        names = [name for name in sys.modules if _top(name) in self._private]
        return {name: sys.modules.pop(name) for name in names}

    def _is_own(self, name: str) -> bool:
        file = getattr(sys.modules.get(name), "__file__", None)
        return bool(file) and _top(name) not in self._private and _below(str(file), self.paths)


class _Finder(MetaPathFinder):
    def __init__(self, code: Code) -> None:
        self._code = code

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return self._code.find(name, path)


def paths(function: Function) -> list[str]:
    """Return where a function's modules are looked for, first where they count most."""
    return [str(function.task_root), *layer_paths(function)]


def _private(function: Function, others: Sequence[Function]) -> frozenset[str]:
    """Return the top-level names that cannot be those of the whole process."""
    own = _offered(paths(function))
    foreign = [(_offered(paths(other)), other.environment != function.environment) for other in others]
    handled = _top(function.handler.replace("/", "."))
    return frozenset(
        name
        for name, place in own.items()
        if (name == handled or not _installed(name))
        and (
            _elsewhere(name, place)
            or any(name in places and (differs or places[name] != place) for places, differs in foreign)
        )
    )


def _offered(folders: Sequence[str]) -> Mapping[str, str]:
    """Return the top-level modules in some folders, each with the first folder that has it."""
    found: dict[str, str] = {}
    for folder in folders:
        with contextlib.suppress(OSError):
            for each in Path(folder).iterdir():
                name = each.name.split(".")[0]
                if name.isidentifier() and name != "__pycache__" and (each.suffix in _SUFFIXES or each.is_dir()):
                    found.setdefault(name, folder)
    return found


def _elsewhere(name: str, folder: str) -> bool:
    """Tell whether an ordinary import of a name finds something else than what is in a folder."""
    loaded = sys.modules.get(name)
    spec = loaded.__spec__ if loaded is not None else PathFinder.find_spec(name, [*sys.path, folder])
    if spec is None:
        return True
    places = [spec.origin] if spec.origin else list(spec.submodule_search_locations or ())
    return not any(_below(str(place), [folder]) for place in places)


def _installed(name: str) -> bool:
    """Tell whether a name belongs to Python or to what is installed: that copy is used, not one beside a handler."""
    if name in sys.stdlib_module_names:
        return True
    spec = PathFinder.find_spec(name)
    return spec is not None and bool(spec.origin) and _below(str(spec.origin), _SITES)


def _below(file: str, folders: Sequence[str]) -> bool:
    return any(Path(file).is_relative_to(folder) for folder in folders)


def _top(name: str) -> str:
    return name.partition(".")[0]


_SITES = [*{sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()}]
