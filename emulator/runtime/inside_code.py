"""Handlers in this process: imported from their code roots and layers, so that two functions may both have an `app.py`.

A module that only one place offers is an ordinary one, and what a test imports is what the function runs. A name that
several places offer, or that functions with other variables have too, is private to each function that has it, because
modules read their variables when they are imported: outside of its code such a name is not in `sys.modules`.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import os
import site
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache, partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from emulator.runtime.environment import layer_paths
from emulator.runtime.inside_common import Common
from emulator.template import Function

Handler = Callable[[Any, Any], Any]
_LOCK = threading.RLock()
_SUFFIXES = (".py", ".so", ".pyd")


class Code:
    """The modules of one function. Use `handler` in the environment that the modules are to see."""

    def __init__(
        self, function: Function, others: Sequence[Function], within: Callable[[], AbstractContextManager[None]]
    ) -> None:
        """Args: within: Makes a context in which the function's variables are seen."""
        self.paths = paths(function)
        self._handler = function.handler
        self._private = _private(function, others)
        self._modules: dict[str, ModuleType] = {}
        self.common = Common(frozenset(_offered(*self.paths)) - self._private - _NEVER, self._is_common, within)
        self._builtins = {**vars(builtins), "__import__": self._import}
        self._finder = _Finder(self)

    def handler(self) -> Handler:
        """Import the handler.

        Raises:
            FaultException: it is not there, in the words of `awslambdaric`.
            Exception: whatever its module raises.
        """
        from awslambdaric import bootstrap

        with self._active():
            found: Handler = bootstrap._get_handler(self._handler)  # type: ignore[no-untyped-call]
            return found

    def module(self, name: str) -> ModuleType:
        """Return a module as the function sees it.

        Raises:
            ImportError: there is none of this name.
        """
        with self._active():
            return importlib.import_module(name)

    def forget(self) -> None:
        """Have the modules imported anew that were imported for the handler."""
        with _LOCK:
            self._modules.clear()
            self.common.forget()

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

    def _is_common(self, file: str) -> bool:
        """Tell whether a module belongs to this function's code, and to whoever else imports it."""
        if _below(file, _SITES):
            return False
        return any(not _is_test(Path(file).relative_to(each)) for each in self.paths if _below(file, [each]))


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
    own = _offered(*paths(function))
    foreign = [(_offered(*paths(other)), other.environment != function.environment) for other in others]
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


@lru_cache(256)
def _offered(*folders: str) -> Mapping[str, str]:
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


def _is_test(file: Path) -> bool:
    """Tell whether a module is one of pytest's, by its name or its folder; `file` is below a code root."""
    return file.stem == "conftest" or file.stem.startswith("test_") or not _TESTS.isdisjoint(file.parts)


def forget_folders() -> None:
    """Look anew what the code roots hold."""
    _offered.cache_clear()


def _below(file: str, folders: Sequence[str]) -> bool:
    return file.startswith(tuple(f"{folder}{os.sep}" for folder in folders))


def _top(name: str) -> str:
    return name.partition(".")[0]


_TESTS = frozenset({"test", "tests"})
_NEVER = frozenset({"__main__", __name__.partition(".")[0]})
"""Modules that are no function's, even if they lie beside its code."""
_SITES = [*{sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()}]
