"""`S3` events: notifications of a bucket.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.events import Event, Events
from emulator.template.source_model import S3Mapping

KINDS: Mapping[str, tuple[str, ...]] = {
    "ObjectCreated": ("Put", "Post", "Copy", "CompleteMultipartUpload"),
    "ObjectRemoved": ("Delete", "DeleteMarkerCreated"),
    "ObjectRestore": ("Post", "Completed", "Delete"),
    "ObjectTagging": ("Put", "Delete"),
    "LifecycleExpiration": ("Delete", "DeleteMarkerCreated"),
    "Replication": (
        "OperationFailedReplication", "OperationNotTracked", "OperationMissedThreshold", "OperationReplicatedAfterThreshold",
    ),
}  # fmt: skip
SINGLE = ("ReducedRedundancyLostObject", "LifecycleTransition", "IntelligentTiering", "ObjectAcl:Put")
NAMES = frozenset([*(f"{kind}:{name}" for kind, names in KINDS.items() for name in names), *SINGLE])
"""The names of events as records have them, without `s3:`."""
_ASKED = frozenset(f"s3:{name}" for name in [*NAMES, *(f"{kind}:*" for kind in KINDS)])
_READ = {"Bucket", "Events", "Filter"}


def add(event: Event, events: Events) -> None:
    """Add a mapping of a bucket's events to the function.

    Raises:
        TemplateError: S3 knows no such event or filter, or another mapping asks for the same.
    """
    events.warn_of_others(event, _READ)
    given = event.given
    wanted = given["Events"]
    filters = _filters(event.place, ((given.get("Filter") or {}).get("S3Key") or {}).get("Rules") or [])
    mapping = S3Mapping(
        name=event.place,
        function=event.function.name,
        bucket=str(given["Bucket"]),
        events=tuple(map(str, wanted)) if isinstance(wanted, list) else (str(wanted),),
        prefix=filters.get("prefix", ""),
        suffix=filters.get("suffix", ""),
    )
    _check(mapping, events.s3)
    events.s3.append(mapping)


def _filters(place: str, rules: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for rule in rules:
        name = str(rule["Name"]).lower()
        if name not in ("prefix", "suffix"):
            raise TemplateError(f"{place}: filter rule name must be either prefix or suffix, not {rule['Name']!r}")
        if name in found:
            raise TemplateError(f"{place}: Cannot specify more than one {name} rule in a filter.")
        found[name] = str(rule["Value"])
    return found


def _check(mapping: S3Mapping, others: Iterable[S3Mapping]) -> None:
    for name in mapping.events:
        if name not in _ASKED:
            raise TemplateError(f"{mapping.name}: The event '{name}' is not supported for notifications")
    for other in others:
        if _overlap(mapping, other):
            raise TemplateError(
                f"{mapping.name} and {other.name}: Configuration is ambiguously defined. Cannot have overlapping suffixes"
                " in two rules if the prefixes are overlapping for the same event type."
            )


def _overlap(one: S3Mapping, other: S3Mapping) -> bool:
    prefixes = one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix)
    suffixes = one.suffix.endswith(other.suffix) or other.suffix.endswith(one.suffix)
    same = any(fnmatchcase(a, b) or fnmatchcase(b, a) for a in one.events for b in other.events)
    return one.bucket == other.bucket and prefixes and suffixes and same
