"""The only place where Chalice meets our code.

A route stays a plain Chalice route; `endpoint` adapts Chalice's calling convention (path parameters as
keywords, the rest on a global request) to ours (everything as typed arguments) and maps errors to statuses.
Only the parsing of input may answer 400 or 422, so that a bug in an output model stays a 500.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

from chalice.app import Chalice, Request, Response
from pydantic import BaseModel, TypeAdapter, ValidationError

from kernel import errors, observe
from kernel.identity import Caller
from kernel.plain import says_twice, sent, single
from kernel.ports import Keys
from kernel.problems import as_problem, failure, problem

JSON = "application/json"
LONGEST_KEY = 200  # characters of an Idempotency-Key

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Answer:
    """A view's result when a body alone does not say it all: another status, or headers."""

    body: BaseModel | None
    status: HTTPStatus | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


View = Callable[..., BaseModel | Answer | None]


class HasKeys(Protocol):
    @property
    def idempotency(self) -> Keys: ...


@dataclass(frozen=True, slots=True)
class Once:
    """The request's Idempotency-Key; a view that creates something runs its work through it.

    With a key the answer commits with the effect, and a repeat gets that answer
    (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/). Without one it just works.
    """

    key: str | None
    fingerprint: str

    def __call__(self, work: HasKeys, model: type[M], make: Callable[[], M]) -> M:
        if self.key is None:
            return make()
        earlier = work.idempotency.claim(self.key, self.fingerprint)
        if earlier is not None:
            return model.model_validate_json(earlier)
        made = make()
        work.idempotency.store(self.key, made.model_dump_json())
        return made


class Application(Chalice):
    """A Chalice app whose every answer, Chalice's own refusals too, is ours in shape, and is observed."""

    def __init__(self, domain: str) -> None:
        super().__init__(domain, configure_logs=False, env={})

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        about = event.get("requestContext") or {}
        route = f"{event.get('httpMethod')} {about.get('resourcePath')}"
        status = ["500"]
        with observe.measured(route, lambda: status[0]), _span(route, event):
            answer = as_problem(super().__call__(event, context))
            status[0] = str(answer["statusCode"])
        answer["headers"].setdefault("Cache-Control", "no-store")
        return answer

    def on(self, name: str) -> Callable[[Callable[[Mapping[str, Any]], Any]], Callable[..., Any]]:
        """Register a handler of events, exported by `app.py` as `handler_map[name]`."""

        def register(handle: Callable[[Mapping[str, Any]], Any]) -> Callable[..., Any]:
            return self.lambda_function(name=name)(observe.event_handler(name, handle))  # type: ignore[no-any-return]

        return register


def _span(route: str, event: Mapping[str, Any]) -> Any:
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    request_id = (event.get("requestContext") or {}).get("requestId", "")
    return observe.span(route, correlation_id=request_id, parent=headers.get("traceparent"))


def endpoint(app: Application, *, status: HTTPStatus = HTTPStatus.OK) -> Callable[[View], View]:
    """Give a view its typed `body`, `query`, path parameters, `caller`, `once`, `if_match` and `if_none_match`, as it asks."""

    def decorate(view: View) -> Callable[..., Response]:
        wants = inspect.get_annotations(view, eval_str=True)
        parsers = {name: TypeAdapter(kind) for name, kind in wants.items() if name not in _GIVEN}

        @functools.wraps(view)
        def adapted(**path: str) -> Response:
            request = app.current_request
            assert request is not None, "a view runs inside a request"
            return _answer(view, lambda: _inputs(parsers, request, path) | _given(wants, request), status)

        adapted.status = status  # type: ignore[attr-defined]
        return adapted

    return decorate  # type: ignore[return-value]


_GIVEN = {"caller", "once", "if_match", "if_none_match", "return"}


def _answer(view: View, arguments: Callable[[], dict[str, Any]], status: HTTPStatus) -> Response:
    try:
        result = view(**arguments())
    except _Refused as refused:
        return refused.response
    except errors.DomainError as failed:
        return failure(failed)
    except Exception:  # noqa: BLE001 - a bug: logged whole, answered without its details
        observe.log.exception("view failed", view=view.__name__)
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal")
    return _success(result, status)


class _Refused(Exception):
    def __init__(self, response: Response) -> None:
        self.response = response


def _inputs(parsers: Mapping[str, TypeAdapter[Any]], request: Request, path: Mapping[str, str]) -> dict[str, Any]:
    """Parse what the client sent, which is the client's fault only here."""
    sources: dict[str, Callable[[TypeAdapter[Any]], Any]] = {
        "body": lambda parser: _body(parser, sent(request.raw_body)),
        "query": lambda parser: parser.validate_python(single(request.query_params)),
    }
    try:
        return {
            name: sources[name](parser) if name in sources else parser.validate_python(path[name])
            for name, parser in parsers.items()
        }
    except ValidationError as invalid:
        found = invalid.errors(include_url=False, include_context=False, include_input=False)
        if found[0]["type"] == "json_invalid":
            raise _Refused(problem(HTTPStatus.BAD_REQUEST, "malformed", detail="the body is not JSON")) from invalid
        raise _Refused(problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", errors=found)) from invalid


def _body(parser: TypeAdapter[Any], raw: bytes) -> Any:
    parsed = parser.validate_json(raw)
    if says_twice(raw):
        raise _Refused(problem(HTTPStatus.BAD_REQUEST, "malformed", detail="the body gives a name more than once"))
    return parsed


def _given(wants: Mapping[str, Any], request: Request) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if "caller" in wants:
        given["caller"] = caller_of(request.context)
    if "once" in wants:
        given["once"] = _once(request)
    for name in wants.keys() & {"if_match", "if_none_match"}:
        given[name] = (request.headers.get(name.replace("_", "-")) or "").strip('W/"') or None
    return given


def _once(request: Request) -> Once:
    key = request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise errors.Invalid(f"an Idempotency-Key has 1 to {LONGEST_KEY} characters")
    told = f"{request.method} {request.path}\n".encode() + sent(request.raw_body)
    return Once(key, hashlib.sha256(told).hexdigest())


def caller_of(context: Mapping[str, Any]) -> Caller:
    """The caller that the authorizer found, or nobody on a route without one."""
    claims = context.get("authorizer") or {}
    request_id = str(context.get("requestId", ""))
    if "principalId" not in claims:
        return Caller.nobody(request_id)
    return Caller(
        user_id=claims["principalId"],
        org_id=claims.get("org_id") or None,
        roles=frozenset(str(claims.get("roles", "")).split()),
        session_id=claims.get("session_id") or None,
        request_id=request_id,
    )


def _success(result: BaseModel | Answer | None, status: HTTPStatus) -> Response:
    answer = result if isinstance(result, Answer) else Answer(result)
    if answer.body is None:
        return Response("", {**answer.headers}, int(answer.status or HTTPStatus.NO_CONTENT))
    return Response(
        answer.body.model_dump_json(), {"Content-Type": JSON, **answer.headers}, int(answer.status or status)
    )
