"""A project's own rules: what they find, and that a bad or slow one costs only itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from hashlib import sha256

import pytest

from functions.analysis.engines import custom_rules
from functions.analysis.engines.choice import Choice
from functions.analysis.engines.engine_set import engine_set
from functions.analysis.engines.shard import Blob, Runner
from functions.analysis.model import FileResult, Severity, Status

PRINT = """
id: no-print
language: python
message: "$A is printed, with $$$REST"
severity: warning
note: Use the log instead
metadata: {cwe: CWE-532}
rule: {pattern: "print($A, $$$REST)"}
fix: log.info($$$REST, $A)
"""
SLOW = """
id: slow
language: python
rule: {kind: identifier, inside: {stopBy: end, has: {stopBy: end, pattern: zzz}}}
"""
HEAVY = "f = a = c = str\n" + "f(a, 'b', [c])\n" * 2_000


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as made:
        yield made


def blob(path: str, text: str) -> Blob:
    return Blob(path, sha256(text.encode()).hexdigest(), text.encode())


def run(runner: Runner, rules: str, *files: tuple[str, str], **choice: object) -> list[FileResult]:
    runner.choice = Choice.of(custom_rules=rules, **choice)  # type: ignore[arg-type]
    return runner.run([blob(*file) for file in files])


def own(result: FileResult) -> list[tuple[str, int]]:
    return [(one.rule, one.line) for one in result.findings if one.rule.startswith("custom/")]


def test_a_rule_finds_and_proposes_the_real_replacement(runner):
    (result,) = run(runner, PRINT, ("a.py", "x = 1\nprint('🙂', 'é', x)\n"))

    (finding,) = [one for one in result.findings if one.rule == "custom/no-print"]
    assert (finding.line, finding.column, finding.end_column) == (2, 1, 19)
    assert finding.message == "'🙂' is printed, with 'é', x"
    assert finding.fix == "log.info('é', x, '🙂')"
    assert (finding.severity, finding.help, finding.cwe, finding.owasp) == (
        Severity.MEDIUM,
        "Use the log instead",
        532,
        "A09:2021",
    )


def test_rules_of_several_languages_are_in_one_text(runner):
    rules = PRINT + "---\nid: no-alert\nlanguage: ts\nseverity: error\nrule: {pattern: alert($A)}\n"
    rules += "---\nid: no-unwrap\nlanguage: kotlin\nrule: {pattern: '$A!!'}\n"

    results = run(runner, rules, ("a.py", "print(1, 2)\n"), ("b.ts", "alert(1);\n"), ("c.kt", "val x = y!!\n"))

    assert [own(result) for result in results] == [
        [("custom/no-print", 1)],
        [("custom/no-alert", 1)],
        [("custom/no-unwrap", 1)],
    ]


def test_constraints_utils_and_transformations_are_heard(runner):
    rules = """
