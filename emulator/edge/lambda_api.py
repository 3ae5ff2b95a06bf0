"""The AWS Lambda API: invoke functions, read about them, and manage their event source mappings."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl, unquote

from emulator.asynchronous.dispatch import Asynchronous
from emulator.edge.errors import ApiError
from emulator.edge.function_urls import Urls
from emulator.edge.functions_api import FunctionsApi
from emulator.edge.invoke import Invoke, too_large
from emulator.edge.mappings_api import Mappings, MappingsApi
from emulator.edge.references import LATEST, Named, named
from emulator.runtime import Runtime
from emulator.web.messages import Request, Response

__all__ = ["LambdaApi", "too_large"]
_OURS = re.compile(
    r"/\d{4}-\d\d-\d\d/(functions|event-source-mappings|layers|tags|account-settings|code-signing-configs"
    r"|capacity-providers|durable-executions|durable-execution-callbacks|resource-policy)(/.*)?"
)
_INVOKES = re.compile(
    r"/(2015-03-31|2014-11-13|2021-11-15)/functions/([^/]+)/(invocations|invoke-async|response-streaming-invocations)/?"
)


class LambdaApi:
    """Answers requests to the Lambda service."""

    def __init__(
        self, runtime: Runtime, asynchronous: Asynchronous, mappings: Mappings, *, since: float, urls: Urls
    ) -> None:
        """Args: since: when the functions came to be as they are, in seconds since 1970."""
        self._runtime, self._functions = runtime, FunctionsApi(runtime, since, urls)
        self._mappings = MappingsApi(mappings)
        invoke = Invoke(runtime, asynchronous)
        self._invokes: Mapping[tuple[str, str], Callable[[Named, Request], Awaitable[Response]]] = {
            ("2015-03-31", "invocations"): invoke.plain,
            ("2014-11-13", "invoke-async"): invoke.old_asynchronous,
            ("2021-11-15", "response-streaming-invocations"): invoke.streamed,
        }

    async def __call__(self, request: Request) -> Response | None:
        """Answer a request, or return None if it is none of the Lambda API."""
        if not _OURS.fullmatch(request.path):
            return None
        try:
            return await self._route(request)
        except ApiError as failed:
            return failed.response()

    async def _route(self, request: Request) -> Response:
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        found = _INVOKES.fullmatch(request.path)
        if found and request.method == "POST" and (invoke := self._invokes.get((found[1], found[3]))):
            qualifier = query.get("Qualifier") or None
            return await invoke(named(self._runtime.function, unquote(found[2]), qualifier, default=LATEST), request)
        answer = self._functions(request, query) or await self._mappings(request, query)
        if answer is None:
            raise ApiError(501, "NotImplementedException", f"{request.method} {request.path} is not emulated.")
        return answer
