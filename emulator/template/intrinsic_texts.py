"""The functions of CloudFormation that make texts and lists out of resolved values."""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.model import REGION
from emulator.template.names import Names

_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")
_ZONES = "abcdef"
_MAX_BLOCKS = 256


def sub(given: Any, resolve: Callable[[Any], Any], names: Names) -> str:
    """Replace `${Name}` and `${Resource.Attribute}`; `${!Literal}` stands for itself."""
    text, own = (given, {}) if isinstance(given, str) else (given[0], resolve(given[1]))
    if not isinstance(text, str) or not isinstance(own, Mapping):
        raise TemplateError("Fn::Sub takes a text, or a list of a text and a mapping")

    def replaced(found: re.Match[str]) -> str:
        literal, name = found[1], found[2].strip()
        if literal:
            return "${" + name + "}"
        if name in own:
            return plain(own[name], f"${{{name}}}")
        return plain(names.get_att(name) if "." in name else names.ref(name), f"${{{name}}}")

    return _PLACEHOLDER.sub(replaced, text)


def plain(value: Any, place: str) -> str:
    """Return a text, number or flag as text.

    Raises:
        TemplateError: it is a list or a mapping.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        raise TemplateError(f"{place} is not a text")
    return str(value)


def _join(given: Any) -> str:
    delimiter, parts = given
    if not isinstance(delimiter, str) or not isinstance(parts, list):
        raise TemplateError("Fn::Join takes a delimiter and a list")
    return delimiter.join(plain(each, "a part of Fn::Join") for each in parts)


def _select(given: Any) -> Any:
    index, values = int(given[0]), given[1]
    if not isinstance(values, list) or not 0 <= index < len(values):
        raise TemplateError(f"Fn::Select finds no element {index} in its list")
    return values[index]


def _split(given: Any) -> list[str]:
    delimiter, text = given
    if not isinstance(delimiter, str) or not delimiter or not isinstance(text, str):
        raise TemplateError("Fn::Split takes a delimiter and a text")
    return text.split(delimiter)


def _base64(given: Any) -> str:
    return base64.b64encode(plain(given, "Fn::Base64").encode()).decode()


def _cidr(given: Any) -> list[str]:
    """Cut a network into blocks: the count comes first, then the bits that each block leaves to its hosts."""
    network, count = ipaddress.ip_network(given[0], strict=False), int(given[1])
    bits = int(given[2]) if len(given) > 2 else 8
    prefix = network.max_prefixlen - bits
    if not 1 <= count <= _MAX_BLOCKS or not network.prefixlen <= prefix <= network.max_prefixlen:
        raise TemplateError(f"Fn::Cidr cannot cut {count} blocks of {bits} bits out of {network}")
    found = [str(each) for each in islice(network.subnets(new_prefix=prefix), count)]
    if len(found) < count:
        raise TemplateError(f"Fn::Cidr cannot cut {count} blocks of {bits} bits out of {network}")
    return found


def _zones(region: Any) -> list[str]:
    return [f"{region or REGION}{zone}" for zone in _ZONES]


PLAIN: Mapping[str, Callable[[Any], Any]] = {
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::GetAZs": _zones,
    "Fn::Length": len,
    "Fn::ToJsonString": lambda given: json.dumps(given, separators=(",", ":")),
}
