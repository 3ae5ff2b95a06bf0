"""Invoke in its three types, its old asynchronous form, and its form with a streamed answer.

AWS: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from __future__ import annotations

import base64
import binascii
import json
import sqlite3
import uuid
from collections.abc import Mapping

from emulator.asynchronous.dispatch import Asynchronous
from emulator.edge import event_stream
from emulator.edge.errors import ApiError, violated
from emulator.edge.references import Named
from emulator.runtime import Result, Runtime, Stopping, Throttled
from emulator.runtime.runtime import new_trace_id
from emulator.web.messages import Request, Response

MAX_SYNC_BYTES = 6 * 1024 * 1024
MAX_ASYNC_BYTES = 1024 * 1024
MAX_OLD_ASYNC_BYTES = 256 * 1024
_TYPES = "Member must satisfy enum value set: [Event, RequestResponse, DryRun]"
_LOG_TYPES = "Member must satisfy enum value set: [Tail, None]"
_OTHER_MEDIA = ("multipart/", "text/html", "text/xml", "application/xml", "image/", "audio/", "video/")
"""Bodies that cannot be JSON. SDKs send none, curl sends a form's type, and both are JSON to Lambda."""


class Invoke:
    """Runs functions for the Lambda API."""

    def __init__(self, runtime: Runtime, asynchronous: Asynchronous) -> None:
        self._runtime, self._asynchronous = runtime, asynchronous

    async def plain(self, named: Named, request: Request) -> Response:
        """Answer Invoke.

        Raises:
            ApiError: the request is not valid, or the function cannot run now.
        """
        kind = _kind(request, _TYPES, "RequestResponse", "Event", "DryRun")
        _check(request, MAX_ASYNC_BYTES if kind == "Event" else MAX_SYNC_BYTES, kind)
        if kind == "DryRun":
            return _answer(204, {"X-Amz-Executed-Version": named.version})
        if kind == "Event":
            request_id = await self._later(named, request)
            return _answer(202, {"x-amzn-RequestId": request_id})
        request_id = str(uuid.uuid4())
        trace_id = request.header("x-amzn-trace-id") or new_trace_id()
        result = await self._run(named, request, request_id, trace_id)
        headers = {
            "x-amzn-RequestId": request_id,
            "X-Amzn-Trace-Id": trace_id,
            "X-Amz-Executed-Version": named.version,
        }
        if result.error is not None:
            headers["X-Amz-Function-Error"] = result.error
        if request.header("x-amz-log-type") == "Tail":
            headers["X-Amz-Log-Result"] = base64.b64encode(result.log).decode()
        return _answer(200, headers, result.payload)

    async def old_asynchronous(self, named: Named, request: Request) -> Response:
        """Answer InvokeAsync, which is always asynchronous.

        Raises:
            ApiError: the request is not valid.
        """
        _check(request, MAX_OLD_ASYNC_BYTES, "Event")
        request_id = await self._later(named, request)
        return _answer(202, {"x-amzn-RequestId": request_id}, b'{"Status":202}')

    async def streamed(self, named: Named, request: Request) -> Response:
        """Answer InvokeWithResponseStream; Python functions answer in one chunk.

        Raises:
            ApiError: the request is not valid, or the function cannot run now.
        """
        kind = _kind(
            request, "Member must satisfy enum value set: [RequestResponse, DryRun]", "RequestResponse", "DryRun"
        )
        _check(request, MAX_SYNC_BYTES, kind)
        if kind == "DryRun":
            return _answer(204, {"X-Amz-Executed-Version": named.version})
        request_id = str(uuid.uuid4())
        result = await self._run(named, request, request_id, request.header("x-amzn-trace-id"))
        headers = {
            "Content-Type": event_stream.CONTENT_TYPE,
            "x-amzn-RequestId": request_id,
            "X-Amz-Executed-Version": named.version,
        }
        return Response(200, list(headers.items()), _stream(result, request.header("x-amz-log-type") == "Tail"))

    async def _later(self, named: Named, request: Request) -> str:
        trace_id = request.header("x-amzn-trace-id")
        try:
            return await self._asynchronous.submit(named.reference, request.body or b"{}", trace_id=trace_id)
        except sqlite3.Error as broken:
            raise ApiError(500, "ServiceException", f"The event could not be stored: {broken}.") from broken

    async def _run(self, named: Named, request: Request, request_id: str, trace_id: str | None) -> Result:
        try:
            return await self._runtime.invoke(
                named.reference,
                request.body or b"{}",
                request_id=request_id,
                trace_id=trace_id,
                client_context=_client_context(request),
                tenant_id=request.header("x-amz-tenant-id"),
            )
        except Throttled as throttled:
            fields = {"Reason": throttled.reason, "retryAfterSeconds": "1"}
            raise ApiError(429, "TooManyRequestsException", "Rate Exceeded.", **fields) from throttled
        except Stopping as stopping:
            raise ApiError(503, "ServiceException", "The emulator stops.") from stopping


