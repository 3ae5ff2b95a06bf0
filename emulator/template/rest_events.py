"""`Api` events: the routes of a REST API."""

from __future__ import annotations

from emulator.template.errors import TemplateError
from emulator.template.events import Event, Events
from emulator.template.rest_model import ApiRoute

IMPLICIT = "ServerlessRestApi"


def add(event: Event, events: Events) -> None:
    """Add a route.

    Raises:
        TemplateError: its API or its authorizer is not declared.
    """
    place, given, apis = event.place, event.given, events.apis
    api = str(given.get("RestApiId", IMPLICIT))
    if api not in apis:
        raise TemplateError(f"{place}: the API {api} is not declared")
    authorizer = (given.get("Auth") or {}).get("Authorizer", apis[api].default_authorizer)
    if authorizer == "NONE":
        authorizer = None
    if authorizer is not None and authorizer not in apis[api].authorizers:
        raise TemplateError(f"{place}: the authorizer {authorizer} is not among those of {api}")
    method = str(given["Method"]).upper()
    events.routes.append(
        ApiRoute("ANY" if method == "*" else method, str(given["Path"]), event.function.name, authorizer, api)
    )
