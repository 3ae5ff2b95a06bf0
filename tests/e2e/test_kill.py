"""The platform is killed in the middle of an analysis, is started again, and finishes it, nothing counted twice."""

from __future__ import annotations

import hashlib
import io
import sysconfig
import time
import zipfile
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.e2e.platform import Platform, platform

SOURCE = Path(sysconfig.get_path("stdlib"))
pytestmark = pytest.mark.slow


COUNTS = ("files", "functions", "skipped")
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
    for count in COUNTS:
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


MOMENTS = {"the upload is there": "upload", "the version is published": "version", "the results are merged": "merge"}


@pytest.fixture(scope="module")
def house():
    with platform() as running:
        running.register_owner()
        yield running


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_killed_at_any_moment_what_was_uploaded_is_analysed_after_the_next_start(house, moment):
    undisturbed = analysis_of(house, upload(house, f"{moment} undisturbed"))
    sent = upload(house, f"{moment} killed")
    wait_for(house, sent, moment)
    house.kill()

    house.start()
    done = analysis_of(house, sent)

    assert done["state"] == "completed"
    assert done["findings_by_severity"] == undisturbed["findings_by_severity"]
    assert [done["totals"][name] for name in COUNTS] == [undisturbed["totals"][name] for name in COUNTS]


def upload(house: Platform, name: str) -> str:
    """Send an archive with contents of its own and return the upload's id once the store has taken it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted((SOURCE / "asyncio").glob("*.py")):
            archive.writestr(f"asyncio/{path.name}", path.read_text() + f"# {name}\n")
    content = packed.getvalue()
    told = {"kind": "archive", "size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    with house.owner() as owner:
        project = owner.post("/v1/projects", json={"name": name}).json()["id"]
        place = owner.post(f"/v1/projects/{project}/uploads", json=told | {"filename": "source.zip"}).json()
        assert httpx.put(place["url"], content=content, headers=place["headers"], timeout=30).status_code == 200
    return str(place["id"])


def wait_for(house: Platform, sent: str, moment: str) -> None:
    """Return at the moment, or when it has passed: what follows holds for both."""
    deadline = time.monotonic() + 60
    with house.owner() as owner:
        while moment != "upload" and time.monotonic() < deadline:
            version = owner.get(f"/v1/uploads/{sent}").json().get("version_id")
            if version and moment == "version":
                return
            found = owner.get(f"/v1/analyses?version_id={version}").json()["items"] if version else []
            if any(each["state"] in ("merging", "completed") for each in found):
                return


def analysis_of(house: Platform, sent: str, within_s: float = 60) -> dict[str, Any]:
    """The one analysis of what was uploaded, when it has ended."""
    deadline = time.monotonic() + within_s
    with house.owner() as owner:
        while time.monotonic() < deadline:
            version = owner.get(f"/v1/uploads/{sent}").json().get("version_id")
            found = owner.get(f"/v1/analyses?version_id={version}").json()["items"] if version else []
            if found and found[0]["state"] in ("completed", "failed"):
                assert len(found) == 1
                return dict(found[0])
            time.sleep(0.1)
    raise AssertionError(f"not ended after {within_s} s: {found}")
