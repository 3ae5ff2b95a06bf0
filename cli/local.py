"""The platform that `coderev up` runs from this checkout: where it answers, and its first owner."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cli import environment, files


@dataclass(frozen=True, slots=True)
class Running:
    """What a running `coderev up` writes into its data folder. `pid` is its process."""

    pid: int
    server: str
    edge_port: int
    data: str


@dataclass(frozen=True, slots=True)
class Owner:
    """The generated first user of a local platform."""

    email: str
    password: str = field(repr=False)


def running(data: Path | None = None) -> Running | None:
    """The local platform, if it runs now."""
    folder = data or environment.data_dir()
    try:
        found = Running(**files.read_object(folder / "up.json"))
        os.kill(found.pid, 0)
    except (TypeError, ProcessLookupError, ValueError):
        return None
    except PermissionError:
        return None  # another user's process: not ours
    return found


def announce(data: Path, *, server: str, edge_port: int) -> None:
    """Tell other commands where this process answers."""
    me = Running(os.getpid(), server, edge_port, str(data))
    files.write_object(data / "up.json", asdict(me))


def withdraw(data: Path) -> None:
    """The platform is stopping."""
    (data / "up.json").unlink(missing_ok=True)


def owner(data: Path) -> Owner | None:
    """The generated owner, if there is one."""
    found = files.read_object(data / "owner.json")
    if "email" in found and "password" in found:
        return Owner(str(found["email"]), str(found["password"]))
    return None


def keep_owner(data: Path, made: Owner) -> None:
    files.write_object(data / "owner.json", asdict(made))


def forget_owner(data: Path) -> None:
    (data / "owner.json").unlink(missing_ok=True)


def server_of(given: str | None) -> str:
    """The server to talk to: the one given, `CODEREV_SERVER`, the local one that runs, or the default."""
    chosen = given or environment.variable("CODEREV_SERVER")
    if chosen:
        return chosen.rstrip("/")
    here = running()
    return here.server if here else environment.SERVER


def at(server: str) -> Running | None:
    """The local platform, if it is what answers at `server`."""
    here = running()
    return here if here and _place(server) == _place(here.server) else None


def _place(server: str) -> tuple[str, int | None]:
    parts = urlsplit(server)
    name = "127.0.0.1" if parts.hostname in ("localhost", "::1") else parts.hostname
    return name or "", parts.port
