"""Artifacts: SARIF that readers accept, a context that stays small."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from functions.analysis.dependencies import Package
from functions.analysis.engines.manifests.reading import Dependency
from functions.analysis.lifecycle import Analysis
from functions.analysis.render import context, html, markdown, news, report, sarif, sbom
from functions.analysis.results import FileRow, ListedFinding

ROOT = Path(__file__).parents[3]
PROJECT = "01890000-0000-7000-8000-0000000000f1"
ANALYSIS = Analysis(
    "01890000-0000-7000-8000-0000000000a1",
    "o",
    PROJECT,
    "v",
    None,
    "m",
    "e",
    datetime(2026, 1, 2, tzinfo=UTC),
    languages={"python": 3},
)
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
LOG = json.loads((ROOT / "tests/fixtures/sarif-2.1.0.json").read_text())
HOSTILE = (
    "<script>alert(1)</script>\n# head [x](http://evil) @someone `tick` | <img src=x onerror=y> \u202e {{7*7}} \0\ud800"
)


def text_of(*findings: ListedFinding, **options: Any) -> bytes:
    return b"".join(sarif.render(findings, ANALYSIS, total=len(findings), **options))


def log_of(*findings: ListedFinding) -> Any:
    log = json.loads(text_of(*findings))
    jsonschema.Draft4Validator(LOG).validate(log)
    return log


def test_sarif_names_rule_place_and_fingerprint():
    (run,) = log_of(FOUND, replace(FOUND, n=1, rank=4, cwe=None, help="", title="", line=0))["runs"]

    first, second = run["results"]
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["properties"]["tags"] == [
        "bandit",
        "security",
        "external/cwe/cwe-078",
    ]
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "src/a%20b%23c.py"
    assert (first["level"], second["level"], first["baselineState"]) == ("error", "note", "new")


def test_sarif_of_nothing_is_a_log_too():
    assert log_of()["runs"][0]["results"] == []


def test_sarif_carries_the_tracked_id_and_a_hash_of_the_line():
    ((result,),) = [run["results"] for run in log_of(FOUND)["runs"]]

    assert result["partialFingerprints"] == {
        "coderev/v1": FOUND.id(PROJECT),
        "primaryLocationLineHash": "f" * 16 + ":1",
    }
    assert result["guid"] == FOUND.id(PROJECT)


def test_sarif_tells_of_dismissed_findings_as_suppressed_with_the_reason():
    dismissed = replace(
        FOUND,
        state="dismissed",
        new=False,
        reason="false_positive",
        comment="by design",
        dismissed_at=ANALYSIS.created_at,
    )

    ((result,),) = [run["results"] for run in log_of(dismissed)["runs"]]

    assert result["suppressions"][0]["kind"] == "external"
    assert result["suppressions"][0]["justification"] == "false positive: by design"
    assert result["baselineState"] == "unchanged"


def test_sarif_is_valid_whatever_a_finding_says():
    odd = replace(
        FOUND, path="a\nb/\u202e%.py", message=HOSTILE, title=HOSTILE, help="https://h/<\">", line=-1, column=0,
        end_line=0, end_column=0, fix=HOSTILE, owasp="A03:2021",
    )  # fmt: skip

    result = log_of(odd, replace(odd, n=1, rule="", help=""))["runs"][0]["results"][0]

    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 1


def test_sarif_keeps_to_25000_results_and_rules_and_20_tags(monkeypatch):
    monkeypatch.setattr(sarif, "MOST_RULES", 7)
    many_rules = [replace(FOUND, n=n, rule=f"r{n % 9}", owasp="A03:2021") for n in range(25_010 * 9 // 7)]

    (run,) = json.loads(text_of(*many_rules))["runs"]

    rules = run["tool"]["driver"]["rules"]
    assert (len(run["results"]), len(rules)) == (sarif.MOST_RESULTS, 7)
    assert all(len(rule["properties"]["tags"]) <= sarif.MOST_TAGS for rule in rules)
    assert all(len(result["locations"]) == 1 for result in run["results"])
    assert (sarif.MOST_RESULTS, sarif.SHOWN_RESULTS, sarif.LARGEST_GZIP_BYTES) == (25_000, 5_000, 10_000_000)


def test_sarif_stays_below_the_size_that_is_taken_when_compressed():
    noisy = (
        replace(FOUND, n=n, message="".join(f"{(n * 7919 + k) * 2654435761 % 2**32:08x}" for k in range(200)))
        for n in range(3_000)
    )

    text = text_of(*noisy, limit=1_000_000)

    assert 500_000 < len(gzip.compress(text)) <= 1_000_000
    assert len(json.loads(text)["runs"][0]["results"]) < 3_000


def test_markdown_is_short_and_nothing_in_it_acts():
    odd = replace(FOUND, path=HOSTILE, message=HOSTILE, fix=HOSTILE, rule=HOSTILE)
    counted = replace(ANALYSIS, new_findings=900, gate="failed", notes=(HOSTILE,), new_by_severity={"high": 900})

    told = markdown.render(counted, [odd] * 500).decode()

    assert len(told.encode()) <= 60_000
    assert "**Quality gate failed.**" in told
    assert "more new findings" in told
    for acts in ("<script", "<img", "](http", "@someone", "\u202e", "\0"):
        assert acts not in re.sub(r"(`+).*?\1", "", told), acts
    assert all(line.count("`") % 2 == 0 for line in told.splitlines() if line.startswith("- **"))


def test_markdown_of_a_clean_version_says_so():
    assert markdown.render(ANALYSIS, []).decode().startswith("## coderev: 0 new findings\n")


class Elements(HTMLParser):
    """Tags with their attributes, and all text outside the style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(**changes: Any) -> Elements:
    files = [FileRow(0, HOSTILE, "k", status="skipped", reason="symlink")]
    counted = replace(ANALYSIS, branch=HOSTILE, commit=HOSTILE, notes=(HOSTILE,), measures={HOSTILE: 1.0})
    return Elements(html.render(counted, [replace(FOUND, **changes)], files).decode())


