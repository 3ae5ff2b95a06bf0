"""Processes of a running platform are killed while reviews run: it heals by itself, loses nothing, counts nothing twice.

Power loss is not simulated: a killed process loses no page that the kernel has.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.e2e.platform import Platform, platform

pytestmark = pytest.mark.slow
HEALED_WITHIN_S = 30.0
FUNCTIONS = ["functions.project.app.app", "functions.analysis.app.on_work"]
VICTIMS = ["postgres", "valkey", "kafka", "graph", "objects", "inference", *FUNCTIONS]


@dataclass
class Asked:
    """One request beside the reviews: `status` 0 when the connection broke."""

    method: str
    status: int
    seconds: float
    body: str
    retry_after: str | None


@dataclass
class Load:
    """Reviews one after the other, and small requests beside them, until it is stopped."""

    house: Platform
    checkout: Path
    reviews: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self.threads = [threading.Thread(target=self.review), threading.Thread(target=self.ask)]
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """Return when the last review and the last request have ended."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(120)

    def review(self) -> None:
        while not self.stopping.is_set():
            new = time.time_ns()  # what was published before, in another test too, is not analysed again
            edited = self.checkout / "shop" / "cart.py"
            edited.write_text(f"from shop import prices\n\n\ndef total(items):\n    return items, {new}\n")
            began = time.monotonic()
            done = self.house.run("review", str(self.checkout), "--format", "json", "--no-ai", "--project", "faults")
            if done.returncode in (0, 1):
                self.reviews.append((began, json.loads(done.stdout)["analysis"]))
            else:
                self.refused.append(done.stderr)

    def ask(self) -> None:
        with self.house.owner() as owner:
            turn = 0
            while not self.stopping.wait(0.1):
                turn += 1
                if turn % 2:
                    self._ask(owner, "GET", "/v1/analyses?limit=1")
                else:
                    self._ask(owner, "POST", "/v1/projects", f"asked-{time.monotonic_ns()}")

    def _ask(self, owner: httpx.Client, method: str, path: str, name: str = "") -> None:
        began = time.monotonic()
        try:
            answer = owner.request(method, path, json={"name": name} if name else None)
        except httpx.TransportError as lost:
            self.asked.append(Asked(method, 0, time.monotonic() - began, repr(lost), None))
            return
        seconds = time.monotonic() - began
        self.asked.append(Asked(method, answer.status_code, seconds, answer.text, answer.headers.get("retry-after")))
        if answer.status_code == 201:
            self.created.append(answer.json()["id"])

    def completed_since(self, moment: float, within_s: float) -> float:
        """Seconds from `moment` to the end of the first review that was begun after it."""
        deadline = moment + within_s
        while time.monotonic() < deadline:
            if any(began >= moment for began, _ in self.reviews):
                return time.monotonic() - moment
            time.sleep(0.05)
        raise AssertionError(f"no review within {within_s} s: {self.refused[-3:]}\n{self.house.log()[-3000:]}")


@pytest.fixture(scope="module")
def house() -> Iterator[Platform]:
    with platform() as running:
        running.register_owner()
        yield running


@pytest.fixture
def load(house: Platform, checkout: Path) -> Iterator[Load]:
    running = Load(house, checkout)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def wait_for_middle(house: Platform, load: Load) -> None:
    """Return while an analysis is under way."""
    deadline = time.monotonic() + 20
    with house.owner() as owner:
        while time.monotonic() < deadline:
            newest = owner.get("/v1/analyses?limit=3").json()["items"]
            if any(each["state"] not in ("completed", "failed") for each in newest):
                return
    raise AssertionError(f"no analysis was under way: {load.refused[-3:]}\n{newest[:3]}\n{house.log()[-3000:]}")


def victim_of(house: Platform, name: str) -> psutil.Process:
    if name in FUNCTIONS:
        return next(each for each in house.family() if name in each.cmdline())
    return psutil.Process(json.loads((house.data / "pids.json").read_text())[name]["pid"])


@pytest.mark.parametrize("name", VICTIMS)
def test_a_killed_process_is_replaced_and_nothing_is_lost(house, load, name, record_property):
    load.completed_since(time.monotonic(), 60)
    wait_for_middle(house, load)
    victim_of(house, name).kill()
    killed = time.monotonic()
    healed_s = load.completed_since(killed, HEALED_WITHIN_S)
    load.stop()

    record_property("healed_s", round(healed_s, 1))
    print(f"{name}: healed after {healed_s:.1f} s, {summary(load.asked)}, refused {load.refused}")
    assert slow_or_wrong(load.asked, name) == []
    assert set(load.created) <= project_ids(house)
    assert_each_version_was_analysed_once(house)


def summary(asked: list[Asked]) -> dict[int, int]:
    return {status: sum(each.status == status for each in asked) for status in {each.status for each in asked}}


def slow_or_wrong(asked: list[Asked], name: str) -> list[Asked]:
    """A dead function process ends its request as in the cloud: 502, and nothing else is wrong."""
    fine = {200, 201} | ({502} if name in FUNCTIONS else set())
    return [
        each
        for each in asked
        if each.seconds > 30
        or not (each.status in fine or (each.status == 503 and each.retry_after and '"unavailable"' in each.body))
    ]


def pages(house: Platform, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with house.owner() as owner:
        cursor = ""
        while True:
            page = owner.get(f"{path}{'&' if '?' in path else '?'}limit=200{cursor}").json()
            found += page["items"]
            if not page["next_cursor"]:
                return found
            cursor = f"&cursor={page['next_cursor']}"


def project_ids(house: Platform) -> set[str]:
    return {each["id"] for each in pages(house, "/v1/projects")}


def assert_each_version_was_analysed_once(house: Platform) -> None:
    project = next(each["id"] for each in pages(house, "/v1/projects") if each["name"] == "faults")
    versions = {each["id"] for each in pages(house, f"/v1/projects/{project}/versions")}
    deadline = time.monotonic() + HEALED_WITHIN_S
    while time.monotonic() < deadline:
        analyses = pages(house, f"/v1/analyses?project_id={project}")
        ended = [each for each in analyses if each["state"] in ("completed", "failed")]
        if versions == {each["version_id"] for each in ended} and len(ended) == len(analyses):
            break
        time.sleep(0.2)
    states = [(each["version_id"], each["state"], each["reason"]) for each in analyses if each["state"] != "completed"]
    assert states == []
    assert sorted(each["version_id"] for each in analyses) == sorted(versions)
    assert len({counts(each) for each in analyses}) == 1


def counts(analysis: dict[str, Any]) -> str:
    totals = {name: analysis["totals"][name] for name in ("files", "functions", "skipped")}
    return json.dumps([totals, analysis["findings_by_severity"]], sort_keys=True)
