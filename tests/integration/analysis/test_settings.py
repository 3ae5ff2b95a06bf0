"""An analysis runs under the settings of its version: paths, rules and severities of the project's own."""

from __future__ import annotations

import json

from tests.integration.analysis.house import House

FILES = {
    "src/a.py": b"import os\nprint(1, 2)\n",
    "vendor/x/b.py": b"import os\n",
    "dist/app.min.js": b"f()\n",
}
RULES = """
id: no-print
language: python
severity: error
files: ["src/**"]
rule: {pattern: "print($$$A)"}
fix: log.info($$$A)
"""


def publish(house: House, settings: dict[str, object], files: dict[str, bytes] = FILES):
    text = json.dumps({"schema": 1} | settings).encode()
    key = f"configurations/{house.org}/{len(text):064}.json"
    house.deps.blobs.put(key, text, "application/json")
    return house.publish(files, config_key=key)


def listed(house: House, analysis) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in house.items(f"/v1/analyses/{analysis.id}/findings"):
        found.setdefault(one["path"], []).append(one["rule"])
    return found


def test_excluded_paths_are_listed_as_such_and_not_read(house):
    analysis = publish(house, {"exclude": ["vendor/", "*.min.js"]})

    files = {one["path"]: one["reason"] for one in house.items(f"/v1/analyses/{analysis.id}/files")}
    assert files == {"src/a.py": None, "vendor/x/b.py": "excluded", "dist/app.min.js": "excluded"}
    assert (house.engines.files, analysis.totals.skipped) == (1, 2)
    assert set(listed(house, analysis)) == {"src/a.py"}


def test_rules_of_the_project_find_and_those_that_are_off_do_not(house):
    analysis = publish(
        house, {"custom_rules": RULES, "rules": {"disabled": ["ruff/*"], "severity": {"custom/no-print": "low"}}}
    )

    (found,) = house.items(f"/v1/analyses/{analysis.id}/findings")
    assert (found["rule"], found["path"], found["line"]) == ("custom/no-print", "src/a.py", 2)
    assert (found["severity"], found["fix"]) == ("low", "log.info(1, 2)")


def test_other_settings_read_the_contents_again_and_the_same_ones_do_not(house):
    publish(house, {})
    house.engines.files = 0

    publish(house, {"rules": {"disabled": ["ruff/F401"]}})
    after_change = house.engines.files
    publish(house, {"rules": {"disabled": ["ruff/F401"]}})

    assert (after_change, house.engines.files) == (3, 3)


def test_what_cannot_be_done_is_told_with_the_analysis(house):
    rules = RULES + "---\nid: bad\nlanguage: python\nrule: {kind: nonesuch}\n"

    analysis = publish(house, {"custom_rules": rules, "semgrep": True, "exclude": ["/"], "colour": "red"})

    notes = house.client.get(f"/v1/analyses/{analysis.id}").json["notes"]
    assert "rule bad: Kind `nonesuch` is invalid." in notes
    assert "exclude: / is no pattern" in notes
    assert any("colour" in note for note in notes)
    assert "custom/no-print" in listed(house, analysis)["src/a.py"]


def test_settings_that_ask_for_nothing_leave_no_notes(house):
    assert house.publish(FILES).notes == []
    assert publish(house, {}).notes == []
