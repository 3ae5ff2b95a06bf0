"""What is read of other tools' logs: places, severities, weaknesses, identity."""

from __future__ import annotations

from typing import Any

import pytest

from functions.analysis.engines.sarif import Malformed, read
from functions.analysis.model import Confidence, Finding, Severity


def log(result: dict[str, Any], *, driver: dict[str, Any] | None = None, **run: Any) -> dict[str, Any]:
    driver = {"name": "Tool"} | (driver or {})
    return {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": [result], **run}]}


def at(uri: str | None, base: str | None = None, **region: Any) -> dict[str, Any]:
    place: dict[str, Any] = {} if uri is None else {"uri": uri}
    if base:
        place["uriBaseId"] = base
    return {"locations": [{"physicalLocation": {"artifactLocation": place, "region": region}}]}


def only(said: dict[str, Any]) -> tuple[str, Finding]:
    (tool,) = read(said)
    (found,) = tool.findings
    return found


BASES = {
    "%SRCROOT%": {"uri": "file:///home/build/repo/"},
    "SUB": {"uri": "packages/a/", "uriBaseId": "%SRCROOT%"},
    "LOOP": {"uri": "x/", "uriBaseId": "LOOP"},
}


@pytest.mark.parametrize(
    ("uri", "base", "path"),
    [
        ("src/a.py", None, "src/a.py"),
        ("./src//a.py", None, "src/a.py"),
        ("src/../lib/a.py", None, "lib/a.py"),
        ("src/a%20b%C3%A9.py", None, "src/a bé.py"),
        ("src/a.py", "%SRCROOT%", "src/a.py"),
        ("src/a.py", "UNKNOWN", "src/a.py"),
        ("a.py", "SUB", "packages/a/a.py"),
        ("../b/a.py", "SUB", "packages/b/a.py"),
        ("file:///home/build/repo/src/a.py", None, "src/a.py"),
        ("/home/build/repo/src/a.py", None, "src/a.py"),
        ("src\\win\\a.py", None, "src/win/a.py"),
        ("a%0Ab.py", None, "a\nb.py"),
    ],
)
def test_addresses_become_paths_of_the_repository(uri, base, path):
    assert only(log(at(uri, base), originalUriBaseIds=BASES))[0] == path


@pytest.mark.parametrize(
    ("uri", "base", "reason"),
    [
        ("../a.py", None, "outside the repository"),
        ("%2e%2e/%2e%2e/etc/passwd", None, "outside the repository"),
        ("../../../etc/passwd", "SUB", "outside the repository"),
        ("file:///etc/passwd", None, "outside the repository"),
        ("/etc/passwd", None, "outside the repository"),
        ("file:///home/build/repo/../../x", None, "outside the repository"),
        ("C:\\Users\\a.py", None, "outside the repository"),
        ("https://example.com/a.py", None, "outside the repository"),
        ("%ff.py", None, "without a place"),
        ("a%00.py", None, "without a place"),
        ("", None, "without a place"),
        (None, None, "without a place"),
        ("a" * 20_000, None, "without a place"),
    ],
)
def test_what_is_not_in_the_repository_is_counted_not_taken(uri, base, reason):
    (tool,) = read(log(at(uri, base), originalUriBaseIds=BASES))

    assert (tool.findings, tool.left_out) == ([], {reason: 1})


def test_a_base_that_stands_on_itself_ends():
    assert only(log(at("a.py", "LOOP"), originalUriBaseIds=BASES))[0].endswith("x/a.py")


def test_a_place_may_point_into_the_list_of_artifacts():
    result = {"locations": [{"physicalLocation": {"artifactLocation": {"index": 1}}}]}

    assert only(log(result, artifacts=[{}, {"location": {"uri": "b.py"}}]))[0] == "b.py"


@pytest.mark.parametrize(
    ("result", "rule", "severity"),
    [
        ({"level": "error"}, {}, Severity.HIGH),
        ({"level": "note"}, {}, Severity.LOW),
        ({"level": "none"}, {}, Severity.INFO),
        ({}, {}, Severity.MEDIUM),
        ({}, {"defaultConfiguration": {"level": "error"}}, Severity.HIGH),
        ({"level": "note"}, {"properties": {"security-severity": "9.8"}}, Severity.CRITICAL),
        ({"level": "note"}, {"properties": {"security-severity": 7}}, Severity.HIGH),
        ({"level": "error"}, {"properties": {"security-severity": "3.9"}}, Severity.LOW),
        ({"level": "error"}, {"properties": {"security-severity": "0.0"}}, Severity.INFO),
        ({"level": "error"}, {"properties": {"security-severity": "nan"}}, Severity.HIGH),
        ({"level": "error"}, {"properties": {"security-severity": {}}}, Severity.HIGH),
    ],
)
def test_badness_is_told_on_our_scale(result, rule, severity):
    said = log({"ruleId": "R"} | result | at("a.py"), driver={"rules": [{"id": "R"} | rule]})

    assert only(said)[1].severity is severity


@pytest.mark.parametrize(
    ("rule", "result"),
    [
        ({"properties": {"tags": ["security", "external/cwe/cwe-079"]}}, {}),
        ({"properties": {"tags": ["CWE-79: Cross-site scripting"]}}, {}),
        ({"properties": {"cwe": "CWE-79"}}, {}),
        ({"relationships": [{"target": {"id": "79", "toolComponent": {"name": "CWE"}}}]}, {}),
        ({}, {"taxa": [{"id": "79", "toolComponent": {"name": "CWE"}}]}),
    ],
)
def test_a_weakness_is_found_wherever_tools_write_it(rule, result):
    found = only(log({"ruleId": "R"} | result | at("a.py"), driver={"rules": [{"id": "R"} | rule]}))[1]

    assert (found.cwe, found.owasp) == (79, "A03:2021")


def test_rules_are_found_by_place_and_their_words_are_filled_in():
    rule = {
        "id": "R/1",
        "shortDescription": {"text": "bad name"},
        "helpUri": "https://example.com/R",
        "messageStrings": {"m": {"text": "{0} is bad, {1}"}},
        "properties": {"precision": "very-high"},
    }
    result = {"ruleIndex": 0, "message": {"id": "m", "arguments": ["x"]}} | at("a.py", startLine=3, startColumn=2)

    found = only(log(result, driver={"name": "My Tool®", "rules": [rule]}))[1]

    assert (found.rule, found.title, found.message) == ("foreign/my-tool/R/1", "bad name", "x is bad, {1}")
    assert (found.line, found.column, found.end_line, found.end_column) == (3, 2, 3, 2)
    assert (found.help, found.confidence) == ("https://example.com/R", Confidence.HIGH)


def test_a_rule_of_an_extension_is_found():
    result = {"rule": {"index": 0, "toolComponent": {"index": 0}}} | at("a.py")
    said = log(result)
    said["runs"][0]["tool"]["extensions"] = [{"name": "pack", "rules": [{"id": "E1"}]}]

    assert only(said)[1].rule == "foreign/tool/E1"


def test_the_tools_own_fingerprints_are_kept():
    given = {"partialFingerprints": {"z": "1", "primaryLocationLineHash": "abc:1"}}

    assert only(log(given | at("a.py")))[1].fingerprint == "primaryLocationLineHash=abc:1"


def test_without_them_the_source_or_the_words_without_numbers_are_what_it_is_known_by():
    quoted = at("a.py", startLine=1, snippet={"text": "x = 1"})
    moved = [only(log({"message": {"text": f"line {line} is long"}} | at("a.py")))[1] for line in (3, 99)]

    assert only(log(quoted))[1].fingerprint == "x = 1"
    assert moved[0].fingerprint == moved[1].fingerprint


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ({"kind": "pass"}, "passed"),
        ({"kind": "notApplicable"}, "not applicable"),
        ({"baselineState": "absent"}, "absent"),
        ({"suppressions": [{"kind": "inSource"}]}, "suppressed"),
        ({"suppressions": [{"kind": "external", "status": "accepted"}]}, "suppressed"),
    ],
)
def test_what_is_no_problem_is_counted_not_taken(result, reason):
    (tool,) = read(log(result | at("a.py")))

    assert (tool.findings, tool.left_out) == ([], {reason: 1})


