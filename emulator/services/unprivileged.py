"""PostgreSQL refuses to run as root: then it runs as `nobody`, in folders that `nobody` can reach.

When the data folder lies below one that only root may enter (`/root`, pytest's temporary folders), the cluster is kept
in `/var/tmp/coderev-<hash of the data folder>` instead and a symbolic link in the data folder says so. When the
installed binaries lie there, they are copied to the same place once.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from emulator.services.errors import StartFailed

NAME = "nobody"
_OUTSIDE = Path("/var/tmp")


@dataclass(frozen=True, slots=True)
class User:
    """Who a child runs as; `None` ids mean the current user."""

    name: str | None = None
    uid: int | None = None
    gid: int | None = None

    def own(self, path: Path) -> None:
        """Give `path` to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def user() -> User:
    """Return `nobody` for root, the current user otherwise."""
    if os.geteuid() != 0:
        return User()
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError as unknown:
        raise StartFailed(f"PostgreSQL does not run as root, and there is no user {NAME}: create it.") from unknown
    return User(NAME, entry.pw_uid, entry.pw_gid)


def reachable(folder: Path) -> bool:
    """Tell whether everybody may pass through `folder` and all above it."""
    whole = folder.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (whole, *whole.parents))


def home(data: Path, runner: User) -> Path:
    """Return the folder for what `runner` owns: `data`, or one outside it that `runner` can reach.

    Raises:
        StartFailed: the folder outside belongs to somebody else.
    """
    if runner.uid is None or reachable(data):
        return data
    outside = _OUTSIDE / f"coderev-{hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:16]}"
    outside.mkdir(mode=0o711, exist_ok=True)
    found = outside.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise StartFailed(f"{outside} belongs to somebody else: remove it, or choose --data outside of {data.parent}.")
    outside.chmod(0o711)
    link = data / "postgres"
    if not link.is_symlink() and not link.exists():
        link.symlink_to(outside / "postgres")
    return outside


def binaries(installed: Path, place: Path, runner: User) -> Path:
    """Return `installed` (the folder with `bin`, `lib`, `share`), or a copy in `place` that `runner` can execute."""
    if runner.uid is None or reachable(installed / "bin"):
        return installed
    copy = place / f"binaries-{hashlib.sha256(str(installed).encode()).hexdigest()[:8]}"
    if not copy.exists():
        half = copy.with_suffix(".new")
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(installed, half, symlinks=True)
        half.chmod(0o755)
        half.rename(copy)
    return copy
