"""What the Lambda API tells about functions; the template is where they are changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from emulator.edge import configuration
from emulator.edge.configuration import Descriptions, aliases, versions
from emulator.edge.errors import ApiError, not_found
from emulator.edge.function_urls import Urls
from emulator.edge.pages import page
from emulator.edge.references import LATEST, Named, named
from emulator.runtime import Runtime
from emulator.web.messages import Request, Response, json_response

Query = Mapping[str, str]
_ONE = re.compile(r"/[0-9-]{10}/functions/([^/]+)(/[a-z/-]*?)?/?")
_ALIAS = re.compile(r"/2015-03-31/functions/([^/]+)/aliases/([^/]+)/?")
_TAGS = re.compile(r"/2017-03-31/tags/([^/]+)/?")


class FunctionsApi:
    """Answers reading requests about functions."""

    def __init__(self, runtime: Runtime, since: float, urls: Urls) -> None:
        """Args: since: when the functions came to be as they are, in seconds since 1970."""
        self._runtime, self._describe = runtime, Descriptions(since)
        self._since, self._urls = since, urls
        self._about: Mapping[str, Callable[[Named, Query], Any]] = {
            "": lambda found, _: self._describe.whole(found),
            "/configuration": lambda found, _: self._describe.function(found),
            "/concurrency": lambda found, _: _concurrency(found),
            "/versions": self._versions,
            "/aliases": self._aliases,
            "/event-invoke-config": self._invoke_config,
            "/event-invoke-config/list": self._invoke_configs,
            "/policy": _nothing,
            "/url": self._url,
            "/urls": lambda found, query: page("FunctionUrlConfigs", self._urls.of(found.function.name, since), query),
            "/recursion-config": lambda _found, _query: {"RecursiveLoop": "Terminate"},
            "/runtime-management-config": lambda found, _: {"UpdateRuntimeOn": "Auto", "FunctionArn": found.arn},
            "/provisioned-concurrency": _not_provisioned,
        }

    def __call__(self, request: Request, query: Query) -> Response | None:
        """Answer a request, or return None if it is about something else.

        Raises:
            ApiError: it is refused.
        """
        if request.method != "GET":
            return None
        found = self._answer(request.path, query)
        return None if found is None else json_response(200, found)

    def _answer(self, path: str, query: Query) -> Any:
        if path.rstrip("/") == "/2015-03-31/functions":
            return page("Functions", self._all(query), query)
        if path.rstrip("/") == "/2016-08-19/account-settings":
            return configuration.account(list(self._runtime.functions.values()))
        if found := _TAGS.fullmatch(path):
            return {"Tags": dict(self._named(unquote(found[1])).function.tags)}
        if found := _ALIAS.fullmatch(path):
            return self._alias(self._named(unquote(found[1])), unquote(found[2]))
        found = _ONE.fullmatch(path)
        about = self._about.get((found[2] or "").rstrip("/")) if found else None
        if found is None or about is None:
            return None
        return about(self._named(unquote(found[1]), query.get("Qualifier")), query)

    def _url(self, found: Named, _query: Query) -> Any:
        declared = self._urls.of(found.function.name, self._since)
        if not declared or found.qualifier is not None:
            raise not_found()
        return declared[0]

    def _named(self, reference: str, qualifier: str | None = None) -> Named:
        return named(self._runtime.function, reference, qualifier)

    def _all(self, query: Query) -> list[dict[str, Any]]:
        every = query.get("FunctionVersion") == "ALL"
        return [
            self._describe.function(Named(function, version))
            for function in self._runtime.functions.values()
            for version in ([LATEST, *versions(function)] if every else [None])
        ]

    def _versions(self, found: Named, query: Query) -> Any:
        every = [LATEST, *versions(found.function)]
        return page("Versions", [self._describe.function(Named(found.function, each)) for each in every], query)

    def _aliases(self, found: Named, query: Query) -> Any:
        wanted = query.get("FunctionVersion")
        every = [self._describe.alias(found.function, name) for name in aliases(found.function)]
        return page("Aliases", [each for each in every if wanted in (None, each["FunctionVersion"])], query)

    def _alias(self, found: Named, name: str) -> Any:
        if name not in aliases(found.function):
            raise not_found(f"Cannot find alias arn: {found.function.arn}:{name}")
        return self._describe.alias(found.function, name)

    def _invoke_config(self, found: Named, _query: Query) -> Any:
        config = self._describe.invoke_config(found)
        if config is None:
            arn = f"{found.function.arn}:{found.qualifier or LATEST}"
            raise not_found(f"The function {arn} doesn't have an EventInvokeConfig")
        return config

    def _invoke_configs(self, found: Named, query: Query) -> Any:
        config = self._describe.invoke_config(found)
        return page("FunctionEventInvokeConfigs", [config] if config else [], query)


def _concurrency(found: Named) -> dict[str, int]:
    reserved = found.function.reserved
    return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}


def _nothing(_found: Named, _query: Query) -> Any:
    raise not_found()


def _not_provisioned(_found: Named, query: Query) -> Any:
    if query.get("List") == "ALL":
        return {"ProvisionedConcurrencyConfigs": []}
    message = "No Provisioned Concurrency Config found for this function"
    raise ApiError(404, "ProvisionedConcurrencyConfigNotFoundException", message)
