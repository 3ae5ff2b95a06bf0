"""What SAM generates beside functions and APIs, and what Ref and Fn::GetAtt give of it.

AWS: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from emulator.template.http_urls import url_id
from emulator.template.model import ACCOUNT, REGION, function_arn

_FUNCTION, _API = "AWS::Serverless::Function", "AWS::Serverless::Api"
_STAGES = {_API: "Prod", "AWS::Serverless::HttpApi": "$default", "AWS::Serverless::WebSocketApi": "default"}
"""Resources beside which SAM generates a stage, and its name where none is given."""
_IMPLICIT = {"ServerlessRestApi": "Prod", "ServerlessHttpApi": "$default"}
"""The APIs of events that name none, and their stages."""
_USAGE = ("UsagePlan", "ApiKey", "UsagePlanKey")


class Generated:
    """Knows the generated resources of one template.

    Args:
        physical: Returns the name of a resource outside the template.
    """

    def __init__(
        self, resources: Mapping[str, Any], resolve: Callable[[Any], Any], physical: Callable[[str], str]
    ) -> None:
        self._resources, self._resolve, self._physical = resources, resolve, physical

    def ref(self, name: str) -> str | None:
        """Return what `!Ref name` gives, None if SAM generates nothing of that name."""
        if name in _IMPLICIT:
            return name
        return next((value for known, value in self._values(name) if name in known), None)

    def attribute(self, logical_id: str, attribute: str) -> str | None:
        """Return what `!GetAtt logical_id.attribute` gives, None if it is not known."""
        function = self._properties(logical_id.removesuffix("Url"), _FUNCTION)
        if attribute == "FunctionUrl" and function and function.get("FunctionUrlConfig"):
            name = self._physical(logical_id.removesuffix("Url"))
            return f"https://{url_id(name)}.lambda-url.{REGION}.on.aws/"
        if attribute == "Arn" and self._properties(logical_id.removesuffix("Role"), _FUNCTION) is not None:
            return f"arn:aws:iam::{ACCOUNT}:role/{logical_id}"
        if attribute in ("RestApiId", "RootResourceId", "ApiId") and logical_id in _IMPLICIT:
            return logical_id
        return None

    def stage(self, logical_id: str) -> str | None:
        """Return the name of an API's stage."""
        resource = self._resources.get(logical_id) or {}
        default = _STAGES.get(str(resource.get("Type")), _IMPLICIT.get(logical_id))
        if default is None:
            return None
        return str(self._resolve((resource.get("Properties") or {}).get("StageName") or default))

    def _values(self, name: str) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield names under which something can be referred to, and its value; only what may have this name."""
        for logical_id in (*self._resources, *_IMPLICIT):
            if not name.startswith(logical_id):
                continue
            stage = self.stage(logical_id)
            if stage is not None:
                yield (f"{logical_id}.Stage", f"{logical_id}{stage}Stage", f"{logical_id}ApiGatewayDefaultStage"), stage
            if self._plans(logical_id, "PER_API"):
                yield from (((f"{logical_id}{what}", f"{logical_id}.{what}"), f"{logical_id}{what}") for what in _USAGE)
            yield from self._of_function(logical_id)
        if any(self._plans(logical_id, "SHARED") for logical_id in (*self._resources, *_IMPLICIT)):
            yield from (((f"Serverless{what}",), f"Serverless{what}") for what in _USAGE)

    def _of_function(self, logical_id: str) -> Iterator[tuple[tuple[str, ...], str]]:
        given = self._properties(logical_id, _FUNCTION)
        if given is None:
            return
        yield (f"{logical_id}Role",), f"{logical_id}Role"
        arn = function_arn(self._physical(logical_id))
        if given.get("FunctionUrlConfig"):
            yield (f"{logical_id}Url",), arn
        if "AutoPublishAlias" in given:
            alias = self._resolve(given["AutoPublishAlias"])
            yield (f"{logical_id}.Version",), f"{arn}:1"
            yield (f"{logical_id}.Alias", f"{logical_id}Alias{alias}"), f"{arn}:{alias}"

    def _plans(self, logical_id: str, wanted: str) -> bool:
        given = self._properties(logical_id, _API) or {}
        plan = (given.get("Auth") or {}).get("UsagePlan") or {}
        return bool(self._resolve(plan.get("CreateUsagePlan")) == wanted)

    def _properties(self, logical_id: str, kind: str) -> Mapping[str, Any] | None:
        resource = self._resources.get(logical_id)
        if resource is None or resource.get("Type") != kind:
            return None
        return resource.get("Properties") or {}
