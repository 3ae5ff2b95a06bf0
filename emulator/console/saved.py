"""Saved test events: one JSON file each, in a folder of the function."""

from __future__ import annotations

import json
import os
import re
import secrets
from pathlib import Path
from typing import Any

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
MAX_EVENTS = 200


class BadName(ValueError):
    """A name that cannot be a file's."""


class SavedEvents:
    """Events under `folder`, by function and name. Names are plain words, so none leads out of the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self, function: str) -> list[str]:
        """Return the names of a function's events, in order.

        Raises:
            BadName: the function's name is not one.
        """
        found = self._of(function).glob("*.json")
        return sorted(path.stem for path in found if _NAME.fullmatch(path.stem))

    def get(self, function: str, name: str) -> Any:
        """Return an event.

        Raises:
            BadName: a name is not one. KeyError: there is none. ValueError: the file is not JSON.
        """
        try:
            return json.loads(self._path(function, name).read_bytes())
        except FileNotFoundError as absent:
            raise KeyError(name) from absent

    def put(self, function: str, name: str, event: Any) -> bool:
        """Store an event in one step; tell whether it is new.

        Raises:
            BadName: a name is not one. OverflowError: the function has too many events.
        """
        path = self._path(function, name)
        new = not path.exists()
        if new and len(self.names(function)) >= MAX_EVENTS:
            raise OverflowError(f"{function} has {MAX_EVENTS} saved events already")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(event, file, indent=2)
        beside.replace(path)
        return new

    def delete(self, function: str, name: str) -> None:
        """Forget an event.

        Raises:
            BadName: a name is not one. KeyError: there is none.
        """
        try:
            self._path(function, name).unlink()
        except FileNotFoundError as absent:
            raise KeyError(name) from absent

    def _of(self, function: str) -> Path:
        if not _NAME.fullmatch(function):
            raise BadName(f"{function!r} is no name of a function")
        return self._folder / function

    def _path(self, function: str, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise BadName(f"{name!r} is no name of an event: letters, digits, `.`, `_` and `-`")
        return self._of(function) / f"{name}.json"
