"""Which function a request names: a name, a partial ARN or an ARN, with a qualifier in it or beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from emulator.edge.errors import invalid, not_found, violated
from emulator.runtime import UnknownFunction
from emulator.template import Function, function_arn
from emulator.template.model import REGION

LATEST = "$LATEST"
_PATTERN = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
    r"([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)
"""Of NamespacedFunctionName in Lambda's service model; refusals quote it."""
_NAME, _MOST = re.compile(_PATTERN), 256
Find = Callable[[str], Function]
"""Returns a function by name or ARN. Raises UnknownFunction."""


@dataclass(frozen=True, slots=True)
class Named:
    """A function as a request names it. `qualifier` is None where the request gives none."""

    function: Function
    qualifier: str | None

    @property
    def version(self) -> str:
        """The version that runs: `$LATEST`, or the one that the qualifier stands for."""
        return self.function.qualifiers.get(self.qualifier or LATEST, LATEST)

    @property
    def arn(self) -> str:
        return f"{self.function.arn}:{self.qualifier}" if self.qualifier else self.function.arn

    @property
    def reference(self) -> str:
        """What the runtime is asked for; the qualifier goes into the ARN that the function sees."""
        return f"{self.function.name}:{self.qualifier}" if self.qualifier else self.function.name


def named(find: Find, reference: str, qualifier: str | None, *, default: str = "") -> Named:
    """Return what a request names.

    Args:
        default: What the message says after the ARN of an unknown function without a qualifier.

    Raises:
        ApiError: there is no such function, version or alias, or the request contradicts itself, or has no name.
    """
    _check(reference)
    name, own = _taken_apart(reference)
    if own and qualifier and own != qualifier:
        raise invalid("The derived qualifier from the function name does not match the specified qualifier.")
    wanted = own or qualifier
    try:
        function = find(name)
    except UnknownFunction as unknown:
        raise _unknown(name, wanted or default) from unknown
    if wanted not in (None, LATEST) and wanted not in function.qualifiers:
        raise _unknown(function.name, wanted)
    return Named(function, wanted)


def _check(reference: str) -> None:
    if not _NAME.fullmatch(reference):
        raise violated("functionName", reference, f"Member must satisfy regular expression pattern: {_PATTERN}")
    if len(reference) > _MOST:
        raise violated("functionName", reference, f"Member must have length less than or equal to {_MOST}")


def _unknown(name: str, suffix: str | None) -> Exception:
    return not_found(f"Function not found: {function_arn(name)}" + (f":{suffix}" if suffix else ""))


def _taken_apart(reference: str) -> tuple[str, str | None]:
    """Return name and qualifier of `[arn:aws:lambda:region:][account:function:]name[:qualifier]`."""
    parts = reference.split(":")
    if parts[0] == "arn" and len(parts) > 3 and parts[3] != REGION:
        raise not_found(f"Functions from '{parts[3]}' are not reachable in this region ('{REGION}')")
    if "function" in parts:
        parts = parts[parts.index("function") + 1 :]
    return parts[0] if parts else "", (parts[1] or None) if len(parts) > 1 else None
