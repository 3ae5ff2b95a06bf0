"""The bytes of chat completions: what is sent for a prompt, and what an answer means."""

from __future__ import annotations

import json
import math
import time
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from functions.ai.model import ModelFailed, Prompt, Reply, ReviewReason, Route

LONGEST_PAUSE_S = 3_600.0
_OPTIONAL = ("response_format", "temperature")


def body_of(route: Route, prompt: Prompt) -> dict[str, Any]:
    schema = {"name": "answer", "schema": prompt.schema, "strict": True}
    limit = "max_completion_tokens" if route.kind == "openai" else "max_tokens"  # OpenAI's newer models want this
    return {
        "model": route.model,
        "messages": _messages(prompt),
        "temperature": 0,
        limit: prompt.most_tokens,
        "response_format": {"type": "json_schema", "json_schema": schema},
    }


def _messages(prompt: Prompt) -> list[dict[str, str]]:
    shown = zip(("user", "assistant"), prompt.example or (), strict=False)
    turns = (("system", prompt.system), *shown, ("user", prompt.user))
    return [{"role": role, "content": content} for role, content in turns]


def without_refused(body: dict[str, Any], answer: bytes) -> dict[str, Any] | None:
    """The body without the optional parameter that a 400 complains of; None if nothing can be left out."""
    present = [name for name in _OPTIONAL if name in body]
    if not present:
        return None
    said = answer[:4_000].decode(errors="replace")
    blamed = next((name for name in present if name in said), present[0])
    return {name: value for name, value in body.items() if name != blamed}


def target_of(route: Route) -> tuple[str, dict[str, str], dict[str, Any]]:
    """URL, headers and extensions of a request: to the address that was checked, under the name that was given.

    TLS still proves the name: `sni_hostname` is what the certificate is checked against.
    """
    url = f"{route.base_url.rstrip('/')}/chat/completions"
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}
    if route.api_key:
        headers["Authorization"] = f"Bearer {route.api_key}"
    if route.address is None:
        return url, headers, {}
    parts = urlsplit(url)
    host = f"[{route.address}]" if ":" in route.address else route.address
    pinned = parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host).geturl()
    extensions = {"sni_hostname": parts.hostname or ""} if parts.scheme == "https" else {}
    return pinned, headers | {"Host": parts.netloc}, extensions


def reply_of(answer: bytes, attempts: int) -> Reply:
    """The words in a completion. Raises ModelFailed if it is none."""
    try:
        completion = json.loads(answer)
        text = completion["choices"][0]["message"]["content"]
        usage = completion.get("usage") or {}
        counts = [_count(usage.get(name)) for name in ("prompt_tokens", "completion_tokens")]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as bad:
        raise ModelFailed(ReviewReason.BAD_ANSWER) from bad
    if not isinstance(text, str):
        raise ModelFailed(ReviewReason.BAD_ANSWER)
    return Reply(text, attempts, input_tokens=counts[0], output_tokens=counts[1])


def _count(said: object) -> int | None:
    return said if isinstance(said, int) and 0 <= said < 2**31 else None


def retry_after_s(header: str | None) -> float | None:
    """What a Retry-After header asks for, in seconds: a number or a date (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    try:
        asked = float(header)
    except ValueError:
        try:
            asked = parsedate_to_datetime(header).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return None if math.isnan(asked) else min(max(asked, 0.0), LONGEST_PAUSE_S)
