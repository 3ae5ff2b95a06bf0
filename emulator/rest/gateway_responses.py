"""A refusal as the client gets it: AWS's default, or what the API's `GatewayResponses` make of it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from emulator.rest.call import Call
from emulator.rest.refusals import Refusal
from emulator.template import Api, GatewayResponse
from emulator.web.messages import Response

_VARIABLE = re.compile(r"\$(context|stageVariables|method\.request)((?:\.[\w-]+)*)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_JSON = "application/json"


def refuse(refusal: Refusal, api: Api, call: Call | None = None) -> Response:
    """Answer with a gateway response; without a call nothing is known of the request."""
    declared = _declared(refusal, api)
    if declared is None:
        headers = [("Content-Type", _JSON), ("x-amzn-ErrorType", refusal.error)]
        return Response(refusal.status, headers, refusal.body.encode())
    values = _Values(refusal, api, call)
    kind, body = _body(refusal, declared, call, values)
    pairs = [(name, value) for name, each in declared.headers.items() if (value := values.expression(each)) is not None]
    if not any(name.lower() == "content-type" for name, _ in pairs):
        pairs.insert(0, ("Content-Type", kind))
    return Response(declared.status or refusal.status, [*pairs, ("x-amzn-ErrorType", refusal.error)], body.encode())


def _declared(refusal: Refusal, api: Api) -> GatewayResponse | None:
    responses = api.gateway_responses
    return responses.get(refusal.kind) or responses.get(f"DEFAULT_{refusal.status // 100}XX")


def _body(refusal: Refusal, declared: GatewayResponse, call: Call | None, values: _Values) -> tuple[str, str]:
    """Pick the template by the first type of `Accept`, JSON where it has none, and fill it in."""
    templates = declared.templates
    wanted = (call.given.get("accept", "") if call else "").split(",")[0].split(";")[0].strip().lower()
    for kind in (wanted, _JSON, *templates):
        if kind in templates:
            return kind, _VARIABLE.sub(lambda found: values.text(found[1], found[2]), templates[kind])
    return _JSON, refusal.body


class _Values:
    """What a template or a header may name: `$context`, `$stageVariables`, and parameters of the request."""

    def __init__(self, refusal: Refusal, api: Api, call: Call | None) -> None:
        self._refusal, self._api, self._call = refusal, api, call

    def expression(self, given: str) -> str | None:
        """Return the value of a header: a literal in quotes, or a name without the dollar sign.

        A client's value that would end the header's line is left out.
        """
        if given.startswith("'") and given.endswith("'") and len(given) > 1:
            return given[1:-1]
        found = _VARIABLE.fullmatch("$" + given)
        if found is None:
            return given
        value = self._find(found[1], found[2][1:])
        text = None if value is None else _plain(value)
        return None if text is None or _CONTROL.search(text) else text

    def text(self, root: str, names: str) -> str:
        """Return a value as it stands in a template: escaped for JSON, nothing where there is none."""
        if root == "context" and names == ".error.messageString":
            return json.dumps(self._refusal.message)
        value = self._find(root, names[1:])
        return "" if value is None else json.dumps(_plain(value), ensure_ascii=False)[1:-1]

    def _find(self, root: str, names: str) -> Any:
        if root == "stageVariables":
            return self._api.variables.get(names)
        if root == "method.request":
            return self._parameter(*names.partition(".")[::2])
        found: Any = self._context()
        for name in names.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    def _parameter(self, place: str, name: str) -> str | None:
        if self._call is None:
            return None
        if place == "header":
            return self._call.given.get(name.lower())
        if place == "querystring":
            values = self._call.query.get(name)
            return values[-1] if values else None
        return self._call.parameters.get(name)

    def _context(self) -> dict[str, Any]:
        error = {
            "message": self._refusal.message,
            "messageString": json.dumps(self._refusal.message),
            "responseType": self._refusal.kind,
            "validationErrorString": self._refusal.reason or None,
        }
        return {**(self._call.context if self._call else {}), "error": error}


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
