"""Artifacts of an analysis: which there are, that they say the same twice, and that their links end."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import pytest

from functions.analysis.service import artifacts, gating
from kernel.identity import Caller
from kernel.ids import new_id
from tests.client import BundleClient
from tests.integration.analysis.house import DONE
from tests.unit.analysis.test_rendering import LOG

NAMES = [
    "findings.sarif", "new-findings.json", "report.html", "report.json", "report.md", "review-context.json",
    "sbom.cdx.json",
]  # fmt: skip
FILES = {
    "app/a.py": b"import os\n\n\ndef f(x=[]):\n    return eval(x)\n",
    "package.json": b'{"private": true, "dependencies": {"left-pad": "^1.0.0"}}',
    "web/package.json": b'{"dependencies": {"a": "1.0.0"}}',
    "web/package-lock.json": json.dumps(
        {
            "lockfileVersion": 3,
            "packages": {
                "": {"dependencies": {"a": "1.0.0"}},
                "node_modules/a": {"version": "1.0.0", "license": "AGPL-3.0-only", "resolved": "http://mirror.example/a.tgz"},
            },
        },
        indent=1,
    ).encode(),
    "broken/Cargo.lock": b"[[[",
}  # fmt: skip


def texts(house: Any, analysis: Any) -> dict[str, bytes]:
    return {name: house.deps.blobs.get(f"artifacts/{house.org}/{analysis.id}/{name}") for name in NAMES}


def test_every_artifact_is_there_under_its_name_and_in_the_event(house):
    one = house.publish(FILES)

    listed = house.client.get(f"/v1/analyses/{one.id}/artifacts").json["items"]
    (told,) = [json.loads(message)["data"] for message in house.sent(DONE)][-1:]

    assert [item["name"] for item in listed] == NAMES
    assert sorted(told["artifacts"]) == NAMES
    assert {item["name"]: item["size_bytes"] for item in listed} == {
        name: len(text) for name, text in texts(house, one).items()
    }


def test_artifacts_of_a_real_analysis_are_what_their_formats_ask_for(house):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    one = house.publish(FILES)
    made = texts(house, one)

    jsonschema.Draft4Validator(LOG).validate(json.loads(made["findings.sarif"]))
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(made["sbom.cdx.json"].decode()) is None
    news = json.loads(made["new-findings.json"])
    assert news["new_total"] == len(news["findings"]) == one.new_findings
    assert [item["path"] for item in json.loads(made["report.json"])["files"]] == sorted(FILES)
    assert made["report.html"].startswith(b"<!doctype html>")
    assert b"new findings" in made["report.md"]


def test_manifests_are_findings_measures_and_components(house):
    one = house.publish(FILES)

    found = house.items(f"/v1/analyses/{one.id}/findings")
    ours = {(item["path"], item["rule"]) for item in found if item["rule"].startswith("dependencies/")}
    ((measures,),) = house.sql("SELECT measures FROM analysis.analyses WHERE id = :id", id=one.id)
    components = json.loads(texts(house, one)["sbom.cdx.json"])["components"]

    assert ours == {
        ("package.json", "dependencies/lock-missing"),
        ("web/package-lock.json", "dependencies/licence"),
        ("web/package-lock.json", "dependencies/insecure-source"),
    }
    assert (measures["dependencies"], measures["dependencies_unpinned"]) == (2, 1)
    assert [item["name"] for item in components] == ["a", "left-pad"]


def test_settings_switch_rules_of_whole_projects_off_and_rate_them(house):
    key = f"configurations/{house.org}/{new_id()}.json"
    rules = {"disabled": ["dependencies/licence"], "severity": {"dependencies/insecure-source": "high"}}
    house.deps.blobs.put(key, json.dumps({"schema": 1, "rules": rules}).encode(), "application/json")
    event = json.loads(house.published(FILES))
    event["data"]["config_key"] = key
    house.plan(json.dumps(event))
    assert house.drain() == []

    found = house.items(f"/v1/analyses/{house.of_version(event['subject']).id}/findings")

    assert sorted((item["rule"], item["severity"]) for item in found if item["rule"].startswith("dependencies/")) == [
        ("dependencies/insecure-source", "high"),
        ("dependencies/lock-missing", "low"),
    ]


def test_manifest_is_read_once_for_each_content(house):
    house.publish(FILES)
    readings = house.sql("SELECT count(*) FROM analysis.manifest_readings")
    deps, asked = house.deps, []

    class Watched:
        def get(self, key: str) -> bytes:
            asked.append(key)
            return deps.blobs.get(key)

        def __getattr__(self, name: str) -> Any:
            return getattr(deps.blobs, name)

    watched = house.with_deps(replace(deps, blobs=Watched()))
    watched.publish(FILES | {"b.txt": b"b\n"}, project=new_id())

    assert house.sql("SELECT count(*) FROM analysis.manifest_readings") == readings == [(4,)]


def test_artifacts_rendered_twice_are_the_same_to_the_byte(house):
    one = house.publish(FILES)
    before = texts(house, one)
    caller = Caller.function(house.org)
    with house.deps.work(caller) as work:
        analysis = work.analyses.get(one.id)

    artifacts.render(house.deps, caller, analysis, gating.verdict_of(house.deps, caller, one.id))

    assert {name for name, text in texts(house, one).items() if text != before[name]} == set()


def test_artifacts_of_another_organisation_are_not_there(house):
    one = house.publish({"a.py": b"x = 1\n"})

    assert BundleClient(house.app, org=new_id()).get(f"/v1/analyses/{one.id}/artifacts").status == 404


def fetched(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code


def test_link_works_until_it_has_expired_or_is_changed(house, monkeypatch):
    one = house.publish({"a.py": b"x = 1\n"})
    (link, *_) = [item["url"] for item in house.client.get(f"/v1/analyses/{one.id}/artifacts").json["items"]]
    objects = house.deps.blobs
    parameters = {"Bucket": objects.bucket, "Key": f"artifacts/{house.org}/{one.id}/report.json"}
    with monkeypatch.context() as patched:
        patched.setattr("botocore.auth.get_current_datetime", lambda: datetime.now(UTC) - timedelta(minutes=16))
        ended = objects.public().generate_presigned_url("get_object", Params=parameters, ExpiresIn=900)

    assert fetched(link) == 200
    assert "X-Amz-Expires=900" in link
    assert fetched(ended) == 403
    assert fetched(link.replace("X-Amz-Expires=900", "X-Amz-Expires=90000")) == 403
    assert fetched(link.replace("findings.sarif", "report.json")) == 403


@pytest.mark.parametrize("name", ["a\nb.py", "<b>&.py", "\u202eyp.a", "`|*.py", "%41 #.py"])
def test_names_that_mean_harm_leave_all_artifacts_whole(house, name):
    one = house.publish({name: b"def f(x=[]):\n    return eval(x)\n"})
    made = texts(house, one)

    jsonschema.Draft4Validator(LOG).validate(json.loads(made["findings.sarif"]))
    assert b"<b>&" not in made["report.html"]
    assert "\u202e" not in made["report.html"].decode() + made["report.md"].decode()
