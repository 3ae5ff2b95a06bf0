"""From a template file to a `Template`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from emulator.template import apis, event_kinds, functions
from emulator.template.document import parameters, read
from emulator.template.errors import TemplateError
from emulator.template.events import Events
from emulator.template.intrinsics import Resolver
from emulator.template.model import Function, Template
from emulator.template.rest_events import IMPLICIT
from emulator.template.rest_model import Api

_FUNCTION, _LAYER, _API = (f"AWS::Serverless::{kind}" for kind in ("Function", "LayerVersion", "Api"))
_SURROUNDINGS = (
    "AWS::ApiGateway::", "AWS::CloudFront::", "AWS::CloudWatch::", "AWS::EC2::", "AWS::ElastiCache::", "AWS::IAM::", "AWS::KMS::",
    "AWS::Lambda::Permission", "AWS::Logs::", "AWS::MSK::", "AWS::RDS::", "AWS::Route53::", "AWS::S3::", "AWS::SSM::",
    "AWS::SecretsManager::", "AWS::WAFv2::",
)  # fmt: skip
"""Resources that stand around the functions and have nothing to run here."""


def load(path: Path, parameters: Mapping[str, str] | None = None) -> Template:
    """Read a template file.

    Args:
        parameters: Values that win over the template's defaults; names it does not declare are ignored.

    Raises:
        TemplateError: it cannot be served; the sentence says what and where.
    """
    return _Reading(path, parameters or {}).template()


class _Reading:
    """One pass over a template: resources of a kind, with Globals merged and intrinsics resolved."""

    def __init__(self, path: Path, given: Mapping[str, str]) -> None:
        document = read(path)
        self._root = path.resolve().parent
        self._globals: Mapping[str, Any] = document.get("Globals") or {}
        self._resources: Mapping[str, Any] = document["Resources"]
        self._resolver = Resolver(document, parameters(document, given))
        self._warnings: list[str] = []

    def template(self) -> Template:
        self._check_kinds()
        found_apis = self._apis()
        events = Events(found_apis)
        found: dict[str, Function] = {}
        for function, declared in self._functions():
            found[function.name] = function
            for name, event in declared.items():
                event_kinds.add(events, function, name, event)
        self._check_authorizers(found_apis, found)
        return Template(
            functions=found,
            routes=tuple(events.routes),
            apis=found_apis,
            kafka=tuple(events.kafka),
            s3=tuple(events.s3),
            schedules=tuple(events.schedules),
            warnings=tuple(dict.fromkeys(self._warnings + events.warnings)),
        )

    def _functions(self) -> Iterator[tuple[Function, Mapping[str, Any]]]:
        """Yield each function with its events."""
        layers = {name: functions.read_layer(given, self._root) for name, given in self._of(_LAYER, {})}
        for logical_id, given in self._of(_FUNCTION, self._globals.get("Function") or {}):
            function = functions.read_function(logical_id, given, root=self._root, layers=layers)
            self._warnings += functions.warnings(function, given)
            yield function, given.get("Events") or {}

    def _of(self, kind: str, defaults: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for logical_id, resource in self._resources.items():
            wanted = resource.get("Condition")
            if resource["Type"] == kind and (wanted is None or self._resolver.condition(wanted)):
                own = functions.merged(defaults, resource.get("Properties") or {})
                yield logical_id, self._resolver.resolve(own)

    def _apis(self) -> dict[str, Api]:
        defaults = self._globals.get("Api") or {}
        implicit = self._resolver.resolve(defaults)
        found = {IMPLICIT: apis.read_api(IMPLICIT, implicit)}
        for logical_id, given in self._of(_API, defaults):
            found[logical_id] = apis.read_api(logical_id, given)
            self._warnings += apis.warnings(logical_id, given)
        return found

    def _check_kinds(self) -> None:
        for logical_id, resource in self._resources.items():
            kind = str(resource.get("Type", "")) if isinstance(resource, dict) else ""
            if kind in (_FUNCTION, _LAYER, _API, "AWS::S3::Bucket"):
                continue
            if not kind.startswith(_SURROUNDINGS):
                raise TemplateError(
                    f"{logical_id}: resources of type {kind or 'none'} are not supported by the emulator"
                )
            self._warnings.append(f"{logical_id}: {kind} is not emulated")

    def _check_authorizers(self, found: Mapping[str, Api], known: Mapping[str, Function]) -> None:
        for api in found.values():
            for authorizer in api.authorizers.values():
                if authorizer.function not in known:
                    raise TemplateError(
                        f"{api.name}: authorizer {authorizer.name} calls {authorizer.function}, which is not declared"
                    )
