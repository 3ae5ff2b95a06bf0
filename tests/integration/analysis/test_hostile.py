"""A thousand bad files in one repository: all are listed, none crashes or stalls a shard."""

from __future__ import annotations

import json
import sys
import time

from functions.analysis.engines.limits import Limits
from tests.hostile import repository
from tests.integration.analysis.house import WORK

RULES = "id: any-call\nlanguage: python\nrule: {kind: call}\n---\nid: any-name\nlanguage: javascript\nrule: {kind: identifier}\n"


def test_a_thousand_bad_files_are_all_listed_and_stall_nothing(house):
    files = repository(1_000)
    assert max(map(len, files.values())) >= 900_000
    event = house.published({**files, "sound.py": b"import os\n\n\ndef sound():\n    return undefined\n"})
    assert house.plan(event) == []
    slowest, started = 0.0, time.monotonic()

    while messages := house.sent(WORK):
        for message in messages:
            begun = time.monotonic()
            assert house.work(message) == []
            if json.loads(message)["type"] == "shard.ready":
                slowest = max(slowest, time.monotonic() - begun)

    print(f"1,000 bad files: {time.monotonic() - started:.1f} s, slowest shard {slowest:.1f} s", file=sys.stderr)
    analysis = house.of_version(json.loads(event)["subject"])
    listed = {one["path"]: one for one in house.items(f"/v1/analyses/{analysis.id}/files")}
    assert (analysis.state, analysis.totals.files) == ("completed", 1_001)
    assert set(listed) == {*files, "sound.py"}
    assert all(one["status"] in ("parsed", "partial", "lexical", "skipped") for one in listed.values())
    assert all(one["reason"] for one in listed.values() if one["status"] == "skipped")
    lost = {
        path: one["reason"] for path, one in listed.items() if one["reason"] in ("timeout", "crash", "memory", "output")
    }
    assert lost == {}
    assert slowest < Limits().wall_s
    found = house.items(f"/v1/analyses/{analysis.id}/findings?path=sound.py")
    assert [one["rule"] for one in found] == ["ruff/F821", "ruff/F401"]
    assert house.dead.reasons == []


def test_rules_of_a_project_meet_bad_files_too(house):
    key = f"configurations/{house.org}/{'0' * 64}.json"
    house.deps.blobs.put(key, json.dumps({"schema": 1, "custom_rules": RULES}).encode(), "application/json")
    files = repository(150, seed=5) | {"sound.py": b"sound()\n"}

    analysis = house.publish(files, config_key=key)

    assert (analysis.state, analysis.totals.files) == ("completed", 151)
    found = house.items(f"/v1/analyses/{analysis.id}/findings?path=sound.py")
    assert "custom/any-call" in {one["rule"] for one in found}
