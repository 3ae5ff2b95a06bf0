"""From a template file to a `Template`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from emulator.template import (
    apis,
    event_kinds,
    functions,
    http_apis,
    http_model,
    http_urls,
    lambda_resources,
    parameters,
    rule_resources,
    usage_plans,
    websocket_apis,
    websocket_model,
)
from emulator.template.declared import Declared
from emulator.template.destinations import injected
from emulator.template.document import located, read
from emulator.template.errors import TemplateError
from emulator.template.events import Events
from emulator.template.intrinsics import Resolver
from emulator.template.marks import at, within
from emulator.template.model import AwsResource, Function, Template
from emulator.template.references import NoValues, References, Values
from emulator.template.resources import kind_of
from emulator.template.rest_events import IMPLICIT
from emulator.template.rest_model import Api, Usage
from emulator.template.websocket_model import WebSocketApi

_FUNCTION, _LAYER, _API, _HTTP_API = (
    f"AWS::Serverless::{kind}" for kind in ("Function", "LayerVersion", "Api", "HttpApi")
)
_OF_ANYBODY = re.compile(r"(?!AWS::Serverless::(?!StateMachine|SimpleTable|Application|Connector|GraphQLApi)).+::.+")
"""Types of resources that stand around the functions and have nothing to run here; SAM's own are known by name."""


def load(
    path: Path, parameters: Mapping[str, str] | None = None, *, values: Values | None = None, strict: bool = False
) -> Template:
    """Read a template file.

    Args:
        parameters: Values that win over the template's defaults; names it does not declare are ignored.
        values: Where `{{resolve:…}}` looks.
        strict: Refuse what is not emulated instead of warning about it.

    Raises:
        TemplateError: it cannot be served; the sentence says what and where.
    """
    document = read(path)
    try:
        with within(document, path):
            template = _Reading(document, path, parameters or {}, values or NoValues()).template()
    except TemplateError as wrong:
        raise located(wrong, path) from wrong
    left_out = [warning for warning in template.warnings if "not emulated" in warning]
    if strict and left_out:
        raise TemplateError(f"{path}: {'; '.join(left_out)}")
    return template


