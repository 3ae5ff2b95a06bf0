"""Passes requests on to another server, in threads of its own: a long poll of a queue holds up nobody else."""

from __future__ import annotations

import asyncio
import http.client
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from emulator.web.messages import Request, Response

MAX_BYTES = 256 * 1024 * 1024
"""Of one body in either direction: it is held in memory. boto3 moves larger objects in parts of 8 MB."""
_TIMEOUT_S = 70.0
_WORKERS = 32
_OF_THE_LINE = frozenset({"connection", "content-length", "expect", "keep-alive", "transfer-encoding", "te", "upgrade"})


class Unreachable(Exception):
    """The other server did not answer."""


class Ended(Unreachable):
    """The emulator stops, and with it what answers."""

    def __init__(self) -> None:
        super().__init__("the emulator stops")


class TooLarge(Exception):
    """The answer is longer than `MAX_BYTES`."""


class Forwarder:
    """Threads start with the first request."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="emulator-forward")
        self._stopped = False

    async def send(self, url: str, request: Request) -> Response:
        """Send a request to the server at `url`, its path and headers unchanged, and return the answer.

        Raises:
            Unreachable: it did not answer. Ended: nothing is sent any more. TooLarge: it answered too much.
        """
        if self._stopped:
            raise Ended
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _exchange, url, request)

    def stop(self) -> None:
        """Let requests in progress end by themselves."""
        self._stopped = True
        self._threads.shutdown(wait=False, cancel_futures=True)


def _exchange(url: str, request: Request) -> Response:
    place = urlsplit(url)
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    line = kind(place.hostname or "127.0.0.1", place.port, timeout=_TIMEOUT_S)
    try:
        target = request.path + (f"?{request.query}" if request.query else "")
        line.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers:
            if name.lower() not in _OF_THE_LINE:
                line.putheader(name, value)
        line.putheader("Content-Length", str(len(request.body)))
        line.putheader("Connection", "close")
        line.endheaders(request.body or None)
        return _answer(line.getresponse())
    except (OSError, http.client.HTTPException) as failed:
        raise Unreachable(f"{place.netloc} does not answer: {failed}") from failed
    finally:
        line.close()


def _answer(found: http.client.HTTPResponse) -> Response:
    body = found.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise TooLarge
    kept = [
        (name, value) for name, value in found.getheaders() if name.lower() not in _OF_THE_LINE - {"content-length"}
    ]
    return Response(found.status, kept, body)
