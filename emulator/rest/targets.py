"""Routes as the gateway serves them: all that can be worked out before a request comes."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.rest.preflight import allowed_methods, preflight_headers
from emulator.rest.routes import Routes
from emulator.rest.validation import Validator
from emulator.template import Api, ApiRoute, Authorizer
from emulator.template.model import ACCOUNT, REGION
from emulator.template.rest_model import IAM
from emulator.web.messages import Pairs


@dataclass(frozen=True, slots=True)
class Target:
    """A route with its API. `context` is the part of `requestContext` that never changes.

    `preflight` is the answer of a CORS preflight, which runs no function. `lineage` stands for the function in traces.
    """

    route: ApiRoute
    api: Api
    context: Mapping[str, Any]
    arn: str
    authorizer: Authorizer | None = None
    validator: Validator | None = None
    preflight: Pairs | None = None
    lineage: str = ""

    @property
    def method(self) -> str:
        return self.route.method

    @property
    def path(self) -> str:
        return self.route.path

    @property
    def signed(self) -> bool:
        return self.route.authorizer == IAM


def targets(routes: Iterable[ApiRoute], apis: Mapping[str, Api]) -> Routes[Target]:
    """Prepare the routes, and the preflights of those whose API declares `Cors`."""
    known = list(routes)
    prepared = [_target(route, apis[route.api]) for route in known]
    return Routes([*prepared, *_preflights(known, apis)])


def _target(route: ApiRoute, api: Api, preflight: Pairs | None = None) -> Target:
    context = {
        "accountId": ACCOUNT,
        "apiId": api.name,
        "deploymentId": _short(api.name, api.stage),
        "resourceId": _short(api.name, route.path),
        "resourcePath": route.path,
        "stage": api.stage,
    }
    return Target(
        route=route,
        api=api,
        context=context,
        arn=f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api.name}/{api.stage}",
        authorizer=api.authorizers.get(route.authorizer) if route.authorizer else None,
        validator=None if route.rules is None else Validator(route.rules, api.models),
        preflight=preflight,
        lineage="" if preflight else f"{zlib.crc32(route.function.encode()):08x}",
    )


def _preflights(routes: list[ApiRoute], apis: Mapping[str, Api]) -> Iterator[Target]:
    """Yield an OPTIONS route a path, as SAM adds it: not where one is declared, but in front of ANY."""
    paths: dict[tuple[str, str], list[ApiRoute]] = {}
    for route in routes:
        paths.setdefault((route.api, "/" + route.path.strip("/")), []).append(route)
    for (name, path), same in paths.items():
        api, methods = apis[name], [route.method for route in same]
        if api.cors is None or "OPTIONS" in methods:
            continue
        route = ApiRoute(
            method="OPTIONS",
            path=path,
            function="",
            authorizer=api.default_authorizer if api.authorize_preflight else None,
            api=name,
            api_key=api.api_key and api.key_of_preflight,
        )
        yield _target(route, api, preflight_headers(api.cors, allowed_methods(methods)))


def _short(*parts: str) -> str:
    """Return an id of six characters, the same for the same parts, as API Gateway's look."""
    number = int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:5], "big")
    return "".join("0123456789abcdefghijklmnopqrstuvwxyz"[number // 36**place % 36] for place in range(6))
