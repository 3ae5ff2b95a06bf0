"""Starts emulators for tests. Each begins with nothing in it, at addresses that stay the same for its template.

The addresses stay because modules keep clients: `boto3.client("s3")` at the head of a handler's module is made once.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.background import running
from emulator.clock import ManualClock
from emulator.options import Options
from emulator.pytest_plugin.emulated import Emulated
from emulator.pytest_plugin.invocations import Recorder
from emulator.server import Emulator

_KEPT = "tls"


@dataclass(slots=True)
class _Place:
    """Where the emulators of one template live, one after the other."""

    data: Path
    port: int = 0
    edge_port: int = 0

    def clear(self) -> None:
        """Forget what the last emulator wrote, but for its certificate."""
        for each in (*self.data.glob("*"), *self.data.glob("emulator/*")):
            if each.is_dir() and each.name not in ("emulator", _KEPT):
                shutil.rmtree(each)
            elif each.is_file():
                each.unlink()


class EmulatorFactory:
    """Call it for an emulator. `template` is the one that is served when nothing else is said."""

    def __init__(self, template: Path, folder: Path) -> None:
        self._template, self._folder = template, folder
        self._shared: dict[str, Any] = {
            "token": secrets.token_urlsafe(32),
            "credentials": ("local", secrets.token_hex(20), secrets.token_hex(20)),
        }
        """The same for all: the default session of boto3, which keeps them, is one for the whole process."""
        self._free: dict[tuple[object, ...], list[_Place]] = {}
        self._made = 0

    @contextlib.contextmanager
    def __call__(
        self, template: str | Path | None = None, *, parameters: Mapping[str, str] | None = None, **options: Any
    ) -> Iterator[Emulated]:
        """Serve a template for as long as the block lasts.

        Args:
            parameters: Values of the template's parameters.
            options: Fields of `emulator.options.Options`.

        Raises:
            TemplateError: the template cannot be served.
        """
        file, given = Path(template or self._template).absolute(), dict(parameters or {})
        free = self._free.setdefault((file, tuple(sorted(given.items())), repr(sorted(options.items()))), [])
        place = free.pop() if free else self._new()
        recorder, clock = Recorder(), ManualClock(float(int(time.time())))
        told: dict[str, Any] = {"template": file, "parameters": given, "inside": True, "clock": clock}
        told |= {**self._shared, **options}
        try:
            with self._running(place, {**told, "on_log": recorder.log, "on_ended": recorder.ended}) as emulator:
                emulated = Emulated(emulator, recorder, clock)
                try:
                    yield emulated
                finally:
                    emulated.close()
        finally:
            place.clear()
            free.append(place)

    @contextlib.contextmanager
    def _running(self, place: _Place, told: Mapping[str, Any]) -> Iterator[Emulator]:
        with contextlib.ExitStack() as parts:
            try:
                emulator = parts.enter_context(running(_options(place, told)))
            except OSError:
                place.port = place.edge_port = 0
                emulator = parts.enter_context(running(_options(place, told)))
            place.port, place.edge_port = emulator.ports["all"], emulator.ports["edge"]
            yield emulator

    def _new(self) -> _Place:
        self._made += 1
        data = self._folder / str(self._made)
        data.mkdir()
        return _Place(data)


def _options(place: _Place, told: Mapping[str, Any]) -> Options:
    return Options(**{"port": place.port, "edge_port": place.edge_port, "data": place.data, **told})
