"""`S3` events: notifications of a bucket."""

from __future__ import annotations

from emulator.template.events import Event, Events
from emulator.template.source_model import S3Mapping


def add(event: Event, events: Events) -> None:
    """Add a mapping of a bucket's events to the function."""
    given = event.given
    wanted_events = given["Events"]
    rules = ((given.get("Filter") or {}).get("S3Key") or {}).get("Rules") or []
    wanted = {str(rule["Name"]).lower(): str(rule["Value"]) for rule in rules}
    mapping = S3Mapping(
        name=event.place,
        function=event.function.name,
        bucket=str(given["Bucket"]),
        events=tuple(wanted_events) if isinstance(wanted_events, list) else (str(wanted_events),),
        prefix=wanted.get("prefix", ""),
        suffix=wanted.get("suffix", ""),
    )
    events.s3.append(mapping)
