"""The semgrep of this machine, if there is one. It is no package of ours: whoever wants it installs it beside."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import lru_cache

_TIMEOUT_S = 20.0
NAME = "semgrep"


def path() -> str:
    """Where it is; empty if it is nowhere on PATH."""
    return shutil.which(NAME) or ""


def version() -> str:
    """What it calls itself; empty if it is not there or does not answer."""
    found = path()
    return _asked(found, os.stat(found).st_mtime_ns) if found else ""


@lru_cache(maxsize=4)
def _asked(program: str, changed_ns: int) -> str:
    """Asked once for each state of the file, of which `changed_ns` tells."""
    try:
        command = [program, "--version", "--disable-version-check", "--metrics", "off"]
        answer = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=True, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.decode(errors="replace").strip()[:40]
