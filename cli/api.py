"""The HTTP API as a typed client: who asks, what is asked, what comes back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

import httpx

from cli import exchange
from cli.errors import UserError
from cli.exchange import Call

PAGE = 200  # items; the most the server gives at once


class Bearer(Protocol):
    """Whose access token goes with a request."""

    def token(self) -> str:
        """Raises UserError if nobody is logged in."""
        ...

    def renewed(self, refused: str) -> str | None:
        """A token newer than the refused one; None when only a new login helps."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """A body that was understood. `body` is None for 304 and for no content."""

    status: int
    body: Any
    etag: str | None = None


class Api:
    """One server, as one user or, without `bearer`, as nobody. Safe to use from several threads."""

    def __init__(self, server: str, bearer: Bearer | None = None) -> None:
        self.server = server.rstrip("/")
        self._bearer = bearer
        self._client = httpx.Client(timeout=exchange.TIMEOUT, trust_env=not _is_local(server), follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def get(self, path: str, /, *, doing: str, etag: str | None = None, **query: str | None) -> Answer:
        """Read something. With `etag` the answer's body is None when nothing has changed.

        Raises:
            UserError: no answer; ApiError: refused.
        """
        headers = {"If-None-Match": etag} if etag else {}
        return self._ask(Call("GET", self._url(path, query), headers), doing)

    def post(self, path: str, body: object = None, *, doing: str, repeatable: bool = True) -> Answer:
        """Change something, once: the key lets the server recognise a repetition.

        Raises:
            UserError: no answer; ApiError: refused.
        """
        headers = {"Content-Type": "application/json"}
        if repeatable:
            headers["Idempotency-Key"] = str(uuid.uuid4())
        content = json.dumps(body if body is not None else {}, ensure_ascii=False).encode()
        return self._ask(Call("POST", self._url(path, {}), headers, content, repeatable), doing)

    def put(self, path: str, body: object, *, doing: str, etag: str | None = None) -> Answer:
        """Set something to what `body` says; with `etag` only if it is still what that stands for. Raises like `post`."""
        return self._change("PUT", path, body, doing, etag)

    def patch(self, path: str, body: object, *, doing: str, etag: str | None = None) -> Answer:
        """Change the fields that `body` names. Raises like `post`."""
        return self._change("PATCH", path, body, doing, etag)

    def _change(self, method: str, path: str, body: object, doing: str, etag: str | None) -> Answer:
        headers = {"Content-Type": "application/json", **({"If-Match": etag} if etag else {})}
        content = json.dumps(body, ensure_ascii=False).encode()
        return self._ask(Call(method, self._url(path, {}), headers, content), doing)

    def items(self, path: str, /, *, doing: str, **query: str | None) -> Iterator[dict[str, Any]]:
        """All items of a list, page after page. Raises like `get`."""
        return self.list_of(path, query, doing=doing)

    def list_of(
        self, path: str, query: Mapping[str, str | None], *, doing: str, page: int = PAGE
    ) -> Iterator[dict[str, Any]]:
        """All items of a list, `page` at a time. Raises like `get`."""
        cursor: str | None = None
        while True:
            found = self.get(path, doing=doing, **{**query, "limit": str(page), "cursor": cursor}).body
            yield from found["items"]
            cursor = found.get("next_cursor")
            if not cursor:
                return

    def upload(self, url: str, content: bytes, *, headers: Mapping[str, str]) -> None:
        """Send bytes to a presigned address with exactly the headers that were signed. Raises like `post`."""
        response = exchange.send(self._client, Call("PUT", url, headers, content))
        if response.status_code >= httpx.codes.BAD_REQUEST:
            raise exchange.refusal(response, "The upload")

    def download(self, url: str) -> bytes:
        """Fetch from a presigned address. Raises like `get`."""
        response = exchange.send(self._client, Call("GET", url))
        if response.status_code >= httpx.codes.BAD_REQUEST:
            raise exchange.refusal(response, "The download")
        return response.content

    def _ask(self, call: Call, doing: str) -> Answer:
        token = self._bearer.token() if self._bearer else None
        response = exchange.send(self._client, _signed(call, token))
        if response.status_code == httpx.codes.UNAUTHORIZED and self._bearer and token:
            newer = self._bearer.renewed(token)
            response = exchange.send(self._client, _signed(call, newer)) if newer else response
        if response.status_code >= httpx.codes.BAD_REQUEST:
            raise exchange.refusal(response, doing)
        return _understood(response, doing)

    def _url(self, path: str, query: Mapping[str, str | None]) -> str:
        given = {name: value for name, value in query.items() if value is not None}
        return str(httpx.URL(self.server + path, params=given) if given else self.server + path)


def _signed(call: Call, token: str | None) -> Call:
    if token is None:
        return call
    headers = {**call.headers, "Authorization": f"Bearer {token}"}
    return Call(call.method, call.url, headers, call.content, call.repeatable)


def _understood(response: httpx.Response, doing: str) -> Answer:
    etag = response.headers.get("etag")
    if response.status_code in (httpx.codes.NOT_MODIFIED, httpx.codes.NO_CONTENT):
        return Answer(response.status_code, None, etag)
    try:
        return Answer(response.status_code, response.json(), etag)
    except ValueError as nonsense:
        raise UserError(f"{doing} failed: {response.url.host} does not answer as a coderev server.") from nonsense


def _is_local(server: str) -> bool:
    """A proxy from the environment is not for this machine."""
    return httpx.URL(server).host in ("127.0.0.1", "localhost", "::1")
