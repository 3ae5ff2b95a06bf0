"""Contracts as they are written down. A text that cannot be understood is refused with a sentence, never guessed at.

    roots: [., src]                  # where module names begin; optional
    contracts:
      - name: The core knows no web
        type: forbidden              # or layers, independence
        source_modules: [shop.core]
        forbidden_modules: [shop.web, flask]
        ignore_imports: ["shop.core.old -> shop.web.forms"]

The words are those of import-linter (https://import-linter.readthedocs.io/en/stable/contract_types.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Type = Literal["layers", "forbidden", "independence"]
LARGEST_BYTES = 64 * 1024
MOST_CONTRACTS = 50
MOST_MODULES = 200  # in one list
_LONGEST = 300  # characters
_DEEPEST = 12
_EXPRESSION = re.compile(r"(?:[^\s.*|:()]+|\*{1,2})(?:\.(?:[^\s.*|:()]+|\*{1,2}))*")
_LAYER = re.compile(r"\s*(\()?\s*([^\s()]+)\s*(?(1)\))\s*")


class Refused(ValueError):
    """A sentence that says what in the text is wrong."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Modules of one height. `closed` siblings may not import each other."""

    modules: tuple[str, ...]
    optional: tuple[str, ...] = ()
    independent: bool = True


@dataclass(frozen=True, slots=True)
class Contract:
    """`ignored` are (importer, imported), which may hold wildcards."""

    id: str
    name: str
    type: Type
    layers: tuple[Layer, ...] = ()
    containers: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    direct_only: bool = False
    ignored: tuple[tuple[str, str], ...] = ()
    stale_is_error: bool = True


@dataclass(frozen=True, slots=True)
class Contracts:
    contracts: tuple[Contract, ...] = ()
    roots: tuple[str, ...] = ()


def read(text: str) -> Contracts:
    """The contracts of a text; none if it is empty.

    Raises:
        Refused: it is not YAML, too large, or a contract in it is malformed.
    """
    said = _yaml(text)
    if said is None:
        return Contracts()
    if not isinstance(said, dict) or set(said) - {"contracts", "roots"}:
        raise Refused("contracts are a mapping with the keys `contracts` and `roots`")
    listed = said.get("contracts") or []
    if not isinstance(listed, list) or len(listed) > MOST_CONTRACTS:
        raise Refused(f"`contracts` is a list of at most {MOST_CONTRACTS}")
    contracts = [_contract(one) for one in listed]
    ids = [one.id for one in contracts]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise Refused(f"two contracts are called {twice[0]}")
    roots = tuple(sorted((root.strip("/") for root in _words(said, "roots", "roots", least=0)), key=len, reverse=True))
    return Contracts(tuple(contracts), tuple("" if root == "." else root for root in roots))


def _yaml(text: str) -> Any:
    import yaml

    if len(text.encode(errors="replace")) > LARGEST_BYTES:
        raise Refused(f"the contracts are larger than {LARGEST_BYTES // 1024} KB")
    try:
        _look_through(yaml.scan(text))
        return yaml.safe_load(text)
    except Refused:
        raise
    except (yaml.YAMLError, RecursionError, ValueError) as bad:
        raise Refused("the contracts are not YAML") from bad


def _look_through(tokens: Iterable[Any]) -> None:
    """Refuse what could make a small text large or slow, before anything is built of it."""
    depth = 0
    for token in tokens:
        kind = type(token).__name__
        if kind in ("AliasToken", "AnchorToken"):
            raise Refused("contracts use no anchors and aliases")
        depth += kind.endswith("StartToken") - kind.endswith("EndToken")
        if depth > _DEEPEST:
            raise Refused("the contracts are nested too deep")


def _contract(said: object) -> Contract:
    if not isinstance(said, dict):
        raise Refused("a contract is a mapping")
    name = said.get("name")
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST or not name.isprintable():
        raise Refused("a contract has a name")
    kind = said.get("type")
    if kind not in _READERS:
        raise Refused(f"{name}: the type is layers, forbidden or independence")
    own, known = _READERS[kind]
    if foreign := sorted(set(map(str, said)) - {*own, *_COMMON}):
        raise Refused(f"{name}: {foreign[0]} is unknown")
    alerting = said.get("unmatched_ignore_imports_alerting", "error")
    if alerting not in ("error", "warn", "none"):
        raise Refused(f"{name}: unmatched_ignore_imports_alerting is error, warn or none")
    common = {"id": _id(said, name), "name": name, "type": kind, "stale_is_error": alerting == "error"}
    return Contract(**common, ignored=tuple(_ignored(said, name)), **known(said, name))


_COMMON = ("id", "name", "type", "ignore_imports", "unmatched_ignore_imports_alerting")


def _id(said: Mapping[str, Any], name: str) -> str:
    given = said.get("id", name)
    slug = re.sub(r"[^a-z0-9]+", "-", str(given).lower()).strip("-")[:80]
    if not slug:
        raise Refused(f"{name}: give it an id of letters and digits")
    return slug


def _layers(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    layers = tuple(_layer(one, name) for one in _words(said, "layers", name, pattern=None))
    return {"layers": layers, "containers": _words(said, "containers", name, least=0)}


def _layer(said: str, name: str) -> Layer:
    separator = "|" if "|" in said else ":"
    found = [_LAYER.fullmatch(part) for part in said.split(separator)]
    modules = tuple(one[2] for one in found if one is not None)
    if None in found or not all(_EXPRESSION.fullmatch(module) for module in modules):
        raise Refused(f"{name}: {said[:80]!r} is no layer")
    optional = tuple(one[2] for one in found if one is not None and one[1])
    return Layer(modules, optional, separator == "|")


def _forbidden(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    indirect = said.get("allow_indirect_imports", False)
    return {
        "sources": _words(said, "source_modules", name),
        "targets": _words(said, "forbidden_modules", name),
        "direct_only": indirect is True or str(indirect).lower() == "true",
    }


def _independence(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return {"sources": _words(said, "modules", name)}


_READERS: Mapping[object, tuple[tuple[str, ...], Any]] = {
    "layers": (("layers", "containers"), _layers),
    "forbidden": (("source_modules", "forbidden_modules", "allow_indirect_imports"), _forbidden),
    "independence": (("modules",), _independence),
}


def _ignored(said: Mapping[str, Any], name: str) -> Sequence[tuple[str, str]]:
    found = []
    for one in _words(said, "ignore_imports", name, least=0, pattern=None):
        importer, arrow, imported = (part.strip() for part in one.partition("->"))
        if not arrow or not _EXPRESSION.fullmatch(importer) or not _EXPRESSION.fullmatch(imported):
            raise Refused(f"{name}: {one[:80]!r} is not `importer -> imported`")
        found.append((importer, imported))
    return found


def _words(
    said: Mapping[str, Any], key: str, name: str, *, least: int = 1, pattern: re.Pattern[str] | None = _EXPRESSION
) -> tuple[str, ...]:
    listed = said.get(key) or []
    listed = [listed] if isinstance(listed, str) else listed
    if not isinstance(listed, list) or not least <= len(listed) <= MOST_MODULES:
        raise Refused(f"{name}: `{key}` is a list of {least} to {MOST_MODULES}")
    fits = (isinstance(one, str) and 0 < len(one) <= _LONGEST for one in listed)
    if not all(fits) or (key != "roots" and pattern and not all(pattern.fullmatch(one) for one in listed)):
        raise Refused(f"{name}: an entry of `{key}` is malformed")
    return tuple(dict.fromkeys(listed))
