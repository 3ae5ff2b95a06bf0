"""Where the mappings that the API made are kept: one JSON file, replaced as a whole."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path

from emulator.template import KafkaMapping, TemplateError
from emulator.template.kafka_events import mapping_of

log = logging.getLogger(__name__)


class MappingsFile:
    """Either what it was before or what was written last, whenever the machine stops."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[KafkaMapping]:
        """Return the mappings; a file that cannot be read is put aside and said so."""
        if not self._path.exists():
            return []
        try:
            found = json.loads(self._path.read_bytes())
            return [mapping_of(id, each["function"], each["properties"], uuid=id) for id, each in found.items()]
        except (OSError, ValueError, TypeError, KeyError, AttributeError, TemplateError) as broken:
            log.error("event source mappings cannot be read: %r", broken)
            self._path.replace(self._path.with_suffix(".broken"))
            return []

    def write(self, mappings: Iterable[KafkaMapping]) -> None:
        """Replace the file; the new one is on the disk when this returns.

        Raises:
            OSError: it could not be written, and the old one is still there.
        """
        document = {each.uuid: {"function": each.function, "properties": dict(each.properties)} for each in mappings}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".part")
        with part.open("w") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)