def too_large() -> Response:
    """Answer a body over every limit, in the Lambda API's shape."""
    return _over(MAX_SYNC_BYTES, MAX_SYNC_BYTES + 1, "RequestResponse").response()


def _stream(result: Result, tail: bool) -> bytes:
    fields = {"LogResult": base64.b64encode(result.log).decode()} if tail else {}
    if result.error is None:
        return event_stream.chunk(result.payload) + event_stream.complete(fields)
    details = result.payload.decode("utf-8", "replace")
    return event_stream.complete({"ErrorCode": result.error, "ErrorDetails": details, **fields})


def _answer(status: int, headers: Mapping[str, str], body: bytes = b"") -> Response:
    return Response(status, [("Content-Type", "application/json"), *headers.items()], body)


def _kind(request: Request, constraint: str, *allowed: str) -> str:
    kind = request.header("x-amz-invocation-type") or allowed[0]
    if kind not in allowed:
        raise violated("invocationType", kind, constraint)
    log_type = request.header("x-amz-log-type")
    if log_type not in (None, "None", "Tail"):
        raise violated("logType", log_type, _LOG_TYPES)
    return kind


def _over(limit: int, size: int, kind: str) -> ApiError:
    message = f"Request must be smaller than {limit} bytes for the InvokeFunction operation"
    if kind == "Event":
        message = f"{size} byte payload is too large for the Event invocation type (limit {limit} bytes)"
    return ApiError(413, "RequestTooLargeException", message)


def _check(request: Request, limit: int, kind: str) -> None:
    media = (request.header("content-type") or "").lower()
    if media.startswith(_OTHER_MEDIA):
        raise ApiError(415, "UnsupportedMediaTypeException", f"Unsupported Media Type: {media.partition(';')[0]}")
    if len(request.body) > limit:
        raise _over(limit, len(request.body), kind)
    try:
        json.loads(request.body or b"{}", parse_constant=_no_constant)
    except (ValueError, RecursionError) as broken:
        message = f"Could not parse request body into json: Could not parse payload into json: {broken}"
        raise ApiError(400, "InvalidRequestContentException", message) from broken


def _no_constant(name: str) -> None:
    """Refuse `NaN` and the infinities, which Python reads and JSON does not have."""
    raise ValueError(f"Non-standard token '{name}'")


def _client_context(request: Request) -> str | None:
    encoded = request.header("x-amz-client-context")
    if encoded is None:
        return None
    try:
        context = json.loads(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError) as broken:
        raise _bad_context() from broken
    if not isinstance(context, dict):
        raise _bad_context()
    return json.dumps(context)


def _bad_context() -> ApiError:
    message = "Client context must be a valid Base64-encoded JSON object."
    return ApiError(400, "InvalidRequestContentException", message)