class _Reading:
    """One pass over a template: resources of a kind, with Globals merged and intrinsics resolved."""

    def __init__(self, document: Mapping[str, Any], path: Path, given: Mapping[str, str], values: Values) -> None:
        self._root = path.resolve().parent
        self._references = References(values)
        self._globals: Mapping[str, Any] = document.get("Globals") or {}
        self._resources: Mapping[str, Any] = document["Resources"]
        settled = parameters.settle(document, given, self._references.parameter)
        self._no_echo = parameters.hidden(document, settled)
        self._resolver = Resolver(document, settled, self._references, self._root)
        self._declared = Declared(self._resources, self._resolver, self._exists)
        self._references.also.append(self._declared)
        self._warnings: list[str] = []
        self._injected: list[AwsResource] = []

    def template(self) -> Template:
        self._check_kinds()
        found_apis = self._apis()
        events = Events(found_apis, http_apis=self._http_apis())
        declared = list(self._functions())
        functions.check_names(declared)
        found = lambda_resources.apply({function.name: function for function, _ in declared}, self._plain)
        for function, given in declared:
            self._add_events(events, found[function.name], given)
        self._add_mappings(events, found)
        self._add_rules(events, found)
        self._check_authorizers(found_apis, found)
        sockets = self._sockets(found)
        usage = self._usage({name: api for name, api in found_apis.items() if name != IMPLICIT or events.routes})
        return Template(
            functions=found,
            routes=tuple(events.routes),
            apis=found_apis,
            http=self._http(events, declared),
            sockets=sockets,
            kafka=tuple(events.kafka),
            s3=tuple(events.s3),
            schedules=tuple(events.schedules),
            event_rules=tuple(events.event_rules),
            sqs=tuple(events.sqs),
            warnings=tuple(dict.fromkeys(self._warnings + events.warnings)),
            resources=(*self._declared.all(), *self._injected),
            usage=usage,
            hidden=frozenset(self._references.resolved) | self._no_echo | usage.secrets,
        )

    def _functions(self) -> Iterator[tuple[Function, Mapping[str, Any]]]:
        """Yield each function with its properties."""
        layers = {name: functions.read_layer(name, given, self._root) for name, given in self._layers()}
        for logical_id, given in self._all_functions():
            with at(self._resources, logical_id):
                function = functions.read_function(logical_id, given, root=self._root, layers=layers)
            self._warnings += functions.warnings(function, given)
            self._injected += injected(logical_id, given)
            yield function, given

    def _all_functions(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield from self._of(_FUNCTION, self._globals.get("Function") or {})
        for logical_id, given in self._plain(lambda_resources.FUNCTION):
            yield logical_id, lambda_resources.as_serverless(logical_id, given)

    def _layers(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield from self._of(_LAYER, self._globals.get("LayerVersion") or {})
        for logical_id, given in self._plain("AWS::Lambda::LayerVersion"):
            yield logical_id, lambda_resources.layer(given)

    def _add_events(self, events: Events, function: Function, given: Mapping[str, Any]) -> None:
        declared = given.get("Events") or {}
        if not isinstance(declared, Mapping):
            with at(self._resources, function.logical_id, "Properties", "Events"):
                raise TemplateError(f"{function.logical_id}: Events must be a mapping")
        for name, event in declared.items():
            with at(self._resources, function.logical_id, "Properties", "Events", name):
                if not isinstance(event, Mapping) or not isinstance(event.get("Properties") or {}, Mapping):
                    raise TemplateError(f"{function.logical_id}.{name} must be a mapping with a Type and Properties")
                event_kinds.add(events, function, name, event)

    def _add_mappings(self, events: Events, found: Mapping[str, Function]) -> None:
        for logical_id, given in self._plain(lambda_resources.MAPPING):
            with at(self._resources, logical_id):
                function = lambda_resources.named(found, logical_id, given)
                kind = lambda_resources.source_kind(given)
                event_kinds.add(events, function, logical_id, {"Type": kind, "Properties": given})

    def _add_rules(self, events: Events, found: Mapping[str, Function]) -> None:
        for each in rule_resources.read(self._plain, found):
            with at(self._resources, each.logical_id):
                if each.function is None:
                    self._warnings.append(f"{each.logical_id}: the target {each.target} is not emulated")
                else:
                    event_kinds.add(events, each.function, each.logical_id, each.event)

    def _of(self, kind: str, defaults: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for logical_id, resource in self._resources.items():
            with at(self._resources, logical_id):
                if resource["Type"] != kind or not self._exists(resource):
                    continue
                own = functions.merged(defaults, resource.get("Properties") or {})
                resolved = self._resolver.resolve(own)
            yield logical_id, resolved

    def _plain(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield resources that Globals say nothing of."""
        return self._of(kind, {})

    def _exists(self, resource: Mapping[str, Any]) -> bool:
        wanted = resource.get("Condition")
        return wanted is None or self._resolver.condition(wanted)

    def _apis(self) -> dict[str, Api]:
        defaults = self._globals.get("Api") or {}
        with at(self._globals, "Api"):
            implicit = self._resolver.resolve(defaults)
            found = {IMPLICIT: apis.read_api(IMPLICIT, implicit)}
            if not any(resource["Type"] == _API for resource in self._resources.values()):
                self._warnings += apis.warnings(IMPLICIT, implicit)
        for logical_id, given in self._of(_API, defaults):
            with at(self._resources, logical_id):
                found[logical_id] = apis.read_api(logical_id, given)
                self._warnings += apis.warnings(logical_id, given)
        return found

    def _http_apis(self) -> dict[str, http_model.HttpApi]:
        defaults, implicit = self._globals.get("HttpApi") or {}, http_model.IMPLICIT
        found = {implicit: http_apis.read_api(implicit, self._resolver.resolve(defaults))}
        for logical_id, given in self._of(_HTTP_API, defaults):
            with at(self._resources, logical_id):
                found[logical_id] = http_apis.read_api(logical_id, given)
                self._warnings += http_apis.warnings(logical_id, given)
        return found

    def _http(self, events: Events, declared: list[tuple[Function, Mapping[str, Any]]]) -> http_model.HttpParts:
        urls = []
        for function, given in declared:
            with at(self._resources, function.logical_id):
                urls.append(http_urls.read(function, given))
            self._warnings += http_urls.warnings(function, given)
        known = tuple(url for url in urls if url is not None)
        parts = http_model.HttpParts(events.http_apis, tuple(events.http_routes), known)
        http_apis.check(parts, (function.name for function, _ in declared))
        return parts

    def _usage(self, known: Mapping[str, Api]) -> Usage:
        resources = {name: resource for name, resource in self._resources.items() if self._exists(resource)}
        return usage_plans.read(known, resources, self._resolver.resolve)

    def _sockets(self, known: Mapping[str, Function]) -> dict[str, WebSocketApi]:
        found, warnings = websocket_apis.read(self._plain)
        for wrong in websocket_model.check(found, known):
            raise TemplateError(wrong)
        self._warnings += warnings
        return found

    def _check_kinds(self) -> None:
        for logical_id, resource in self._resources.items():
            kind, known = resource["Type"], kind_of(resource["Type"])
            if kind in (
                _FUNCTION,
                _LAYER,
                _API,
                _HTTP_API,
                *lambda_resources.KINDS,
                *rule_resources.KINDS,
                *usage_plans.KINDS,
                *websocket_apis.KINDS,
            ) or (known and known.made):
                continue
            if not _OF_ANYBODY.fullmatch(kind):
                with at(self._resources, logical_id):
                    raise TemplateError(f"{logical_id}: resources of type {kind} are not supported by the emulator")
            self._warnings.append(f"{logical_id}: {kind} is not emulated")

    def _check_authorizers(self, found: Mapping[str, Api], known: Mapping[str, Function]) -> None:
        for api in found.values():
            for authorizer in api.authorizers.values():
                if authorizer.function not in known:
                    raise TemplateError(
                        f"{api.name}: authorizer {authorizer.name} calls {authorizer.function}, which is not declared"
                    )
