"""A git host over HTTPS: `dulwich` speaks the protocol, `kernel.outbound` makes the requests.

Smart HTTP only (https://git-scm.com/docs/http-protocol). Whatever the host answers, no request leaves its origin,
so that neither a redirect nor a pack elsewhere (`packfile-uris`) leads the token away.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from dulwich.client import AbstractHttpGitClient
from dulwich.errors import GitProtocolError, HangupException, NotGitRepository

from functions.project.fetching.bounds import LARGEST_OBJECT, MOST_ADVERTISED
from functions.project.fetching.choosing import Asked, Chosen, choose
from functions.project.fetching.scanning import too_large
from functions.project.ports.git import Remote
from kernel.errors import DomainError, Invalid, TooLarge, Unavailable
from kernel.outbound.client import Answer, Session

_USERS = {"github": "x-access-token", "gitlab": "oauth2", "git": "git"}
_BROKEN = (GitProtocolError, NotGitRepository, ValueError, LookupError, AssertionError, TypeError, AttributeError)


class RemoteClient(AbstractHttpGitClient):
    """Fetches from one repository."""

    def __init__(self, session: Session, remote: Remote) -> None:
        super().__init__(remote.url, thin_packs=False, quiet=True)
        self._session = session
        self._origin = remote.url.rstrip("/") + "/"
        self._authorization = _authorization(remote)

    def _http_request(
        self,
        url: str,
        headers: dict[str, str] | None = None,
        data: bytes | Iterator[bytes] | None = None,
        raise_for_status: bool = True,
    ) -> tuple[Any, Callable[[int], bytes]]:
        if _origin(url) != _origin(self._origin):
            raise Invalid("the git host points to another place, which is not followed", code="redirect_refused")
        content = data if data is None or isinstance(data, bytes) else b"".join(data)
        method = "GET" if content is None else "POST"
        answer = self._session.open(method, url, {**(headers or {}), **self._authorization}, content)
        try:
            _check(answer)
        except DomainError:
            answer.close()
            raise
        is_pack = content is not None and b"command=ls-refs" not in content
        told = _Told(answer, answer.headers.get("content-type"), answer.url if answer.url != url else "")
        return told, _frank(_Whole(answer, None)) if is_pack else _Whole(answer, MOST_ADVERTISED)


@dataclass(frozen=True, slots=True)
class _Told:
    """An answer as dulwich looks at it."""

    answer: Answer
    content_type: str | None
    redirect_location: str

    def close(self) -> None:
        self.answer.close()


def receive(session: Session, remote: Remote, asked: Asked, into: Path, depth: int) -> Chosen:
    """Write a pack with what is asked for to the file `into`, and say what it is.

    Raises:
        Invalid, TooLarge: the repository cannot be fetched; the code says why. Asking again does not help.
        Unavailable: the host is down, slow, or broke off.
    """
    chosen: list[Chosen] = []

    def wants(refs: Mapping[bytes, bytes], depth: int | None = None) -> list[bytes]:
        chosen.append(choose(asked, refs))
        return chosen[0].wants

    client = RemoteClient(session, remote)
    with into.open("wb") as file, _told():
        client.fetch_pack(
            "",
            wants,  # type: ignore[arg-type]  # dulwich names the kind of its bytes
            _Nothing(),
            _writer(file),
            depth=depth,
            ref_prefix=asked.prefixes,
            filter_spec=b"blob:limit=%d" % LARGEST_OBJECT,
        )
    return chosen[0]


class _Nothing:
    """A walker of what is here already: nothing."""

    shallow: frozenset[bytes] = frozenset()

    def __next__(self) -> None:
        return None

    def ack(self, sha: bytes) -> None:
        """Nothing is offered, so nothing is in common."""

    def nak(self) -> None:
        """As it must be."""


def _writer(file: IO[bytes]) -> Callable[[bytes], int]:
    return file.write


class _Whole:
    """Reads as much as is asked for, less only at the end: dulwich takes a short read for a broken one."""

    def __init__(self, answer: Answer, most_bytes: int | None) -> None:
        self._answer = answer
        self._left = most_bytes

    def __call__(self, size_bytes: int) -> bytes:
        parts, wanted = [], size_bytes
        while wanted and (part := self._answer.read(wanted)):
            parts.append(part)
            wanted -= len(part)
        self._count(size_bytes - wanted)
        return b"".join(parts)

    def _count(self, size_bytes: int) -> None:
        """What is no pack is kept in memory."""
        if self._left is None:
            return
        self._left -= size_bytes
        if self._left < 0:
            raise too_large(f"its branches and tags take more than {MOST_ADVERTISED} bytes")


def _frank(read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """Instead of a pack a host may say in a line why there is none."""
    begin = read(8)
    if begin[4:] == b"ERR ":
        raise GitProtocolError(read(1_000).decode(errors="replace"))
    rest = [begin]

    def from_begin(size_bytes: int) -> bytes:
        if not rest[0]:
            return read(size_bytes)
        taken, rest[0] = rest[0][:size_bytes], rest[0][size_bytes:]
        return taken + read(size_bytes - len(taken)) if len(taken) < size_bytes else taken

    return from_begin


@contextmanager
def _told() -> Iterator[None]:
    """What dulwich says as errors of ours."""
    try:
        yield
    except HangupException as cut:
        raise Unavailable("the git host broke off", code="host_unavailable") from cut
    except TooLarge as large:
        if large.code == "answer_too_large":
            raise too_large("more bytes came than are taken") from large
        raise
    except (*_BROKEN, struct.error, zlib.error, RecursionError) as bad:
        said = str(bad)
        if "not our ref" in said or "not valid" in said or "unadvertised object" in said:
            raise Invalid("the repository has no such commit (any more)", code="unknown_ref") from bad
        raise Invalid("the address does not answer like a git repository", code="not_a_git_repository") from bad


def _check(answer: Answer) -> None:
    if answer.status in (401, 403):
        message = "the git host refuses access: is a token missing, expired, or without the right to read?"
        raise Invalid(message, code="access_refused")
    if answer.status in (404, 410):
        raise Invalid("the git host knows no such repository, or hides it without a token", code="no_such_repository")
    if answer.status == 429 or answer.status >= 500:
        raise Unavailable(f"the git host answers {answer.status}", code="host_unavailable")
    if answer.status != 200 or not answer.headers.get("content-type", "").startswith("application/x-git-"):
        raise Invalid("the address does not answer like a git repository", code="not_a_git_repository")


def _authorization(remote: Remote) -> dict[str, str]:
    """Basic credentials; a token of the form `user:word` is both."""
    if remote.token is None:
        return {}
    pair = remote.token if ":" in remote.token else f"{_USERS[remote.kind]}:{remote.token}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3]).lower()
