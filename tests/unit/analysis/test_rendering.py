"""Artifacts: SARIF that readers accept, a context that stays small."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import jsonschema

from functions.analysis.lifecycle import Analysis
from functions.analysis.render import context, report, sarif
from functions.analysis.results import FileRow, ListedFinding

PROJECT = "01890000-0000-7000-8000-0000000000f1"
ANALYSIS = Analysis("a", "o", PROJECT, "v", None, "m", "e", datetime(2026, 1, 2, tzinfo=UTC), languages={"python": 3})
FOUND = ListedFinding(
    seq=0,
    n=0,
    path="src/a b#c.py",
    rank=1,
    rule="bandit/B602",
    title="shell",
    message="a shell is started",
    confidence="high",
    line=3,
    column=5,
    end_line=3,
    end_column=9,
    fingerprint="f" * 32,
    cwe=78,
    help="https://cwe.mitre.org/data/definitions/78.html",
    fix="",
    new=True,
)
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
POSITIVE = {"type": "integer", "minimum": 1}
REGION = {
    "type": "object",
    "additionalProperties": False,
    "properties": dict.fromkeys(("startLine", "startColumn", "endLine", "endColumn"), POSITIVE),
}
PLACE = {
    "type": "object",
    "required": ["artifactLocation", "region"],
    "properties": {
        "artifactLocation": {
            "type": "object",
            "required": ["uri"],
            "properties": {"uri": {"type": "string", "pattern": r"^[A-Za-z0-9._~/%!$&'()*+,;=@-]+$"}},
        },
        "region": REGION,
    },
}
RESULT = {
    "type": "object",
    "required": ["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"],
    "additionalProperties": False,
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": TEXT,
        "locations": {"type": "array", "minItems": 1, "items": {"properties": {"physicalLocation": PLACE}}},
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
        "guid": {
            "type": "string",
            "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
        },
        "baselineState": {"enum": ["new", "unchanged", "updated", "absent"]},
        "properties": {"type": "object"},
    },
}
RULE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "shortDescription": TEXT,
        "help": TEXT,
        "helpUri": {"type": "string", "pattern": "^https://"},
        "defaultConfiguration": {"properties": {"level": {"enum": ["none", "note", "warning", "error"]}}},
    },
}
RUN = {
    "type": "object",
    "required": ["tool", "results"],
    "properties": {
        "tool": {
            "type": "object",
            "required": ["driver"],
            "properties": {
                "driver": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"rules": {"type": "array", "uniqueItems": True, "items": RULE}},
                }
            },
        },
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": RESULT},
    },
}
LOG = {  # the part of SARIF 2.1.0's schema that this log uses
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {"$schema": {"type": "string"}, "version": {"const": "2.1.0"}, "runs": {"items": RUN, "minItems": 1}},
}


def log_of(*findings: ListedFinding) -> dict:
    log = json.loads(sarif.render(findings, project_id=PROJECT, version_id="v", total=len(findings)))
    jsonschema.validate(log, LOG)
    return log


def test_sarif_names_rule_place_and_fingerprint():
    (run,) = log_of(FOUND, replace(FOUND, n=1, rank=4, cwe=None, help="", title="", line=0))["runs"]

    first, second = run["results"]
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["properties"]["tags"] == [
        "security",
        "external/cwe/cwe-078",
    ]
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "src/a%20b%23c.py"
    assert (first["level"], second["level"], first["baselineState"]) == ("error", "note", "new")


def test_sarif_of_nothing_is_a_log_too():
    assert log_of()["runs"][0]["results"] == []


def test_report_lists_files_with_reasons_and_the_worst_findings():
    files = [
        FileRow(0, "a.py", "python:module", 1, "python", "parsed", None, 3),
        FileRow(1, "b", "k", status="skipped", reason="binary"),
    ]

    told = json.loads(report.render(ANALYSIS, files, [FOUND]))

    assert [(one["path"], one.get("reason")) for one in told["files"]] == [("a.py", None), ("b", "binary")]
    assert told["worst"][0]["id"] == FOUND.id(PROJECT)


def many(count: int, **changes: object) -> list[ListedFinding]:
    return [replace(FOUND, seq=n, path=f"f{n}.py", rule=f"r{n % 7}", **changes) for n in range(count)]


def test_the_context_takes_new_before_old_and_severe_before_mild():
    old, mild = replace(FOUND, seq=9, path="old.py", rank=0, new=False), replace(FOUND, seq=8, path="mild.py", rank=4)

    assert [one.path for one in context.choose([old, mild, FOUND], {})] == [FOUND.path, "mild.py", "old.py"]


def test_among_equals_the_file_that_more_depend_on_comes_first():
    chosen = context.choose(many(3), {"f2.py": 12})

    assert chosen[0].path == "f2.py"


def test_the_context_is_capped_in_places_files_rules_and_bytes():
    same_file = [replace(FOUND, n=n, rule=f"r{n}") for n in range(30)]
    chosen = context.choose(many(200), {})
    excerpts = {(one.seq, one.n): "x" * 5_000 for one in chosen}

    text = context.render(ANALYSIS, chosen, excerpts, {})

    assert len(chosen) == context.MOST_PLACES
    assert len(context.choose(same_file, {})) == context.MOST_OF_A_FILE
    assert len(context.choose([replace(one, rule="r") for one in many(9)], {})) == context.MOST_OF_A_RULE
    assert len(text) <= context.LARGEST_BYTES
    assert [one["rank"] for one in json.loads(text)["places"]] == [1, 2, 3, 4]


def test_an_excerpt_has_numbered_lines_around_the_place():
    source = "\n".join(f"line {n}" for n in range(1, 30))

    told = context.excerpt(source, replace(FOUND, line=3, end_line=3)).splitlines()

    assert (told[0], told[-1]) == ("1: line 1", "6: line 6")
    assert context.excerpt("", FOUND) == ""
    assert len(context.excerpt(source, replace(FOUND, line=1, end_line=29)).splitlines()) == 12


def test_an_excerpt_shows_no_credential():
    key = "AKIA" + "Q3EGRVD6WJ5ZK2LM"
    source = f"import os\nkey = '{key}'\nodd = 'neither form nor name tells'\nprint(os)\n"
    flagged = replace(FOUND, rule="secrets/assigned-secret", line=3, end_line=3)

    told = context.excerpt(source, replace(FOUND, line=4, end_line=4), [flagged])

    assert "AKIA" not in told
    assert told.splitlines()[2] == "3: [redacted: credential]"
    assert told.splitlines()[3] == "4: print(os)"