def test_a_suppression_that_was_rejected_does_not_hide_it():
    only(log({"suppressions": [{"kind": "external", "status": "rejected"}]} | at("a.py")))


def test_the_order_of_results_does_not_matter():
    said = log({"ruleId": "B"} | at("b.py"))
    said["runs"][0]["results"].append({"ruleId": "A"} | at("a.py"))
    before = read(said)
    said["runs"][0]["results"].reverse()

    assert read(said) == before


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {"version": "2.1.0"},
        {"version": "2.1.0", "runs": []},
        {"version": "2.1.0", "runs": [1]},
        {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": 1}}}]},
        {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "§"}}}]},
        {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": [1]}]},
        {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": [{}] * 25_001}]},
        {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}}] * 21},
    ],
)
def test_what_is_no_log_is_refused(said):
    with pytest.raises(Malformed):
        read(said)


ODD = [None, 1, "x", [], {}, [1], [[]], {"text": 1}, True, 1e400, "\ud800"]


@pytest.mark.parametrize(
    "field", ["message", "ruleId", "rule", "ruleIndex", "locations", "level", "taxa", "fixes", "kind"]
)
def test_no_odd_value_of_a_result_breaks_the_reading(field):
    for odd in ODD:
        read(log(at("a.py") | {field: odd}, driver={"rules": [{"id": "x"}, 1, {}]}))


@pytest.mark.parametrize(
    "field", ["partialFingerprints", "properties", "suppressions", "fingerprints", "baselineState"]
)
def test_no_odd_value_beside_it_breaks_the_reading(field):
    for odd in ODD:
        read(log(at("a.py") | {field: odd}, driver={"rules": odd}, originalUriBaseIds=odd, artifacts=odd))
