"""HTTP to addresses that users gave: a session has one budget of bytes and seconds for all that it asks."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urljoin

import httpcore

from kernel.errors import Invalid, TooLarge, Unavailable
from kernel.outbound.allowed import reach_of
from kernel.outbound.names import Names, SystemNames
from kernel.outbound.network import Budget, Network, too_slow
from kernel.outbound.reach import Place, Reach
from kernel.settings import Settings

QUIET_S = 20.0  # between two pieces of an answer
MOST_REDIRECTS = 3
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one session: bytes received and seconds, over all its requests."""

    most_bytes: int = MIB
    most_s: float = 20.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as a whole; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Answer:
    """An answer that is read piece by piece. `url` is where it came from, behind redirects; close it."""

    url: str
    status: int
    headers: Mapping[str, str]
    _response: httpcore.Response
    _budget: Budget
    _chunks: Iterator[bytes] = field(init=False)
    _rest: bytes = b""

    def __post_init__(self) -> None:
        self._chunks = self._response.iter_stream()

    def read(self, size_bytes: int) -> bytes:
        """Up to `size_bytes`, as soon as there are any; nothing at the end. Raises Unavailable, TooLarge."""
        if not self._rest:
            with translated(self._budget):
                self._rest = next(self._chunks, b"")
        taken, self._rest = self._rest[:size_bytes], self._rest[size_bytes:]
        return taken

    def close(self) -> None:
        self._response.close()


class Session:
    """Requests under one budget; each name is resolved and checked once."""

    def __init__(self, reach: Reach, names: Names, budget: Budget, tls: ssl.SSLContext) -> None:
        self._reach = reach
        self._names = names
        self._budget = budget
        self._network = Network(budget)
        self._pool = httpcore.ConnectionPool(ssl_context=tls, max_connections=4, network_backend=self._network)

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        *,
        most_bytes: int = MIB,
    ) -> Reply:
        """Ask and read the whole answer, whatever its status.

        Raises:
            Invalid: the address may not be reached, or its certificate does not prove its name; asking again does not help.
            TooLarge: the answer has more than `most_bytes` bytes (`answer_too_large`).
            Unavailable: the host cannot be reached, is too slow, or does not speak HTTP.
        """
        answer = self.open(method, url, headers, content)
        try:
            body = b""
            while chunk := answer.read(most_bytes):
                body += chunk
                if len(body) > most_bytes:
                    raise TooLarge(f"the answer has more than {most_bytes} bytes", code="answer_too_large")
        finally:
            answer.close()
        return Reply(answer.status, answer.headers, body)

    def open(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, content: bytes | None = None
    ) -> Answer:
        """As `request`; the answer is read by whoever asks. Redirects of a GET are followed on the same host only."""
        place = self._reach.parse(url)
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._ask(method, place, headers or {}, content)
            location = answer.headers.get("location")
            if answer.status not in (301, 302, 303, 307, 308) or not location:
                return answer
            answer.close()
            place = self._next(method, place, location)
        raise Invalid(f"{place.host} redirects more than {MOST_REDIRECTS} times", code="redirect_refused")

    def close(self) -> None:
        self._pool.close()

    def _next(self, method: str, place: Place, location: str) -> Place:
        after = self._reach.parse(urljoin(place.url, location))
        if method != "GET" or after.origin != place.origin:
            raise Invalid(f"{place.host} redirects to another place, which is not followed", code="redirect_refused")
        return after

    def _ask(self, method: str, place: Place, headers: Mapping[str, str], content: bytes | None) -> Answer:
        if not self._network.is_pinned(place.host, place.port):
            found = self._names.addresses(place.host, place.port)
            self._network.pin(place.host, place.port, self._reach.admit(place, found))
        sent = {"Accept-Encoding": "identity", "User-Agent": "coderev", **headers}
        timeout = {"connect": QUIET_S, "read": QUIET_S, "write": QUIET_S, "pool": QUIET_S}
        request = httpcore.Request(
            method,
            place.url,
            headers=[("Host", _host_header(place)), *sent.items(), *_length(method, content)],
            content=content,
            extensions={"timeout": timeout},
        )
        with translated(self._budget):
            response = self._pool.handle_request(request)
        answer = Answer(place.url, response.status, _plain(response.headers), response, self._budget)
        if answer.headers.get("content-encoding", "identity") != "identity":
            answer.close()
            raise Unavailable(f"{place.host} answers in an encoding that was not asked for", code="host_unavailable")
        return answer


@dataclass(frozen=True, slots=True)
class Outbound:
    """Opens sessions. `clock` counts seconds, `tls` says which certificates prove a name."""

    reach: Reach
    tls: Callable[[], ssl.SSLContext]
    names: Names = field(default_factory=SystemNames)
    clock: Callable[[], float] = time.monotonic

    @contextmanager
    def session(self, limits: Limits = Limits()) -> Iterator[Session]:
        budget = Budget(limits.most_bytes, limits.most_s, self.clock)
        session = Session(self.reach, self.names, budget, self.tls())
        try:
            yield session
        finally:
            session.close()


@contextmanager
def translated(budget: Budget) -> Iterator[None]:
    """Errors of the HTTP library as ours."""
    try:
        yield
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as failed:
        if budget.is_over or isinstance(failed, httpcore.TimeoutException):
            raise too_slow() from failed
        if _is_about_certificate(failed):
            raise Invalid("the host's certificate does not prove its name", code="certificate_refused") from failed
        raise Unavailable("the host cannot be reached or broke off", code="host_unavailable") from failed


def _is_about_certificate(failed: BaseException | None) -> bool:
    while failed is not None:
        if isinstance(failed, ssl.SSLCertVerificationError):
            return True
        failed = failed.__cause__ or failed.__context__
    return False


def _host_header(place: Place) -> str:
    host = f"[{place.host}]" if ":" in place.host else place.host
    return host if place.port == {"https": 443, "http": 80}[place.scheme] else f"{host}:{place.port}"


def _length(method: str, content: bytes | None) -> list[tuple[str, str]]:
    return [] if content is None and method == "GET" else [("Content-Length", str(len(content or b"")))]


def _plain(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def outbound(settings: Settings) -> Outbound:
    return Outbound(reach_of(settings), lambda: _tls(settings.outbound_ca))


def _tls(extra: str) -> ssl.SSLContext:
    """The system's and certifi's authorities, and those in the file `extra`."""
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if extra:
        context.load_verify_locations(extra)
    return context
