"""Who is logged in where: one session a server, in a file that only its owner reads."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from cli import environment, files

_EARLY_S = 20.0  # a token is renewed this long before it ends, so that it does not end on its way


@dataclass(frozen=True, slots=True)
class Session:
    """Tokens of one login. `expires_at` is in seconds since 1970."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: float
    email: str = ""
    organisation: str = ""

    @property
    def fresh(self) -> bool:
        return time.time() < self.expires_at - _EARLY_S

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Self:
        """Read the server's answer to a login."""
        return cls(
            access_token=str(answer["access_token"]),
            refresh_token=str(answer["refresh_token"]),
            expires_at=time.time() + float(answer.get("expires_in_s", 900)),
            email=str((answer.get("user") or {}).get("email", "")),
            organisation=str((answer.get("organisation") or {}).get("name", "")),
        )


class Store:
    """Sessions by server address, in one file."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or environment.config_dir() / "credentials.json"

    def get(self, server: str) -> Session | None:
        entry = self._servers().get(server)
        try:
            return Session(**entry) if entry else None
        except TypeError:
            return None  # written by another version: log in again

    def put(self, server: str, session: Session) -> None:
        """Remember a session. Take `exclusive()` first where another process may renew it."""
        self._write(self._servers() | {server: asdict(session)})

    def forget(self, server: str) -> bool:
        """Drop a session; tell whether there was one."""
        servers = self._servers()
        known = servers.pop(server, None) is not None
        if known:
            self._write(servers)
        return known

    def exclusive(self) -> AbstractContextManager[None]:
        """Keep other processes of this user from renewing meanwhile: a refresh token works once."""
        return files.exclusive(self.path.with_suffix(".lock"))

    def _servers(self) -> dict[str, Any]:
        found = files.read_object(self.path).get("servers")
        return dict(found) if isinstance(found, dict) else {}

    def _write(self, servers: Mapping[str, Any]) -> None:
        files.write_object(self.path, {"servers": dict(servers)})
