"""JSON over HTTP with a code host: its refusals as ours, its wishes to wait as seconds."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from functions.project.ports.hooks import Answered, Talk
from functions.project.posting.hosts import MOST_PAGES
from functions.project.postings import LONGEST_WAIT_S
from kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, TooMany, Unavailable

PAGE = 100
WAIT_S = 60  # if a host asks to wait and does not say how long: https://docs.github.com/rest/using-the-rest-api
_REFUSALS: Mapping[int, tuple[type[DomainError], str]] = {
    400: (Conflict, "host_refused"),
    401: (Invalid, "token_refused"),
    403: (Forbidden, "token_lacks_rights"),
    404: (NotFound, "host_does_not_know"),
    409: (Conflict, "host_refused"),
    422: (Conflict, "host_refused"),
}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Asks under one base address. `headers` hold the token and are never shown."""

    talk: Talk
    base: str
    headers: Mapping[str, str] = field(repr=False)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The answer's JSON. Raises TooMany, Unavailable, or Conflict, Forbidden, NotFound, Invalid for a refusal."""
        content = None if body is None else json.dumps(body).encode()
        typed = {"Content-Type": "application/json"} if content is not None else {}
        answer = self.talk.ask(method, self.base + path, {**self.headers, **typed}, content)
        check(answer)
        try:
            return json.loads(answer.body) if answer.body else None
        except (ValueError, RecursionError) as bad:
            raise Unavailable("the host does not answer with JSON", code="host_unavailable") from bad

    def pages(self, path: str) -> Iterator[Mapping[str, Any]]:
        """The entries of a list, some thousands at most."""
        for page in range(1, MOST_PAGES + 1):
            found = self.ask("GET", f"{path}?per_page={PAGE}&page={page}")
            entries = found if isinstance(found, list) else []
            yield from (entry for entry in entries if isinstance(entry, dict))
            if len(entries) < PAGE:
                return


def check(answer: Answered) -> None:
    if 200 <= answer.status < 300:
        return
    wait = wait_s(answer)
    if wait is not None:
        raise TooMany("the host asks to wait", code="host_rate_limited", retry_after_s=wait)
    if answer.status >= 500:
        raise Unavailable(f"the host answers {answer.status}", code="host_unavailable")
    kind, code = _REFUSALS.get(answer.status, (Invalid, "host_refused"))
    raise kind(f"the host refuses with {answer.status}", code=code)


def wait_s(answer: Answered) -> int | None:
    """Seconds that a host asks to wait, or None: by Retry-After, or by the end of a spent rate."""
    if answer.status not in (403, 429, 503):
        return None
    asked = answer.headers.get("retry-after", "").strip()
    if asked:
        return _bounded(float(asked) if asked.isascii() and asked.isdigit() else _between(answer, asked))
    remaining = answer.headers.get("x-ratelimit-remaining", answer.headers.get("ratelimit-remaining"))
    if remaining == "0":
        reset = answer.headers.get("x-ratelimit-reset", answer.headers.get("ratelimit-reset", ""))
        return _bounded(_until(answer, reset))
    return WAIT_S if answer.status == 429 or b"rate limit" in answer.body[:2_000].lower() else None


def _between(answer: Answered, moment: str) -> float:
    """On the host's own clock."""
    try:
        wanted, now = parsedate_to_datetime(moment), parsedate_to_datetime(answer.headers["date"])
        return (wanted - now).total_seconds()
    except (KeyError, ValueError, TypeError):
        return WAIT_S


def _until(answer: Answered, reset: str) -> float:
    try:
        return float(reset[:12]) - parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return WAIT_S


def _bounded(seconds: float) -> int:
    return WAIT_S if math.isnan(seconds) else math.ceil(min(max(seconds, 1.0), LONGEST_WAIT_S))
