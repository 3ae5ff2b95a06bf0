"""The part of the AWS Lambda API that boto3's client needs: invoke, list and get functions."""

from __future__ import annotations

import base64
import binascii
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from emulator.asynchronous.dispatch import Asynchronous
from emulator.runtime import Result, Runtime, Stopping, Throttled, UnknownFunction
from emulator.template import Function, function_arn, function_name
from emulator.web.messages import Request, Response, json_response

MAX_SYNC_BYTES = 6 * 1024 * 1024
MAX_ASYNC_BYTES = 1024 * 1024
_PREFIX = "/2015-03-31/functions"
_INVOKE = re.compile(r"/2015-03-31/functions/([^/]+)/invocations/?")
_GET = re.compile(r"/2015-03-31/functions/([^/]+)(/configuration)?/?")


class ApiError(Exception):
    """An error in AWS's shape: status, exception name, message and further fields."""

    def __init__(self, status: int, kind: str, message: str, **fields: str) -> None:
        super().__init__(message)
        self.status, self.kind, self.message, self.fields = status, kind, message, fields

    def response(self) -> Response:
        headers = {"x-amzn-ErrorType": self.kind, "x-amzn-RequestId": str(uuid.uuid4())}
        if "retryAfterSeconds" in self.fields:
            headers["Retry-After"] = self.fields["retryAfterSeconds"]
        return json_response(self.status, {"Message": self.message, "Type": "User", **self.fields}, headers)


class LambdaApi:
    """Answers requests under `/2015-03-31/functions`."""

    def __init__(self, runtime: Runtime, asynchronous: Asynchronous) -> None:
        self._runtime, self._asynchronous = runtime, asynchronous

    async def __call__(self, request: Request) -> Response | None:
        """Answer a request, or return None if it is none of the Lambda API."""
        if not request.path.startswith(_PREFIX):
            return None
        try:
            return await self._route(request)
        except ApiError as failed:
            return failed.response()

    async def _route(self, request: Request) -> Response:
        if found := _INVOKE.fullmatch(request.path):
            if request.method == "POST":
                return await self._invoke(unquote(found[1]), request)
        elif request.method == "GET" and request.path.rstrip("/") == _PREFIX:
            functions = [_configuration(each) for each in self._runtime.functions.values()]
            return json_response(200, {"Functions": functions, "NextMarker": None})
        elif request.method == "GET" and (found := _GET.fullmatch(request.path)):
            configuration = _configuration(self._function(unquote(found[1])))
            whole = {"Configuration": configuration, "Code": {"RepositoryType": "local"}, "Tags": {}}
            return json_response(200, configuration if found[2] else whole)
        raise ApiError(501, "NotImplementedException", f"{request.method} {request.path} is not emulated.")

    async def _invoke(self, reference: str, request: Request) -> Response:
        kind = request.header("x-amz-invocation-type") or "RequestResponse"
        function = self._function(reference)
        _check_payload(request.body, kind)
        if kind == "DryRun":
            return _answer(204, {})
        if kind == "Event":
            request_id = await self._asynchronous.submit(function.name, request.body or b"{}")
            return _answer(202, {"x-amzn-RequestId": request_id})
        if kind != "RequestResponse":
            raise ApiError(400, "InvalidParameterValueException", f"Invocation type {kind} is unknown.")
        return await self._wait(function, request)

    async def _wait(self, function: Function, request: Request) -> Response:
        request_id = str(uuid.uuid4())
        result = await self._run(function, request, request_id)
        headers = {"x-amzn-RequestId": request_id, "X-Amz-Executed-Version": "$LATEST"}
        if result.error is not None:
            headers["X-Amz-Function-Error"] = result.error
        if request.header("x-amz-log-type") == "Tail":
            headers["X-Amz-Log-Result"] = base64.b64encode(result.log).decode()
        return _answer(200, headers, result.payload)

    async def _run(self, function: Function, request: Request, request_id: str) -> Result:
        try:
            return await self._runtime.invoke(
                function.name,
                request.body or b"{}",
                request_id=request_id,
                trace_id=request.header("x-amzn-trace-id"),
                client_context=_client_context(request),
            )
        except Throttled as throttled:
            fields = {"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded", "retryAfterSeconds": "1"}
            raise ApiError(429, "TooManyRequestsException", "Rate Exceeded.", **fields) from throttled
        except Stopping as stopping:
            raise ApiError(503, "ServiceException", "The emulator stops.") from stopping

    def _function(self, reference: str) -> Function:
        try:
            return self._runtime.function(reference)
        except UnknownFunction as unknown:
            arn = function_arn(function_name(reference))
            message = f"Function not found: {arn}:$LATEST"
            raise ApiError(404, "ResourceNotFoundException", message) from unknown


def too_large() -> Response:
    """Answer a body over every limit, in the Lambda API's shape."""
    message = f"Request must be smaller than {MAX_SYNC_BYTES} bytes for the InvokeFunction operation"
    return ApiError(413, "RequestTooLargeException", message).response()


def _answer(status: int, headers: Mapping[str, str], body: bytes = b"") -> Response:
    return Response(status, [("Content-Type", "application/json"), *headers.items()], body)


def _check_payload(body: bytes, kind: str) -> None:
    limit = MAX_ASYNC_BYTES if kind == "Event" else MAX_SYNC_BYTES
    if len(body) > limit:
        message = f"Request must be smaller than {limit} bytes for the InvokeFunction operation"
        raise ApiError(413, "RequestTooLargeException", message)
    try:
        json.loads(body or b"{}")
    except (ValueError, RecursionError) as broken:
        message = f"Could not parse request body into json: Could not parse payload into json: {broken}"
        raise ApiError(400, "InvalidRequestContentException", message) from broken


def _client_context(request: Request) -> str | None:
    encoded = request.header("x-amz-client-context")
    if encoded is None:
        return None
    try:
        return json.dumps(json.loads(base64.b64decode(encoded, validate=True)))
    except (binascii.Error, ValueError) as broken:
        raise ApiError(400, "InvalidRequestContentException", "Could not parse the client context.") from broken


def _configuration(function: Function) -> dict[str, Any]:
    return {
        "FunctionName": function.name,
        "FunctionArn": function.arn,
        "Runtime": function.runtime,
        "Handler": function.handler,
        "Timeout": function.timeout_s,
        "MemorySize": function.memory_mb,
        "Version": "$LATEST",
        "PackageType": "Zip",
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "Environment": {"Variables": dict.fromkeys(function.environment, "***")},
    }
