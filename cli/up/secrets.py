"""Secrets of a local platform: made once, kept in its data folder, readable by the owner only."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from cli import files


def _secret() -> str:
    return secrets.token_urlsafe(36)


@dataclass(frozen=True, slots=True)
class Secrets:
    """`emulator_token` proves to the emulator that a notification comes from the object store."""

    jwt_secret_key: str = field(default_factory=_secret, repr=False)
    setup_token: str = field(default_factory=lambda: secrets.token_urlsafe(18), repr=False)
    emulator_token: str = field(default_factory=_secret, repr=False)


def load(data: Path) -> Secrets:
    """Return what the folder holds, completed and written back when something is missing. Raises UserError."""
    path = data / "secrets.json"
    known = {each.name for each in fields(Secrets)}
    kept = {name: str(value) for name, value in files.read_object(path).items() if name in known and value}
    found = Secrets(**kept)
    if set(kept) != known:
        files.write_object(path, asdict(found))
    return found
