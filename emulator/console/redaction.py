"""Keeps credentials out of what the console shows: by the name of a field, by how a value looks, by the value itself."""

from __future__ import annotations

import base64
import binascii
import itertools
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

HIDDEN = "***"
_ALWAYS = frozenset(
    [
        "authorization",
        "cookie",
        "cookies",
        "credential",
        "credentials",
        "jwt",
        "otp",
        "passcode",
        "passphrase",
        "passwd",
        "password",
        "pwd",
        "secret",
        "secrets",
        "signature",
        "ticket",
        "token",
        "tokens",
    ]
)
_KEYS_OF = frozenset(
    [
        "access",
        "api",
        "apikey",
        "auth",
        "client",
        "encryption",
        "jwt",
        "master",
        "private",
        "secret",
        "session",
        "shared",
        "signing",
    ]
)
_COUNTED = frozenset({"token", "tokens"})
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NAMED = (
    r"[\w.-]{0,40}(?:token|passw(?:or)?d|passphrase|secret|api[_-]?key|access[_-]?key|private[_-]?key|signature|credential)"
    r"[\w.-]{0,40}"
)
_PATTERNS = (
    (re.compile(r"(?<![\w-])eyJ[\w-]{5,}+\.[\w-]{5,}(?:\.[\w-]*){0,3}"), HIDDEN),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), HIDDEN),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), HIDDEN),
    (re.compile(r"\b(bearer|basic)(\s+)[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1\2{HIDDEN}"),
    (re.compile(r"(://[^/\s:@]*:)[^@\s/]+@"), rf"\1{HIDDEN}@"),
    (re.compile(rf"""(["']?\b{_NAMED}["']?\s*[:=]\s*)(?:"[^"]*+"|'[^']*'|[^\s&;,"'}}\]]+)""", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"(\b(?:set-)?cookie\s*:\s*).+", re.IGNORECASE), rf"\1{HIDDEN}"),
)  # fmt: skip
_BASE64 = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_DEEPEST = 60
_SHORTEST_KNOWN = 6

Mask = Callable[[str], str]


def is_sensitive(name: str) -> bool:
    """Tell whether a field of this name holds a credential. A bare `key` does not: that is S3's and Kafka's word."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if any(word in _ALWAYS for word in words):
        return True
    return any(one in _KEYS_OF and two in ("key", "keys") for one, two in itertools.pairwise(words))


class Redactor:
    """Hides credentials. `known` are values to hide wherever they stand; `mask` hides what others know of."""

    def __init__(self, known: Iterable[str] = (), mask: Mask | None = None) -> None:
        longest_first = sorted({value for value in known if len(value) >= _SHORTEST_KNOWN}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None
        self._mask = mask

    def text(self, text: str) -> str:
        """Return a text without what looks like a credential."""
        if self._mask is not None:
            text = self._mask(text)
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        for pattern, shown in _PATTERNS:
            text = pattern.sub(shown, text)
        return text

    def document(self, document: Any, depth: int = 0) -> Any:
        """Return a JSON document without credentials, whatever is inside its strings included."""
        if depth > _DEEPEST:
            return HIDDEN
        if isinstance(document, dict):
            return {name: self._field(name, value, depth + 1) for name, value in document.items()}
        if isinstance(document, list):
            return [self.document(each, depth + 1) for each in document]
        return self._string(document, depth) if isinstance(document, str) else document

    def payload(self, payload: bytes) -> Any:
        """Return what an event or an answer says: its document, or its text where it is no JSON."""
        try:
            return self.document(json.loads(payload)) if payload else None
        except (ValueError, RecursionError):
            return self.text(payload.decode("utf-8", "replace"))

    def _field(self, name: str, value: Any, depth: int) -> Any:
        if not is_sensitive(name):
            return self.document(value, depth)
        counted = isinstance(value, int | float) and _COUNTED & {word.lower() for word in _WORDS.findall(name)}
        return value if counted else _hidden(value, depth)

    def _string(self, value: str, depth: int) -> str:
        if value[:1] in ("{", "["):
            return self._json(value, depth)
        if _BASE64.fullmatch(value):
            return self._encoded(value, depth)
        return self.text(value)

    def _json(self, value: str, depth: int) -> str:
        try:
            inside = json.loads(value)
        except (ValueError, RecursionError):
            return self.text(value)
        shown = self.document(inside, depth + 1)
        return value if shown == inside else json.dumps(shown, separators=(",", ":"))

    def _encoded(self, value: str, depth: int) -> str:
        """Look into base64, which is how bodies and records travel."""
        try:
            inside = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            return self.text(value)
        shown = self._string(inside, depth + 1) if depth < _DEEPEST else HIDDEN
        return self.text(value) if shown == inside else base64.b64encode(shown.encode()).decode()


def _hidden(value: Any, depth: int) -> Any:
    """Keep the shape of a credential, so that a reader sees that it was there."""
    if value is None or isinstance(value, bool) or depth > _DEEPEST:
        return value if depth <= _DEEPEST else HIDDEN
    if isinstance(value, dict):
        return {name: _hidden(each, depth + 1) for name, each in value.items()}
    if isinstance(value, list):
        return [_hidden(each, depth + 1) for each in value]
    return HIDDEN
