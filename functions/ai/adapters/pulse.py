"""Renews a review's lease beside the model call, so that it may be short: a killed worker is replaced in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from functions.ai.adapters.store import LEASE_S, work
from functions.ai.model import Claim
from kernel.errors import Unavailable
from kernel.identity import Caller
from kernel.work import Database

BEAT_S = LEASE_S / 4


@contextmanager
def kept(database: Database, caller: Caller, claim: Claim, *, beat_s: float = BEAT_S) -> Iterator[None]:
    """Hold `claim` while the block runs. A beat that fails is made up for by the next one."""
    stop = Event()
    thread = Thread(target=_beat, args=(database, caller, claim, stop, beat_s), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _beat(database: Database, caller: Caller, claim: Claim, stop: Event, beat_s: float) -> None:
    while not stop.wait(beat_s):
        try:
            with work(database, caller) as open_:
                if not open_.reviews.keep(claim):
                    return
        except Unavailable:
            continue
