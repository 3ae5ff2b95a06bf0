"""From a published version to a completed analysis, and what users read of it."""

from __future__ import annotations

import json

import pytest

from tests.client import OTHER_ORG
from tests.integration.analysis.house import DONE

FILES = {
    "src/shop/__init__.py": b"",
    "src/shop/cart.py": b"import os\nfrom shop.money import total\n\n\ndef pay(items):\n    return total(items)\n",
    "src/shop/money.py": b"def total(items):\n    return sum(items)\n",
    "README.md": b"# Shop\n",
    "logo.png": b"\x89PNG\0\0",
}


def test_version_is_analysed(house):
    analysis = house.publish(FILES)

    assert (analysis.state, analysis.reason) == ("completed", None)
    assert (analysis.progress.files_total, analysis.progress.files_done) == (5, 5)
    assert (analysis.progress.shards_done, analysis.progress.shards_total) == (1, 1)
    assert (analysis.totals.files, analysis.totals.functions, analysis.totals.skipped) == (5, 2, 1)
    assert analysis.languages["python"] == 8
    assert sum(analysis.findings_by_severity.values()) == analysis.new_findings > 0


def test_findings_name_file_line_and_rule(house):
    analysis = house.publish(FILES)

    found = house.items(f"/v1/analyses/{analysis.id}/findings")

    unused = next(one for one in found if one["rule"] == "ruff/F401")
    assert (unused["path"], unused["line"], unused["new"]) == ("src/shop/cart.py", 1, True)


def test_skipped_files_are_listed_with_the_reason(house):
    analysis = house.publish(FILES | {"link": b"README.md"}, mode={"link": "120000"})

    files = {one["path"]: one for one in house.items(f"/v1/analyses/{analysis.id}/files?status=skipped")}

    assert {path: one["reason"] for path, one in files.items()} == {"link": "symlink", "logo.png": "binary"}


def test_completion_is_told_with_its_artifacts(house):
    analysis = house.publish(FILES)

    (message,) = house.sent(DONE)
    data = json.loads(message)["data"]
    assert (data["analysis_id"], data["files"], data["new_findings"]) == (analysis.id, 5, analysis.new_findings)
    assert {"findings.sarif", "report.json", "review-context.json"} < set(data["artifacts"])
    listed = house.client.get(f"/v1/analyses/{analysis.id}/artifacts").json["items"]
    assert {one["name"] for one in listed} == set(data["artifacts"])


def test_progress_is_not_sent_twice_to_a_client_that_has_it(house):
    analysis = house.publish(FILES)
    first = house.client.get(f"/v1/analyses/{analysis.id}")

    again = house.client.with_headers(if_none_match=first.headers["ETag"]).get(f"/v1/analyses/{analysis.id}")

    assert (first.status, again.status, again.json) == (200, 304, "")


@pytest.mark.parametrize("files", [{}, {"a.bin": b"\0\1", "b.bin": b"\0"}])
def test_version_without_source_completes_with_nothing_found(house, files):
    analysis = house.publish(files)

    assert (analysis.state, analysis.new_findings, analysis.totals.files) == ("completed", 0, len(files))


def test_another_organisation_sees_nothing(house):
    analysis = house.publish(FILES)
    eve = house.client.of(OTHER_ORG)

    assert eve.get("/v1/analyses").json["items"] == []
    for rest in ("", "/findings", "/files", "/artifacts", "/graph", "/graph/impact?path=a"):
        assert eve.get(f"/v1/analyses/{analysis.id}{rest}").status == 404


def test_callers_without_a_role_are_refused(house):
    assert house.client.as_role("").get("/v1/analyses").status == 403


def test_findings_come_worst_first_in_pages_without_gaps(house):
    source = b"import os\nimport sys\nassert 1\nexec('x')\n"
    analysis = house.publish({f"f{number}.py": source + b"x = %d\n" % number for number in range(30)})

    whole = house.items(f"/v1/analyses/{analysis.id}/findings")
    first = house.client.get(f"/v1/analyses/{analysis.id}/findings?limit=7").json
    second = house.client.get(f"/v1/analyses/{analysis.id}/findings?limit=7&cursor={first['next_cursor']}").json

    order = ["critical", "high", "medium", "low", "info"]
    assert [order.index(one["severity"]) for one in whole] == sorted(order.index(one["severity"]) for one in whole)
    assert len({one["id"] for one in whole}) == len(whole) == sum(analysis.findings_by_severity.values())
    assert [one["id"] for one in first["items"] + second["items"]] == [one["id"] for one in whole[:14]]


def test_findings_are_filtered(house):
    analysis = house.publish(FILES)
    path = f"/v1/analyses/{analysis.id}/findings"

    assert {one["path"] for one in house.items(f"{path}?path=src/shop/cart.py")} == {"src/shop/cart.py"}
    assert house.items(f"{path}?new=false") == []
    assert house.client.get(f"{path}?severity=worst").status == 422
    assert house.client.get(f"{path}?cursor=abc").status == 422


def test_analyses_are_listed_newest_first_by_project_in_pages(house):
    made = [house.publish({"a.txt": b"%d" % number}).id for number in range(3)]
    house.publish(FILES, project="01890000-0000-7000-8000-0000000000f2")
    path = "/v1/analyses?project_id=01890000-0000-7000-8000-0000000000f1"

    assert [one["id"] for one in house.items(f"{path}")] == made[::-1]
    first = house.client.get(f"{path}&limit=2").json
    second = house.client.get(f"{path}&limit=2&cursor={first['next_cursor']}").json
    assert [one["id"] for one in first["items"] + second["items"]] == made[::-1]


def test_known_findings_are_told_from_new_ones(house):
    house.publish({"a.py": b"import os\n"})

    analysis = house.publish({"a.py": b"import os\nimport sys\n"})

    path = f"/v1/analyses/{analysis.id}/findings"
    assert [one["line"] for one in house.items(f"{path}?new=false")] == [1]
    assert [one["line"] for one in house.items(f"{path}?new=true")] == [2]


def test_unknown_analysis_and_health(house):
    nobody = "01890000-0000-7000-8000-00000000dead"

    assert house.client.get(f"/v1/analyses/{nobody}").json["code"] == "not_found"
    assert house.client.as_role(None).get("/v1/analysis/health").json == {"status": "ok", "service": "analysis"}


def test_the_review_context_shows_the_source_around_the_worst_new_places(house):
    house.publish(FILES)
    analysis = house.publish(
        FILES | {"src/shop/money.py": b"import sys\n\n\ndef total(items):\n    return sum(items)\n"}
    )

    told = house.artifact(analysis.id, "review-context.json")

    assert told["analysis_id"] == analysis.id
    first = told["places"][0]
    assert (first["path"], first["line"], first["rank"]) == ("src/shop/money.py", 1, 1)
    assert first["excerpt"].startswith("1: import sys")
    assert first["reason"].startswith("new finding")
    assert "1 file depends on this one" in first["reason"]
