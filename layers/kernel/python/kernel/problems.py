"""Errors as clients see them: RFC 9457 problems, and which status each class of error has."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from chalice.app import Response

from kernel import errors, observe

STATUS: dict[type[errors.DomainError], HTTPStatus] = {
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Unauthorized: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Stale: HTTPStatus.PRECONDITION_FAILED,
    errors.Unconditional: HTTPStatus.PRECONDITION_REQUIRED,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
PROBLEM = "application/problem+json"


def failure(failed: errors.DomainError) -> Response:
    headers: dict[str, str] = {}
    if isinstance(failed, errors.Unavailable | errors.TooMany):
        headers["Retry-After"] = str(failed.details.get("retry_after_s", 1))
    if isinstance(failed, errors.Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(failed, errors.Unavailable):
        observe.log.warning("dependency unavailable", dependency=failed.message)
    return problem(status_of(failed), failed.code, headers=headers, detail=failed.message, **failed.details)


def status_of(error: errors.DomainError) -> HTTPStatus:
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


def problem(status: HTTPStatus, code: str, *, headers: Mapping[str, str] | None = None, **members: object) -> Response:
    """An RFC 9457 body; `code` is the stable part that clients may switch on."""
    body = {"type": f"/problems/{code}", "title": status.phrase, "status": int(status), "code": code, **members}
    return Response(body, {**(headers or {}), "Content-Type": PROBLEM}, int(status))


def as_problem(answer: dict[str, Any]) -> dict[str, Any]:
    """Chalice's 404, 405, 415 and 500 bodies are `{"Code","Message"}`: give them the problem shape."""
    kind = {name.lower(): value for name, value in (answer.get("headers") or {}).items()}.get("content-type", "")
    if answer["statusCode"] < HTTPStatus.BAD_REQUEST or PROBLEM in str(kind):
        return answer
    status = HTTPStatus(answer["statusCode"])
    kept = {name: value for name, value in (answer.get("headers") or {}).items() if name.lower() != "content-type"}
    return answer | problem(status, status.name.lower(), headers=kept).to_dict()
