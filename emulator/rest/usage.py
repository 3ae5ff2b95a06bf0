"""API keys and usage plans at work: who may call a stage, and how often.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from emulator.rest.call import Call, UsedKey
from emulator.rest.refusals import FORBIDDEN, QUOTA_EXCEEDED, THROTTLED, Refused
from emulator.rest.throttles import Buckets, Counter, limit_of
from emulator.template.rest_model import ApiKey, PlanStage, Usage, UsagePlan

_BYTES = 30


class Meter:
    """Checks keys and counts requests, for all ports of an emulator together.

    A key without a value gets one, which stays the same as long as `file` does. Nothing logs a value.
    """

    def __init__(self, usage: Usage, file: Path | None = None) -> None:
        self._usage, self._buckets = usage, Buckets()
        self.keys = _with_values(usage.keys, file)
        self.made_up = frozenset(name for name, key in usage.keys.items() if key.value is None)
        self._counters: dict[tuple[str, str], Counter] = {}

    def authorised(self, call: Call, *, given: str | None) -> UsedKey:
        """Take a client's key, and a request off what its plan allows.

        Args:
            given: The key that came in the header or from the authorizer.

        Raises:
            Refused: 403 where the key is none of the stage's plans, 429 where its plan is used up.
        """
        for plan, stage in self._plans(call.api.name, call.api.stage):
            for key in (self.keys[name] for name in plan.keys):
                if key.enabled and key.value and given and hmac.compare_digest(key.value.encode(), given.encode()):
                    self._count(plan, stage, key, call)
                    return UsedKey(key.id, key.value)
        raise Refused(FORBIDDEN)

    def throttle(self, call: Call) -> None:
        """Take a token of the route's own limit, which all clients share.

        Raises:
            Refused: 429; there is none.
        """
        assert call.target is not None, "only a route is throttled"
        route = call.target.route
        limit = limit_of(call.api.throttles, route.path, call.method)
        if limit and not self._buckets.take(("stage", call.api.name, *limit[1]), limit[0], call.now):
            raise Refused(THROTTLED)

    def _plans(self, api: str, stage: str) -> Iterator[tuple[UsagePlan, PlanStage]]:
        for plan in self._usage.plans:
            for each in plan.stages:
                if (each.api, each.stage) == (api, stage):
                    yield plan, each

    def _count(self, plan: UsagePlan, stage: PlanStage, key: ApiKey, call: Call) -> None:
        assert call.target is not None, "only a route is metered"
        limit = limit_of(stage.throttles, call.target.route.path, call.method)
        if limit and not self._buckets.take(("method", plan.name, key.id, *limit[1]), limit[0], call.now):
            raise Refused(THROTTLED)
        if plan.throttle and not self._buckets.take(("plan", plan.name, key.id), plan.throttle, call.now):
            raise Refused(THROTTLED)
        if plan.quota is not None:
            counter = self._counters.setdefault((plan.name, key.id), Counter(plan.quota))
            if not counter.take(call.now):
                raise Refused(QUOTA_EXCEEDED)


def _with_values(keys: Mapping[str, ApiKey], file: Path | None) -> dict[str, ApiKey]:
    wanting = [key.id for key in keys.values() if key.value is None]
    if not wanting:
        return dict(keys)
    known: dict[str, str] = json.loads(file.read_text()) if file is not None and file.exists() else {}
    values = {name: known.get(name) or secrets.token_urlsafe(_BYTES) for name in wanting}
    if file is not None and values != known:
        _keep(file, known | values)
    return {name: replace(key, value=values.get(name, key.value)) for name, key in keys.items()}


def _keep(file: Path, values: Mapping[str, str]) -> None:
    """Write the values where only the owner of the file reads them."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as opened:
        json.dump(values, opened)
