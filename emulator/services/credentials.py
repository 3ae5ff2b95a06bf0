"""Secrets of the embedded services: made once, kept in one file that only its owner reads."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from emulator.services import files


def _secret() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class Credentials:
    """One secret a role; never printed, never on a command line."""

    postgres: str = field(default_factory=_secret, repr=False)
    application: str = field(default_factory=_secret, repr=False)
    migrator: str = field(default_factory=_secret, repr=False)
    valkey: str = field(default_factory=_secret, repr=False)
    graph: str = field(default_factory=_secret, repr=False)
    s3_access_key: str = field(default_factory=lambda: secrets.token_hex(10).upper(), repr=False)
    s3_secret_key: str = field(default_factory=_secret, repr=False)


def load(path: Path) -> Credentials:
    """Return what `path` holds, completed and written back when something is missing."""
    known = {name.name for name in fields(Credentials)}
    kept = {key: str(value) for key, value in files.read_json(path).items() if key in known}
    found = Credentials(**kept)
    if set(kept) != known:
        files.write(path, json.dumps(asdict(found), indent=1), durable=True)
    path.chmod(0o600)
    return found
