"""What happens in a function's thread: the handler is loaded and called by `awslambdaric`'s own code."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from awslambdaric import bootstrap
from awslambdaric.lambda_runtime_exception import FaultException
from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller

from emulator.runtime import endings
from emulator.runtime.endings import Ending
from emulator.runtime.inside_code import Handler
from emulator.runtime.inside_output import Printed
from emulator.runtime.invocation import Invocation
from emulator.runtime.results import MAX_RESPONSE_BYTES

_RIC: Any = bootstrap


@dataclass(frozen=True, slots=True)
class Loaded:
    """`handler`, or why there is none: `fail` describes it for an invocation, by its request id."""

    handler: Handler | None = None
    fail: Callable[[str], Ending] | None = None


@dataclass(slots=True)
class _Client:
    """Stands in for the client of the Runtime API."""

    marshaller: Any = field(default_factory=LambdaMarshaller)
    ending: Ending | None = None

    def post_invocation_result(self, invoke_id: str, result: Any, kind: str, invocation_id: str | None = None) -> None:
        body = result if isinstance(result, bytes) else str(result).encode()
        self.ending = endings.answered(body) if len(body) <= MAX_RESPONSE_BYTES else endings.too_large()

    def post_invocation_error(self, invoke_id: str, error: str, xray: str, invocation_id: str | None = None) -> None:
        self.ending = endings.raised(error.encode())


def loaded(load: Callable[[], Handler], printed: Printed) -> Loaded:
    """Load a handler; what goes wrong is told as `awslambdaric` tells it at its start."""
    try:
        return Loaded(load())
    except FaultException as fault:
        error = _RIC.make_error(fault.msg, fault.exception_type, fault.trace)
    except SystemExit as left:
        status = _status(left)
        return Loaded(fail=lambda request_id: endings.exited(request_id, status))
    except Exception:  # noqa: BLE001 - whatever a module raises is how its function fails
        error = _RIC.build_fault_result(sys.exc_info(), None)
    _RIC.log_error(error, printed)
    body = json.dumps(error).encode()
    return Loaded(fail=lambda _: endings.not_loaded(body))


def called(handler: Handler, invocation: Invocation, printed: Printed) -> Ending:
    """Call a handler with an event and say how that ended."""
    client = _Client()
    deadline_ms = int((time.time() + invocation.function.timeout_s) * 1000)
    try:
        _RIC.handle_event_request(
            client,
            handler,
            invocation.request_id,
            invocation.payload,
            "application/json",
            invocation.client_context,
            invocation.cognito_identity,
            invocation.arn,
            deadline_ms,
            invocation.tenant_id,
            printed,
        )
    except SystemExit as left:
        return endings.exited(invocation.request_id, _status(left))
    except BaseException as failed:  # noqa: BLE001 - a process would end of what is no Exception
        printed.log(f"{type(failed).__name__}: {failed}")
        return endings.exited(invocation.request_id, 1)
    assert client.ending is not None, "awslambdaric tells how each call ended"
    return client.ending


def _status(left: SystemExit) -> int:
    """Return the exit status of a process that ended so."""
    return left.code if isinstance(left.code, int) else int(left.code is not None)
