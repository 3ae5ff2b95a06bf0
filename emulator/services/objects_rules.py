"""Which new objects are told about: rules of the start, and rules that were put on a bucket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from emulator.services import files

_NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"
_DESTINATIONS = ("QueueConfiguration", "TopicConfiguration", "CloudFunctionConfiguration")
EMPTY = b'<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'


class Unsupported(Exception):
    """The configuration asks for events that are never sent."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Objects of one bucket whose key begins and ends in a given way."""

    bucket: str
    prefix: str = ""
    suffix: str = ""
    events: tuple[str, ...] = ("s3:ObjectCreated:*",)
    id: str = "coderev"

    def fits(self, bucket: str, key: str, name: str) -> bool:
        """Tell whether the rule speaks of this object and event; `name` has no `s3:`."""
        here = bucket == self.bucket and key.startswith(self.prefix) and key.endswith(self.suffix)
        return here and any(fnmatchcase(f"s3:{name}", event) for event in self.events)


def parse(bucket: str, document: Element) -> list[Rule]:
    """Return the rules of a `NotificationConfiguration`.

    Raises:
        Unsupported: an event other than the creation of objects is asked for.
    """
    return [
        _rule(bucket, found)
        for destination in _DESTINATIONS
        for found in document.iter()
        if found.tag.removeprefix(_NAMESPACE) == destination
    ]


def _rule(bucket: str, found: Element) -> Rule:
    events = tuple(_texts(found, "Event"))
    if not events or not all(event.startswith("s3:ObjectCreated:") for event in events):
        raise Unsupported("only s3:ObjectCreated events are sent")
    names, values = list(_texts(found, "Name")), list(_texts(found, "Value"))
    filters = {name.lower(): value for name, value in zip(names, values, strict=True)}
    identity = next(_texts(found, "Id"), "notification")
    return Rule(bucket, filters.get("prefix", ""), filters.get("suffix", ""), events, identity)


def _texts(found: Element, name: str) -> Iterator[str]:
    return (part.text or "" for part in found.iter() if part.tag.removeprefix(_NAMESPACE) == name)


class Rules:
    """Built-in rules, and the configurations that were put, which are kept in a folder."""

    def __init__(self, fixed: Sequence[Rule], folder: Path) -> None:
        self._fixed = fixed
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = {path.stem: ElementTree.fromstring(path.read_bytes()) for path in folder.glob("*.xml")}
        self._put = {bucket: parse(bucket, document) for bucket, document in kept.items()}

    def put(self, bucket: str, document: bytes, parsed: Element) -> None:
        """Replace the configuration of a bucket.

        Raises:
            Unsupported: it asks for events that are never sent.
        """
        self._put[bucket] = parse(bucket, parsed)
        files.write(self._folder / f"{bucket}.xml", document.decode(), durable=True)

    def document(self, bucket: str) -> bytes:
        """The configuration as it was put."""
        kept = self._folder / f"{bucket}.xml"
        return kept.read_bytes() if kept.exists() else EMPTY

    def find(self, bucket: str, key: str, name: str) -> Rule | None:
        """The first rule that fits: an object is told about once."""
        rules = [*self._fixed, *self._put.get(bucket, [])]
        return next((rule for rule in rules if rule.fits(bucket, key, name)), None)