id: shout
language: python
utils: {called: {kind: call}}
rule: {all: [{matches: called}, {pattern: "log($WORD)"}]}
constraints: {WORD: {regex: "^'[a-z]+'$"}}
transform: {LOUD: {convert: {source: $WORD, toCase: upperCase}}}
fix: log($LOUD)
"""
    (result,) = run(runner, rules, ("a.py", "log('low')\nlog('LOW')\nlog(x)\n"))

    assert own(result) == [("custom/shout", 1)]
    assert next(one.fix for one in result.findings if one.rule == "custom/shout") == "log('LOW')"


def test_files_and_ignores_keep_a_rule_to_its_paths(runner):
    rules = "id: here\nlanguage: python\nfiles: ['src/**']\nignores: ['src/made/**']\nrule: {pattern: print}\n"
    source = "print(1)\n"

    results = run(runner, rules, ("src/a.py", source), ("src/made/a.py", source), ("b.py", source))

    assert [len(own(result)) for result in results] == [1, 0, 0]


def test_secrets_are_masked_in_what_a_rule_quotes(runner):
    token = "ghp_" + "a8Kd92mXo1QwErTyUiOpLkJhGfDsZx345678"

    (result,) = run(runner, PRINT, ("a.py", f"print('{token}', 1)\n"))

    assert own(result)
    assert token not in repr(result.findings)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("id: a\nlanguage: klingon\nrule: {pattern: x}", "rule a: its language is not known"),
        ("id: a\nlanguage: python", "rule a: `rule` is missing"),
        ("language: python\nrule: {pattern: x}", "document 1: its id is not made of"),
        ("id: a\nlanguage: python\nrule: {kind: nonesuch}", "rule a: Kind `nonesuch` is invalid."),
        ("id: a\nlanguage: python\nrule: {regex: '('}", "rule a: "),
        (
            "id: a\nlanguage: python\nrule: {pattern: x}\nfix: {template: y, expandEnd: {regex: z}}",
            "rule a: of a `fix`",
        ),
        ("id: a\nlanguage: python\nrule: {pattern: x}\nseverity: fatal", "rule a: its severity is none of"),
        ("id: a\nlanguage: python\nrule: {pattern: x}\nlint: no", "rule a: `lint` is not known here"),
        (
            "id: a\nlanguage: python\nrule: {pattern: x}\n---\nid: a\nlanguage: python\nrule: {pattern: y}",
            "rule a: another",
        ),
        ("id: a\nlanguage: python\nrule: {matches: u}\nutils: {u: {matches: u}}", "rule a: Rule `u` has a cyclic"),
        ("id: [", "the rules: they are not YAML in line"),
        ("a: &x [1]\nb: *x", "the rules: anchors and aliases"),
        ("[" * 60, "the rules: they nest deeper"),
        ("just words", "document 1: it is not a mapping"),
        ("id: a\nlanguage: python\nrule: {pattern: 2020-13-45}", ""),
        ("#" * 70_000, "the rules: they are longer than"),
    ],
)
def test_what_cannot_be_used_is_said(runner, text, problem):
    told = runner.problems(text)

    assert any(one.startswith(problem) for one in told) if problem else told is not None


def test_a_bad_rule_does_not_keep_the_others_from_working(runner):
    rules = "id: bad\nlanguage: python\nrule: {kind: nonesuch}\n---" + PRINT

    (result,) = run(runner, rules, ("a.py", "print(1, 2)\n"))

    assert (own(result), result.notes) == ([("custom/no-print", 1)], ())


def test_a_slow_rule_is_stopped_and_named_and_the_others_work_on(runner):
    files = [(f"f{number}.py", f"print({number}, 1)\n{HEAVY}") for number in range(5)]
    started = time.monotonic()

    results = run(runner, SLOW + "---" + PRINT, *files)

    assert time.monotonic() - started < 20
    assert all(("custom/no-print", 1) in own(result) for result in results)
    notes = [next(note for note in result.notes if "slow" in note) for result in results]
    assert notes[:3] == ["rule slow took too long on this file and was stopped"] * 3
    assert notes[3:] == ["rule slow was too slow on other files and was not tried on this one"] * 2
    assert all(result.status is Status.PARSED for result in results)


def test_what_ran_out_of_time_is_not_found_again(runner):
    (result,) = run(runner, SLOW, ("a.py", HEAVY))

    assert result.engine_set == engine_set(runner.choice) + "-incomplete"


def test_a_flood_of_matches_is_cut_and_said(runner):
    (result,) = run(runner, "id: all\nlanguage: python\nrule: {kind: identifier}\n", ("a.py", "x = y\n" * 4_000))

    assert len(result.findings) == 1_000
    assert "only the worst 1000 findings are listed" in result.notes


def test_rules_off_and_severities_of_the_project_count_for_every_engine(runner):
    source = "import os\nimport sys\nexec(x)\nprint(1, 2)\n"
    levels = {"custom/no-print": "critical", "bandit/*": "info"}

    (result,) = run(runner, PRINT, ("a.py", source), disabled=["ruff/*"], severities=levels)

    assert {one.rule: one.severity for one in result.findings} == {
        "custom/no-print": Severity.CRITICAL,
        "bandit/B102": Severity.INFO,
    }


def test_every_choice_has_an_engine_set_of_its_own():
    choices = [
        Choice(),
        Choice.of(disabled=["ruff/F401"]),
        Choice.of(severities={"ruff/F401": "high"}),
        Choice.of(custom_rules=PRINT),
        Choice.of(semgrep=True),
    ]

    assert len({engine_set(choice) for choice in choices}) == 5
    assert engine_set(Choice.of(disabled=["b", "a", "a"])) == engine_set(Choice.of(disabled=["a", "b"]))
    assert engine_set(Choice.of(custom_rules=" \n")) == engine_set()


def test_no_more_rules_are_taken_than_the_limit():
    text = "---\n".join(f"id: r{number}\nlanguage: python\nrule: {{pattern: x}}\n" for number in range(203))

    read = custom_rules.read(text)

    assert (len(read.usable), len(read.problems)) == (200, 3)
