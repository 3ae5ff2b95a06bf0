"""`GET /_localstack/health`: what tools that wait for LocalStack ask before they start."""

from __future__ import annotations

from collections.abc import Callable

from emulator.web.messages import Request, Response, json_response

_SERVICES = ("lambda", "s3", "sqs", "sns", "dynamodb", "events", "ssm", "secretsmanager")


class Health:
    """Answers in LocalStack's words. `ready` tells whether the emulator serves."""

    def __init__(self, ready: Callable[[], bool]) -> None:
        self._ready = ready

    async def __call__(self, request: Request) -> Response | None:
        if request.path not in ("/_localstack/health", "/health") or request.method not in ("GET", "HEAD"):
            return None
        state = "available" if self._ready() else "initializing"
        return json_response(200 if self._ready() else 503, {"services": dict.fromkeys(_SERVICES, state)})
