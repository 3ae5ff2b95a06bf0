from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.services.kafka import Kafka
from emulator.services.keeper import Plan
from emulator.services.testing import folder_for_tests, running

TOPICS = Path(__file__).parents[3] / "infra" / "kafka" / "topics.yaml"


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """Bootstrap servers of a real broker."""
    with folder_for_tests() as folder:
        plan = Plan("kafka", lambda port: Kafka(folder, port, TOPICS))
        with running(plan, folder) as keeper:
            assert isinstance(keeper.server, Kafka)
            yield keeper.server.bootstrap
