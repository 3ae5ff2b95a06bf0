"""Events of new objects on disk until their receiver has taken them: at least once, also across a kill.

An `.intent` is written before the object, an `.event` after it. An intent without an event is a run that was killed in
between: the next one looks whether the object has arrived.
"""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from emulator.services import files

_TIMEOUT_S = 3.0
_BACK_OFF_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_log = logging.getLogger(__name__)


class Refused(OSError):
    """The receiver is there but does not take the event."""


@dataclass(frozen=True, slots=True)
class Target:
    """Who takes the events: a URL that answers 2xx once it keeps them."""

    url: str
    token: str = field(repr=False)

    def post(self, body: bytes) -> None:
        """Hand an event over.

        Raises:
            Refused: the answer is not 2xx.
            OSError: nobody answers.
        """
        where = urlsplit(self.url)
        line = http.client.HTTPConnection(where.netloc, timeout=_TIMEOUT_S)
        try:
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
            line.request("POST", where.path, body, headers)
            status = line.getresponse().status
        except http.client.HTTPException as garbled:
            raise OSError(f"no HTTP answer: {garbled!r}") from garbled
        finally:
            line.close()
        if not 200 <= status < 300:
            raise Refused(f"the receiver answered {status}")


@dataclass(frozen=True, slots=True)
class Intent:
    """An object that is about to be written."""

    bucket: str
    key: str
    name: str
    rule: str
    begun: float = field(default_factory=time.time)


class Outbox:
    """The events of one folder, delivered in the order in which they were written."""

    def __init__(self, folder: Path, target: Target) -> None:
        self._folder = folder
        self._target = target
        self._numbers = itertools.count()
        self._delivering = asyncio.Lock()
        self._waiting = asyncio.Event()
        self._refused = 0
        self._away_until = 0.0
        self._again_at = 0.0
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def intend(self, intent: Intent) -> Path:
        """Note durably that an object is about to be written."""
        path = self._folder / f"{time.time_ns():020d}-{next(self._numbers):06d}.intent"
        files.write(path, json.dumps(asdict(intent)), durable=True)
        return path

    def complete(self, intent: Path, event: dict[str, Any]) -> None:
        """The object is there: keep its event durably."""
        files.write(intent.with_suffix(".event"), json.dumps(event), durable=True)
        self.abandon(intent)

    def abandon(self, intent: Path) -> None:
        """The object was not written."""
        intent.unlink(missing_ok=True)

    def recover(self, look: Callable[[Intent], dict[str, Any] | None]) -> None:
        """Settle the intents of a killed run; `look` returns the event of an object that has arrived since."""
        for path in sorted(self._folder.glob("*.intent")):
            event = look(Intent(**files.read_json(path)))
            if event is None:
                self.abandon(path)
            else:
                self.complete(path, event)

    async def flush(self) -> None:
        """Deliver what is there; what is not taken now is tried again in the background.

        A receiver that is away ends the round; an event that it refuses does not hold up the others.
        """
        if time.monotonic() < self._away_until:
            return
        async with self._delivering:
            away = False
            try:
                outcomes = [await self._deliver(path) for path in sorted(self._folder.glob("*.event"))]
            except OSError as absent:
                outcomes, away = [False], True
                _log.warning("receiver of events is away", extra={"reason": str(absent)})
            self._plan_next(all(outcomes), away=away)

    def _plan_next(self, delivered: bool, *, away: bool) -> None:
        self._refused = 0 if delivered else self._refused + 1
        if not delivered:
            self._again_at = time.monotonic() + _BACK_OFF_S[min(self._refused, len(_BACK_OFF_S)) - 1]
            self._away_until = self._again_at if away else 0.0
            self._waiting.set()

    async def _deliver(self, path: Path) -> bool:
        try:
            await asyncio.to_thread(self._target.post, path.read_bytes())
        except FileNotFoundError:
            return True
        except Refused as refused:
            _log.warning("event refused", extra={"event": path.name, "reason": str(refused)})
            return False
        path.unlink(missing_ok=True)
        return True

    async def keep_trying(self) -> None:
        """Deliver in the background what could not be delivered at once."""
        self._waiting.set()
        while True:
            await self._waiting.wait()
            self._waiting.clear()
            await asyncio.sleep(max(0.0, self._again_at - time.monotonic()))
            await self.flush()
