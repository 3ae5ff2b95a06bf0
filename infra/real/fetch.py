"""Fetches the programs once, by the usual clients of their registries, into a cache outside the repository."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
GO_PROGRAMS: Mapping[str, str] = {
    "minio": "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c",
    "opa": "github.com/open-policy-agent/opa@v1.22.2",
}
_FETCH_S = 1200


class Missing(Exception):
    """A program cannot be had on this machine; the message says why."""


def cache() -> Path:
    """Return the folder that keeps what was fetched, `$XDG_CACHE_HOME/coderev/real` or `~/.cache/coderev/real`."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"  # noqa: TID251 - the place is the system's
    return Path(home) / "coderev" / "real"


def jars(name: str) -> Path:
    """Return the folder with the jars of `infra/real/<name>/pom.xml`.

    Raises:
        Missing: there is no Java or Maven, or the registry refuses.
    """
    pom = HERE / name / "pom.xml"
    folder = cache() / f"{name}-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    if folder.is_dir():
        return folder
    _tool("java", "Java 17 or later")
    maven = _tool("mvn", "Maven")
    unfinished = folder.with_suffix(".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    goal = ("dependency:copy-dependencies", f"-DoutputDirectory={unfinished}")
    _run((maven, "-q", "-B", "-f", str(pom), *goal), {})
    unfinished.rename(folder)
    return folder


def go_program(name: str) -> Path:
    """Return the binary of a Go program.

    Raises:
        Missing: there is no Go, or the registry refuses.
    """
    module = GO_PROGRAMS[name]
    folder = cache() / f"{name}-{module.rpartition('@')[2]}"
    if not (folder / name).is_file():
        go = _tool("go", "Go 1.24 or later")
        unfinished = folder.with_suffix(".part")
        _run((go, "install", module), {"GOBIN": str(unfinished)})
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
    return folder / name


def java() -> str:
    """Return the Java launcher.

    Raises:
        Missing: there is none.
    """
    return _tool("java", "Java 17 or later")


def _tool(name: str, words: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Missing(f"{words} is not installed")
    return found


def _run(command: tuple[str, ...], extra: Mapping[str, str]) -> None:
    cache().mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **extra}  # noqa: TID251 - Maven and Go find their own settings there
    try:
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=_FETCH_S)
    except subprocess.TimeoutExpired as slow:
        raise Missing(f"{command[0]} did not finish in {_FETCH_S} s") from slow
    except subprocess.CalledProcessError as failed:
        said = (failed.stderr or failed.stdout).strip().splitlines()
        raise Missing(f"{Path(command[0]).name} failed: {said[-1] if said else failed.returncode}") from failed
