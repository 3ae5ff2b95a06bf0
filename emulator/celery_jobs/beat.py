"""The beat: asks the emulator to fire what is due. Of several beats one holds the lock, the others wait for it."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import redis
from celery.beat import Scheduler

from emulator.celery_jobs.app import post
from emulator.celery_jobs.settings import WorkerSettings

log = logging.getLogger(__name__)
LOCK, LOCK_MS = "coderev-beat", 15_000
MOST_S, LEAST_S = 5.0, 0.01
_TICK_S = 10.0
_EXTEND = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0"
_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


class EmulatorBeat(Scheduler):  # type: ignore[misc, unused-ignore]
    """Ticks as long as it holds the lock. A firing that two beats see is stored once, so the lock is for economy."""

    settings: WorkerSettings

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._redis = redis.Redis.from_url(self.settings.broker, socket_timeout=2, socket_connect_timeout=2)
        self._own = secrets.token_hex(16)
        super().__init__(*arguments, **named)

    def setup_schedule(self) -> None:
        """What is due is known by the emulator alone."""

    def tick(self, *_: Any, **__: Any) -> float:
        """Fire what is due; return in how many seconds to look again."""
        try:
            if not self._locked():
                return MOST_S
            answer = post(f"{self.settings.edge}/_emulator/schedules/tick", self.settings.token, timeout_s=_TICK_S)
        except (OSError, ValueError, redis.RedisError) as away:
            log.warning("schedules are left to the emulator: %s", away)
            return MOST_S
        left = answer["next_s"]
        return MOST_S if left is None else min(max(float(left), LEAST_S), MOST_S)

    def close(self) -> None:
        try:
            self._redis.eval(_RELEASE, 1, LOCK, self._own)
        except redis.RedisError:
            log.info("the lock of the beat is left to run out")

    def _locked(self) -> bool:
        if self._redis.set(LOCK, self._own, nx=True, px=LOCK_MS):
            return True
        return bool(self._redis.eval(_EXTEND, 1, LOCK, self._own, LOCK_MS))


def scheduler_of(settings: WorkerSettings) -> type[EmulatorBeat]:
    """Return the scheduler class of one worker's beat."""
    return type("Beat", (EmulatorBeat,), {"settings": settings})
