"""`os.environ` as the handlers of this process see it: each its own function's variables, over those of the process.

What runs outside a call, the test itself or a thread that a handler started, sees the variables that all functions
agree on. What C code reads (`TZ`, the loader's paths) and what a child process inherits stays that of the process.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any

Bytes = MutableMapping[Any, Any]
"""Names and values as `os.environ` keeps them, which depends on the platform."""
_ENVIRON: Any = os.environ  # noqa: TID251 - not read for settings: handlers are to find theirs there
_CALL: ContextVar[tuple[Bytes, ...]] = ContextVar("variables", default=())


class Layered(MutableMapping[Any, Any]):
    """Stands in for the dictionary behind `os.environ`. A name is looked up in the layers of the call, if there is
    one, or else in `shared`, and at last in `base`; what a call sets stays in its function's layer."""

    def __init__(self, base: Bytes, shared: Bytes) -> None:
        self.base, self._shared = base, shared

    def __getitem__(self, name: Any) -> Any:
        for layer in self._layers():
            if name in layer:
                return layer[name]
        raise KeyError(name)

    def __setitem__(self, name: Any, value: Any) -> None:
        call = _CALL.get()
        if call:
            call[-1][name] = value
        else:
            (self._shared if name in self._shared else self.base)[name] = value

    def __delitem__(self, name: Any) -> None:
        layers = _CALL.get() or (self._shared, self.base)
        found = [layer for layer in layers if name in layer]
        if not found:
            raise KeyError(name)
        for layer in found:
            del layer[name]

    def __iter__(self) -> Iterator[Any]:
        return iter({name: None for layer in self._layers() for name in list(layer)})

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _layers(self) -> tuple[Bytes, ...]:
        return (*(_CALL.get() or (self._shared,)), self.base)


def install(functions: Mapping[str, Mapping[str, str]]) -> Layered:
    """Put the variables of functions over those of the process; `remove` takes them away."""
    layered = Layered(_ENVIRON._data, encoded(agreed(functions.values())))
    _ENVIRON._data = layered
    return layered


def remove(layered: Layered) -> None:
    """Take variables away; those of another emulator that came later stay over the process's own."""
    if _ENVIRON._data is layered:
        _ENVIRON._data = layered.base
        return
    above = _ENVIRON._data
    while isinstance(above, Layered) and above.base is not layered:
        above = above.base
    if isinstance(above, Layered):
        above.base = layered.base


@contextlib.contextmanager
def within(*layers: Bytes) -> Iterator[None]:
    """Let this thread see the layers, the first one first; what it sets goes into the last one."""
    token = _CALL.set(layers)
    try:
        yield
    finally:
        _CALL.reset(token)


def unless_within(*layers: Bytes) -> contextlib.AbstractContextManager[None]:
    """Let this thread see the layers, unless it sees some of a call already."""
    return contextlib.nullcontext() if _CALL.get() else within(*layers)


def encoded(variables: Mapping[str, str]) -> Bytes:
    """Return variables as `os.environ` keeps them."""
    return {_ENVIRON.encodekey(name): _ENVIRON.encodevalue(value) for name, value in variables.items()}


def agreed(functions: Any) -> dict[str, str]:
    """Return the variables that have one value in all functions that have them."""
    found: dict[str, set[str]] = {}
    for variables in functions:
        for name, value in variables.items():
            found.setdefault(name, set()).add(value)
    return {name: next(iter(values)) for name, values in found.items() if len(values) == 1}
