"""One invocation on its way through the runtime."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from emulator.runtime.results import Result
from emulator.template import Function


@dataclass(slots=True)
class Invocation:
    """`answer` is resolved once, by whoever ends the invocation first."""

    function: Function
    payload: bytes
    request_id: str
    trace_id: str
    answer: asyncio.Future[Result]
    client_context: str | None = None
    started: float = field(default=0.0)

    def resolve(self, result: Result) -> None:
        if not self.answer.done():
            self.answer.set_result(result)

    def next_response(self) -> bytes:
        """Return the Runtime API's answer to `invocation/next` that hands this invocation over."""
        deadline_ms = int((time.time() + self.function.timeout_s) * 1000)
        context = f"Lambda-Runtime-Client-Context: {self.client_context}\r\n" if self.client_context else ""
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            f"Lambda-Runtime-Aws-Request-Id: {self.request_id}\r\n"
            f"Lambda-Runtime-Deadline-Ms: {deadline_ms}\r\n"
            f"Lambda-Runtime-Invoked-Function-Arn: {self.function.arn}\r\n"
            f"Lambda-Runtime-Trace-Id: {self.trace_id}\r\n"
            f"{context}Content-Length: {len(self.payload)}\r\n\r\n"
        )
        return head.encode() + self.payload
