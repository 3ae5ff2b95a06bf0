"""The event source mappings of a running emulator: those of the template and those that the Lambda API made."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from emulator.clock import Clock
from emulator.sources import mappings_rules as rules
from emulator.sources.kafka_faults import KafkaFaults
from emulator.sources.mappings_entry import Entry, Properties, Running, new_mapping
from emulator.sources.mappings_file import MappingsFile
from emulator.template import KafkaMapping, function_name

log = logging.getLogger(__name__)
Launch = Callable[[KafkaMapping, KafkaFaults], Running]
"""Makes the source of a mapping, not started yet."""
Shown = list[dict[str, Any]]
TRANSITION_S = 0.2
"""How long a mapping is seen on its way to a state; on AWS it takes seconds."""


class Mappings:
    """Mappings that were made by the API are kept in a file and come back with the next start.

    What the API changes about one of the template lasts until then: the template is the truth about its own.
    """

    def __init__(
        self,
        declared: Iterable[KafkaMapping],
        *,
        file: Path,
        launch: Launch,
        clock: Clock,
        exists: Callable[[str], bool],
        transition_s: float = TRANSITION_S,
        strict: bool = False,
    ) -> None:
        self._file, self._launch, self._clock, self._exists = MappingsFile(file), launch, clock, exists
        self._transition_s, self._strict = transition_s, strict
        self._entries = {each.uuid: self._entry(each, declared=True) for each in declared}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Start what is enabled, of the template and of the file."""
        for mapping in self._file.read():
            self._entries.setdefault(mapping.uuid, self._entry(mapping))
        for entry in self._entries.values():
            if entry.mapping.enabled:
                self._run(entry)

    async def stop(self) -> None:
        """Stop all sources at the same time; their mappings stay."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(entry.source.stop() for entry in self._entries.values() if entry.source))

    def list(self, function: str | None = None, source: str | None = None) -> Shown:
        """Return mappings, all of them or those of a function (name or ARN) or of an event source (ARN)."""
        wanted = function_name(function) if function else None
        return [
            entry.configuration()
            for entry in self._entries.values()
            if wanted in (None, entry.mapping.function) and source in (None, entry.mapping.cluster)
        ]

    def get(self, uuid: str) -> dict[str, Any]:
        """Return one mapping.

        Raises:
            MappingRefused: there is none with this id.
        """
        return self._known(uuid).configuration()

    async def create(self, request: Properties) -> dict[str, Any]:
        """Make a mapping; it is stored when this returns, and works a moment later.

        Raises:
            MappingRefused: the request is not valid, or there is such a mapping.
        """
        rules.check_new(request, now=self._clock.now(), strict=self._strict)
        rules.check_function(request, self._exists)
        name = function_name(str(request["FunctionName"]))
        rules.check_unique(request, name, (entry.mapping for entry in self._entries.values()))
        entry = self._entry(new_mapping(name, request))
        entry.state = "Creating"
        self._entries[entry.mapping.uuid] = entry
        await self._save()
        return self._move(entry, entry.mapping)

    async def update(self, uuid: str, request: Properties) -> dict[str, Any]:
        """Change a mapping.

        Raises:
            MappingRefused: there is none with this id, it is on its way, or the request is not valid.
        """
        entry = self._at_rest(uuid, "update")
        rules.check(request, entry.mapping.topic)
        if request.get("FunctionName"):
            rules.check_function(request, self._exists)
        function = function_name(str(request["FunctionName"])) if request.get("FunctionName") else None
        before, entry.mapping = entry.mapping, entry.changed(request, function)
        entry.to(_on_the_way(before, entry.mapping), self._clock.now())
        await self._save()
        return self._move(entry, entry.mapping)

    async def enable(self, uuid: str) -> dict[str, Any]:
        """Start a mapping; raises as `update` does."""
        return await self.update(uuid, {"Enabled": True})

    async def disable(self, uuid: str) -> dict[str, Any]:
        """Stop a mapping; raises as `update` does."""
        return await self.update(uuid, {"Enabled": False})

    async def delete(self, uuid: str) -> dict[str, Any]:
        """Stop a mapping and forget it.

        Raises:
            MappingRefused: there is none with this id, or it is on its way.
        """
        entry = self._at_rest(uuid, "delete")
        entry.to("Deleting", self._clock.now())
        await self._save()
        return self._move(entry, None)

    def faults(self, uuid: str) -> KafkaFaults:
        """Return the faults of a mapping, to be set while it works.

        Raises:
            MappingRefused: there is none with this id.
        """
        return self._faults(self._known(uuid))

    def status(self) -> Shown:
        """Describe each mapping and what its source does, for people."""
        return [
            {
                "uuid": uuid,
                "mapping": entry.mapping.name,
                "declared": entry.declared,
                "topic": entry.mapping.topic,
                "group": entry.mapping.group,
                "function": entry.mapping.function,
                "state": entry.state.lower(),
                "faults": self._faults(entry).state,
                **(entry.source.state if entry.source else {}),
            }
            for uuid, entry in self._entries.items()
        ]

    def _entry(self, mapping: KafkaMapping, *, declared: bool = False) -> Entry:
        return Entry(mapping, "Enabled" if mapping.enabled else "Disabled", self._clock.now(), declared=declared)

    def _known(self, uuid: str) -> Entry:
        if uuid not in self._entries:
            raise rules.unknown()
        return self._entries[uuid]

    def _at_rest(self, uuid: str, verb: str) -> Entry:
        entry = self._known(uuid)
        if not entry.settled:
            raise rules.in_use(verb)
        return entry

    @staticmethod
    def _faults(entry: Entry) -> KafkaFaults:
        if entry.faults is None:
            entry.faults = KafkaFaults()
        return entry.faults

    def _run(self, entry: Entry) -> None:
        entry.source = self._launch(entry.mapping, self._faults(entry))
        entry.source.start()

    def _move(self, entry: Entry, target: KafkaMapping | None) -> dict[str, Any]:
        """Bring a mapping to its next state in the background; return how it is shown on the way."""
        shown = entry.configuration()
        task = asyncio.get_running_loop().create_task(self._settle(entry, target))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return shown

    async def _settle(self, entry: Entry, target: KafkaMapping | None) -> None:
        if entry.source is not None:
            await entry.source.stop()
            entry.source = None
        if target is not None and target.enabled:
            self._run(entry)
        await asyncio.sleep(self._transition_s)
        if target is None:
            del self._entries[entry.mapping.uuid]
        else:
            entry.to("Enabled" if target.enabled else "Disabled", self._clock.now())

    async def _save(self) -> None:
        kept = [entry.mapping for entry in self._entries.values() if not entry.declared and entry.state != "Deleting"]
        await asyncio.to_thread(self._file.write, kept)


def _on_the_way(before: KafkaMapping, after: KafkaMapping) -> str:
    if before.enabled == after.enabled:
        return "Updating"
    return "Enabling" if after.enabled else "Disabling"
