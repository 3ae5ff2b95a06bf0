"""Dynamic references: `{{resolve:ssm:…}}`, `{{resolve:ssm-secure:…}}` and `{{resolve:secretsmanager:…}}`.

AWS: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from emulator.template.errors import TemplateError

_REFERENCE = re.compile(r"\{\{resolve:([A-Za-z-]+):([^{}]*)\}\}")


class Values(Protocol):
    """Where references are looked up."""

    def parameter(self, name: str, version: str | None) -> str | None:
        """Return the value of an SSM parameter, or None if there is none."""
        ...

    def secret(self, name: str, stage: str, version: str | None) -> str | None:
        """Return the text of a secret, or None if there is none. `name` may be an ARN."""
        ...


class NoValues:
    """A store with nothing in it."""

    def parameter(self, _name: str, _version: str | None) -> str | None:
        return None

    def secret(self, _name: str, _stage: str, _version: str | None) -> str | None:
        return None


@dataclass(slots=True)
class References:
    """Resolves references and remembers what they stood for, so that nothing prints it."""

    values: Values
    resolved: set[str] = field(default_factory=set)
    also: list[Values] = field(default_factory=list)

    def within(self, text: str) -> str:
        """Return the text with every reference replaced.

        Raises:
            TemplateError: a reference is malformed or finds nothing; the message names it, never a value.
        """
        return _REFERENCE.sub(self._replaced, text) if "{{resolve:" in text else text

    def parameter(self, name: str) -> str:
        """Return the value of an SSM parameter, which is not hidden.

        Raises:
            TemplateError: there is none.
        """
        value = self._first(lambda values: values.parameter(name, None))
        if value is None:
            raise TemplateError(f"the SSM parameter {name} is not in the local store")
        return value

    def _replaced(self, found: re.Match[str]) -> str:
        service, rest = found.groups()
        readers = {"ssm": self._ssm, "ssm-secure": self._ssm, "secretsmanager": self._secret}
        if service not in readers:
            raise TemplateError(f"{found[0]}: references to {service} are not known")
        value = readers[service](rest)
        if value is None:
            raise TemplateError(f"{found[0]} finds nothing in the local store")
        if value:
            self.resolved.add(value)
        return value

    def _ssm(self, rest: str) -> str | None:
        name, _, version = rest.partition(":")
        return self._first(lambda values: values.parameter(name, version or None))

    def _secret(self, rest: str) -> str | None:
        """Read `id:SecretString:json-key:stage:version`, where all but the id may be left out or empty."""
        name, parts = _secret_parts(rest)
        text = self._first(lambda values: values.secret(name, parts[2] or "AWSCURRENT", parts[3] or None))
        if parts[0] not in ("", "SecretString") or text is None:
            return None
        return text if not parts[1] else _member(text, parts[1])

    def _first(self, look: Callable[[Values], str | None]) -> str | None:
        return next((found for each in (*self.also, self.values) if (found := look(each)) is not None), None)


def _secret_parts(rest: str) -> tuple[str, list[str]]:
    """Tell the secret's id, which may be an ARN with colons, from what follows it."""
    parts = rest.split(":")
    length = 7 if rest.startswith("arn:") else 1
    following = parts[length:]
    return ":".join(parts[:length]), following + [""] * (4 - len(following))


def _member(text: str, key: str) -> str | None:
    try:
        document: Any = json.loads(text)
    except ValueError:
        return None
    if not isinstance(document, dict) or key not in document:
        return None
    value = document[key]
    return value if isinstance(value, str) else json.dumps(value)
