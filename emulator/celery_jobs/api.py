"""What workers and beats ask of the emulator: run a job, fire what is due. A bearer token is needed."""

from __future__ import annotations

import hmac
import re

from emulator.celery_jobs.hand import Workers
from emulator.clock import Clock
from emulator.sources.schedule import Schedules
from emulator.web.messages import Request, Response, json_response, problem

_RUN = re.compile(r"/_emulator/jobs/([0-9]{1,18})/run")
_TICK = "/_emulator/schedules/tick"


class JobsApi:
    """Answers a run once the job is settled, a tick once every firing that was due is stored."""

    def __init__(self, workers: Workers, schedules: Schedules, *, token: str, clock: Clock) -> None:
        self._workers, self._schedules, self._token, self._clock = workers, schedules, token, clock

    async def __call__(self, request: Request) -> Response | None:
        """Answer a request, or return None if it is none of these."""
        run = _RUN.fullmatch(request.path)
        if request.method != "POST" or (run is None and request.path != _TICK):
            return None
        given = request.header("authorization") or ""
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            return problem(401, "unauthorized", "A bearer token of the emulator is needed.")
        if run is not None:
            return json_response(200, {"outcome": await self._workers.run(int(run[1]))})
        fired = await self._schedules.look()
        due = self._schedules.next_due()
        return json_response(200, {"fired": fired, "next_s": None if due is None else due - self._clock.now()})
