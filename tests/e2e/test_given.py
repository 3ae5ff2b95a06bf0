"""Every service can be replaced by an address: the platform then starts none of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from emulator.services.testing import folder_for_tests, services_for_tests
from infra.postgres import migrate
from tests.e2e.platform import Platform

NAMES = ("postgres", "valkey", "kafka", "graph", "objects", "inference")


@dataclass
class Guest(Platform):
    """A platform on services that somebody else runs."""

    given: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, **self.given}


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    with services_for_tests(*NAMES) as services, folder_for_tests() as folder:
        given = dict(services.environment)
        migrate.upgrade(given["CODEREV_MIGRATION_DATABASE_URL"])
        house = Guest(folder, given=given)
        try:
            house.start()
            house.register_owner()
            yield house
        finally:
            house.stop()


def test_it_starts_no_service_and_reviews_on_the_given_ones(guest, checkout):
    document = guest.review(checkout, "--no-ai")
    commands = [" ".join(member.cmdline()) for member in guest.family()]

    assert ("ruff/F821", "shop/prices.py") in {(each["rule"], each["path"]) for each in document["findings"]}
    assert document["analysis"]["state"] == "completed"
    assert not [command for command in commands if "emulator.services" in command or "postgres -D" in command]


def test_the_database_of_others_is_not_migrated_by_up(guest):
    assert "empty ->" not in guest.log()
