"""One invocation on its way through the runtime."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from dataclasses import dataclass, field

from emulator.runtime.results import Result
from emulator.template import Function

_RUN, _number = str(uuid.uuid4())[:24], itertools.count(1)
"""Every delivery has an id of its own, which takes no time to make."""


@dataclass(slots=True, eq=False)
class Invocation:
    """`answer` is resolved once, by whoever ends the invocation first.

    `arn` is the function's, with the qualifier that the caller used. `client_context` and `cognito_identity`
    are JSON documents.
    """

    function: Function
    payload: bytes
    request_id: str
    trace_id: str
    answer: asyncio.Future[Result]
    arn: str
    client_context: str | None = None
    cognito_identity: str | None = None
    tenant_id: str | None = None
    started: float = field(default=0.0)
    queued: float = field(default=0.0)

    def resolve(self, result: Result) -> None:
        if not self.answer.done():
            self.answer.set_result(result)

    def next_response(self, limit_s: float) -> bytes:
        """Return the Runtime API's answer to `invocation/next` that hands this invocation over."""
        deadline_ms = int((time.time() + limit_s) * 1000)
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            f"Lambda-Runtime-Aws-Request-Id: {self.request_id}\r\n"
            f"Lambda-Runtime-Deadline-Ms: {deadline_ms}\r\n"
            f"Lambda-Runtime-Invoked-Function-Arn: {self.arn}\r\n"
            f"Lambda-Runtime-Trace-Id: {self.trace_id}\r\n"
            f"Lambda-Runtime-Invocation-Id: {_RUN}{next(_number):012x}\r\n"
            f"{self._optional()}Content-Length: {len(self.payload)}\r\n\r\n"
        )
        return head.encode() + self.payload

    def _optional(self) -> str:
        """Return the headers that only some invocations have."""
        given = (
            ("Client-Context", self.client_context),
            ("Cognito-Identity", self.cognito_identity),
            ("Aws-Tenant-Id", self.tenant_id),
        )
        return "".join(f"Lambda-Runtime-{name}: {value}\r\n" for name, value in given if value)