def test_html_report_escapes_everything_foreign():
    page = page_of(path=HOSTILE, message=HOSTILE, title=HOSTILE, rule=HOSTILE, fix=HOSTILE, help=HOSTILE)

    assert not {tag for tag, _ in page.tags} & {"script", "img", "iframe", "link", "object", "form", "input"}
    assert not [name for _, given in page.tags for name in given if name.startswith("on") or name in ("src", "style")]
    assert "<script>alert(1)</script>" in page.text
    assert "{{7*7}}" in page.text
    assert "\\u{202e}" in page.text


@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://plain", "https://\u202eevil", "data:text/html,x"])
def test_html_report_links_to_nothing_but_plain_https(address):
    assert [given["href"] for tag, given in page_of(help=address).tags if tag == "a"] == ["#findings"]
    assert len([tag for tag, _ in page_of(help="https://rules.example/1").tags if tag == "a"]) == 2


def test_html_report_is_accessible_and_fetches_nothing():
    page = page_of()
    names = [tag for tag, _ in page.tags]
    policy = next(given["content"] for tag, given in page.tags if given.get("http-equiv") == "Content-Security-Policy")

    assert ("html", {"lang": "en"}) in page.tags
    assert names.count("table") == names.count("caption") == 4
    assert all("scope" in given for tag, given in page.tags if tag == "th")
    assert {"h1", "h2", "main", "header", "title"} <= set(names)
    assert (policy or "").startswith("default-src 'none'")


def packages_of(count: int = 3) -> list[Package]:
    odd = Dependency("npm", "@s/\u202e<b>", "1.0.0", licence="own words & more", direct=True, pinned=True)
    known = Dependency("maven", "g:a", "1", scope="dev", licence="MIT OR Apache-2.0", direct=False, pinned=True)
    loose = [Dependency("pypi", f"n{n}", "", ">=1", direct=None) for n in range(count - 2)]
    return [Package(one, ("a/lock",)) for one in (odd, known, *loose)]


def test_sbom_is_valid_cyclonedx_and_the_same_each_time():
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator
    from packageurl import PackageURL

    text = sbom.render(ANALYSIS, packages_of()).decode()
    told = json.loads(text)

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert text == sbom.render(ANALYSIS, packages_of()).decode()
    assert [PackageURL.from_string(one["purl"]).to_dict()["name"] for one in told["components"]] == [
        "\u202e<b>", "a", "n0"
    ]  # fmt: skip
    assert told["components"][1]["purl"] == "pkg:maven/g/a@1"
    assert told["metadata"]["timestamp"] == "2026-01-02T00:00:00+00:00"
    assert [one["licenses"] for one in told["components"] if "licenses" in one] == [
        [{"license": {"name": "own words & more"}}], [{"expression": "MIT OR Apache-2.0"}]
    ]  # fmt: skip


def test_new_findings_are_what_a_poster_needs_and_500_at_most():
    told = json.loads(
        news.render(replace(ANALYSIS, new_findings=600, gate="failed"), [FOUND] * 600, {"conditions": [1]})
    )

    assert (len(told["findings"]), told["new_total"]) == (500, 600)
    assert told["gate"] == {"result": "failed", "conditions": [1]}
    assert told["findings"][0]["id"] == FOUND.id(PROJECT)
    assert set(told["findings"][0]) == {
        "id", "rule", "title", "severity", "confidence", "message", "help", "fix", "path", "line", "end_line", "cwe"
    }  # fmt: skip


def test_report_lists_files_with_reasons_and_the_worst_findings():
    files = [
        FileRow(0, "a.py", "python:module", 1, "python", "parsed", None, 3),
        FileRow(1, "b", "k", status="skipped", reason="binary"),
    ]

    told = json.loads(b"".join(report.render(ANALYSIS, files, [FOUND])))

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
