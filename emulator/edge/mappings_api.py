"""Event source mappings of the Lambda API.

AWS: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import unquote

from emulator.edge.errors import ApiError, not_found
from emulator.edge.pages import page
from emulator.sources.mappings_rules import MappingRefused
from emulator.web.messages import Request, Response, json_response

_PATH = re.compile(r"/2015-03-31/event-source-mappings(?:/([^/]+))?/?")
_PAGE = 100
Configuration = dict[str, Any]


class Mappings(Protocol):
    """The mappings of an emulator. Changes return at once; their end shows in `State`. All raise MappingRefused."""

    def list(self, function: str | None = None, source: str | None = None) -> list[Configuration]: ...

    def get(self, uuid: str) -> Configuration: ...

    async def create(self, request: Mapping[str, Any]) -> Configuration: ...

    async def update(self, uuid: str, request: Mapping[str, Any]) -> Configuration: ...

    async def delete(self, uuid: str) -> Configuration: ...


class MappingsApi:
    """Answers requests under `/2015-03-31/event-source-mappings`."""

    def __init__(self, mappings: Mappings) -> None:
        self._mappings = mappings

    async def __call__(self, request: Request, query: Mapping[str, str]) -> Response | None:
        """Answer a request, or return None if it is about something else.

        Raises:
            ApiError: it is refused.
        """
        found = _PATH.fullmatch(request.path)
        if found is None:
            return None
        try:
            return await self._answer(request, unquote(found[1]) if found[1] else None, query)
        except MappingRefused as refused:
            raise ApiError(int(refused.status), refused.kind, refused.message) from refused

    async def _answer(self, request: Request, uuid: str | None, query: Mapping[str, str]) -> Response | None:
        match request.method, uuid:
            case "GET", None:
                found = self._mappings.list(query.get("FunctionName"), query.get("EventSourceArn"))
                return json_response(200, page("EventSourceMappings", found, query, most=_PAGE))
            case "POST", None:
                return json_response(202, await self._mappings.create(_document(request)))
            case "GET", str():
                return json_response(200, self._mappings.get(uuid))
            case "PUT", str():
                return json_response(202, await self._mappings.update(uuid, _document(request)))
            case "DELETE", str():
                return json_response(202, await self._mappings.delete(uuid))
        return None


def _document(request: Request) -> Mapping[str, Any]:
    try:
        document = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as broken:
        raise ApiError(400, "SerializationException", "The request is not JSON.") from broken
    if not isinstance(document, dict):
        raise not_found()
    return document
