"""Writing objects so that no collection takes them away: announced before, needed by a row soon after."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from functions.project.histories import check_lines
from functions.project.model import key_of_history
from functions.project.ports import Deps
from kernel.identity import Caller

HISTORY_TYPE = "application/jsonl"


def put_announced(deps: Deps, caller: Caller, files: Mapping[str, Path]) -> None:
    """Store files under keys of the caller's organisation. Raises Unavailable."""
    if not files:
        return
    with deps.work(caller) as work:
        work.objects.announce(list(files))
    for key, path in files.items():
        deps.store.put_file(key, str(path))


def keep_history(deps: Deps, caller: Caller, history: bytes) -> str:
    """Store commits that lead to a version; the SHA-256 to name in `publishing.Wanted.history` within the day.

    Raises:
        Invalid, TooLarge: it is no history (`histories`).
        Unavailable: a store is down.
    """
    check_lines(history.split(b"\n"))
    sha256 = hashlib.sha256(history).hexdigest()
    key = key_of_history(caller.organisation, sha256)
    with deps.work(caller) as work:
        work.objects.announce([key])
    deps.store.put(key, history, HISTORY_TYPE)
    return sha256
