"""What the command line reads from the environment; no other module of it does."""

from __future__ import annotations

import os
from pathlib import Path

from cli.errors import UserError

ROOT = Path(__file__).resolve().parents[1]
SERVER = "http://127.0.0.1:8000"
EDGE_PORT = 4566


def variable(name: str) -> str | None:
    """The value of `NAME`, or the content of the file that `NAME_FILE` names; None if neither is set or it is empty.

    Raises:
        UserError: the file cannot be read.
    """
    value = os.environ.get(name)  # noqa: TID251 - this is the module that reads the environment
    path = os.environ.get(f"{name}_FILE")  # noqa: TID251
    if value or not path:
        return value or None
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\n") or None
    except (OSError, UnicodeDecodeError) as failed:
        raise UserError(f"{name}_FILE names {path}, which cannot be read.") from failed


def everything() -> dict[str, str]:
    """A copy of the environment, for child processes."""
    return dict(os.environ)  # noqa: TID251


def load_dotenv(path: Path) -> None:
    """Take from `path` what the environment does not say already."""
    if path.is_file():
        from dotenv import load_dotenv as load

        load(path, override=False)


def data_dir() -> Path:
    """Where the local platform of this installation keeps its data: `CODEREV_DATA`, or `.coderev` in its checkout."""
    given = variable("CODEREV_DATA")
    home = ROOT if (ROOT / "template.yaml").exists() else Path.cwd()
    return Path(given) if given else home / ".coderev"


def config_dir() -> Path:
    """Where this user's logins are kept."""
    return _xdg("XDG_CONFIG_HOME", ".config")


def cache_dir() -> Path:
    """Where this user's hashes are kept; losing it costs time only."""
    return _xdg("XDG_CACHE_HOME", ".cache")


def _xdg(name: str, fallback: str) -> Path:
    given = variable(name)
    base = Path(given) if given and Path(given).is_absolute() else Path.home() / fallback
    return base / "coderev"
