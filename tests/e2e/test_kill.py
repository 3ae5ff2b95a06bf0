"""The platform is killed in the middle of an analysis, is started again, and finishes it, nothing counted twice."""

from __future__ import annotations

import sysconfig
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.platform import Platform, platform

SOURCE = Path(sysconfig.get_path("stdlib"))
pytestmark = pytest.mark.slow


PACKAGES = ("asyncio", "email", "http", "json", "logging", "unittest", "xml", "concurrent", "importlib")


def copy_of_the_standard_library(into: Path) -> list[Path]:
    sources = [path for name in PACKAGES for path in sorted((SOURCE / name).rglob("*.py"))]
    for path in sources:
        target = into / path.relative_to(SOURCE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return [into / path.relative_to(SOURCE) for path in sources]


def test_killed_in_the_middle_it_completes_after_the_next_start(tmp_path):
    files = copy_of_the_standard_library(tmp_path)
    with platform() as house:
        house.register_owner()
        undisturbed = house.review(tmp_path, "--no-ai", "--project", "undisturbed")["analysis"]
        for path in files:
            path.write_bytes(path.read_bytes() + b"# new content, so that nothing is cached\n")

        review = house.begin_review(tmp_path, "--no-ai", "--project", "killed")
        middle = wait_for_middle(house)
        members = house.family()
        house.kill()
        review.kill()
        review.wait()
        _, alive = psutil.wait_procs(members, timeout=5)
        assert not alive, f"orphans: {alive}"

        house.start()
        done = wait_for_end(house, middle["id"])

    assert done["state"] == "completed"
    for count in ("files", "functions", "skipped"):
        assert done["totals"][count] == undisturbed["totals"][count]
    assert done["findings_by_severity"] == undisturbed["findings_by_severity"]
    assert done["progress"]["shards_done"] == done["progress"]["shards_total"]


def wait_for_middle(house: Platform) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = newest_running(house)
        if found and 0 < found["progress"]["shards_done"] < found["progress"]["shards_total"]:
            return found
        time.sleep(0.05)
    raise AssertionError("no analysis was in the middle")


def newest_running(house: Platform) -> dict[str, Any] | None:
    with house.owner() as owner:
        items = owner.get("/v1/analyses?limit=200").json()["items"]
    return next((each for each in items if each["state"] in ("queued", "running")), None)


def wait_for_end(house: Platform, analysis_id: str, within_s: float = 150) -> dict[str, Any]:
    deadline = time.monotonic() + within_s
    with house.owner() as owner:
        while time.monotonic() < deadline:
            found = owner.get(f"/v1/analyses/{analysis_id}").json()
            if found["state"] in ("completed", "failed"):
                return found
            time.sleep(0.2)
    raise AssertionError(f"not ended after {within_s} s: {found}")
