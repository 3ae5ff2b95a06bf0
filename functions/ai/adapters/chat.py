"""Chat completions as OpenAI defined them, over HTTP (https://platform.openai.com/docs/api-reference/chat).

The other side is not trusted: connecting, every header and every byte fall under one deadline (so that a server
which drips cannot hold a worker), the size is capped, redirects are not followed, and an error's text is never
kept, since servers repeat keys in it. What may pass by itself (no connection, 429, 5xx) is tried again within
the deadline, after what `Retry-After` asks for.
"""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.ai.adapters.wire import body_of, reply_of, retry_after_s, target_of, without_refused
from functions.ai.model import ModelFailed, Prompt, Reply, ReviewReason, Route

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState

CONNECT_S = 3.0
LARGEST_ANSWER_BYTES = 256 * 1024
MOST_ATTEMPTS = 4
MOST_DOWNGRADES = 3  # parameters given up after a 400
_BUSY = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


class _Again(Exception):
    """It may go better in a moment: after `after_s` seconds if the server said so."""

    def __init__(self, after_s: float | None = None) -> None:
        super().__init__("the provider is unavailable")
        self.after_s = after_s


@dataclass(frozen=True, slots=True)
class ChatModel:
    """`ports.Model`. `pause_s` is the first of the growing pauses between attempts."""

    pause_s: float = 0.5

    def complete(self, route: Route, prompt: Prompt, *, budget_s: float) -> Reply:
        attempts = [0]
        try:
            return asyncio.run(_within(budget_s, self._retried(route, prompt, attempts, budget_s)))
        except TimeoutError as slow:
            raise ModelFailed(ReviewReason.PROVIDER_SLOW, attempts=attempts[0]) from slow
        except _Again as busy:
            raise ModelFailed(ReviewReason.PROVIDER_UNAVAILABLE, attempts=attempts[0]) from busy
        except ModelFailed as failed:
            raise ModelFailed(failed.reason, attempts=attempts[0]) from failed

    async def _retried(self, route: Route, prompt: Prompt, attempts: list[int], budget_s: float) -> Reply:
        import tenacity

        deadline = asyncio.get_running_loop().time() + budget_s
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(_Again),
            stop=lambda state: _enough(state, deadline),
            wait=self._pause,
            reraise=True,
        )
        async with _client(route) as client:
            return await retrying(_attempt, client, route, prompt, attempts)

    def _pause(self, state: RetryCallState) -> float:
        """What the server asked for, or a pause that doubles, with jitter so that workers do not march in step."""
        said = state.outcome.exception() if state.outcome else None
        if isinstance(said, _Again) and said.after_s is not None:
            return said.after_s
        return self.pause_s * (2.0 ** (state.attempt_number - 1) + random.random())


def _enough(state: RetryCallState, deadline: float) -> bool:
    late = asyncio.get_running_loop().time() + state.upcoming_sleep >= deadline
    return late or state.attempt_number >= MOST_ATTEMPTS


async def _within(budget_s: float, work: Any) -> Reply:
    async with asyncio.timeout(budget_s):
        result: Reply = await work
        return result


def _client(route: Route) -> httpx.AsyncClient:
    import httpx

    limits = httpx.Limits(max_connections=1)
    timeout = httpx.Timeout(None, connect=CONNECT_S)  # asyncio.timeout bounds the whole
    outside = route.address is None and not route.built_in  # the operator's own choice may go through a proxy
    return httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=outside)


async def _attempt(client: httpx.AsyncClient, route: Route, prompt: Prompt, attempts: list[int]) -> Reply:
    """One answer; a server that refuses a parameter is asked again without it, which is no retry."""
    attempts[0] += 1
    body = body_of(route, prompt)
    for _ in range(MOST_DOWNGRADES + 1):
        status, headers, text = await _post(client, route, body)
        if status == 200:
            return reply_of(text, attempts[0])
        if status in _BUSY:
            raise _Again(retry_after_s(headers.get("retry-after")))
        simpler = without_refused(body, text) if status in (400, 422) else None
        if simpler is None:
            break
        body = simpler
    raise ModelFailed(ReviewReason.PROVIDER_REFUSED)


async def _post(client: httpx.AsyncClient, route: Route, body: dict[str, Any]) -> tuple[int, httpx.Headers, bytes]:
    import httpx

    url, headers, extensions = target_of(route)
    content = json.dumps(body).encode()
    try:
        async with client.stream("POST", url, content=content, headers=headers, extensions=extensions) as answer:
            return answer.status_code, answer.headers, await _capped(answer)
    except (httpx.TransportError, httpx.DecodingError) as failed:
        raise _Again from failed
    except (httpx.InvalidURL, ValueError) as bad:
        raise ModelFailed(ReviewReason.PROVIDER_REFUSED) from bad


async def _capped(answer: httpx.Response) -> bytes:
    """Raises ModelFailed if the answer is too large: it is not read further."""
    read = bytearray()
    async for piece in answer.aiter_bytes():
        read += piece
        if len(read) > LARGEST_ANSWER_BYTES:
            raise ModelFailed(ReviewReason.BAD_ANSWER)
    return bytes(read)
