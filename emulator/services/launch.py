"""Runs a command that ends when its parent does: `launch.py PARENT_PID SIGNAL USER COMMAND…` (`-` keeps the user).

It stands alone (no import beyond the standard library), so that it starts in milliseconds with `-I -S`.
The order matters: Linux clears the parent-death signal when the user changes.
"""

from __future__ import annotations

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def _become(name: str) -> None:
    if name == "-":
        return
    import pwd

    entry = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def _die_with(parent: int, signal: int) -> None:
    if not sys.platform.startswith("linux"):
        return  # survivors are ended by the next start
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit("the parent is gone")


def main(parent: str, signal: str, user: str, *command: str) -> None:
    """Replace this process by `command`."""
    _become(user)
    _die_with(int(parent), int(signal))
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
