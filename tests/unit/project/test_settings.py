"""Settings of projects: what may be said, what differs, and the snapshot that versions name."""

from __future__ import annotations

import hashlib
import json

import pytest
from pydantic import ValidationError

from functions.project.baselines import Baseline, BaselineKind
from functions.project.gates import METRICS, GateCondition
from functions.project.schemas.settings import BaselineIn, SettingsPatch
from functions.project.service.checking import check, check_contracts, check_custom_rules, check_patterns
from functions.project.settings import LARGEST_TEXT, Change, Kept, Settings, changes
from kernel.errors import Invalid, TooLarge
from tests.client import ORG

RULE = "id: no-print\nlanguage: python\nrule: {pattern: print($A)}\n"


DEFAULTS = Settings()


def patched(settings: Settings = DEFAULTS, **patch: object) -> Settings:
    return settings.changed(SettingsPatch.model_validate(patch).changes())


def test_a_patch_changes_what_it_names_and_nothing_else():
    once = patched(exclude=["vendor/**"], rules={"disabled": ["ruff/F401", "bandit/*"]}, concurrency=2)
    twice = patched(once, rules={"severity": {"ruff/E501": "info"}})

    assert (twice.exclude, twice.concurrency) == (("vendor/**",), 2)
    assert (twice.disabled_rules, dict(twice.severities)) == (("bandit/*", "ruff/F401"), {"ruff/E501": "info"})


def test_a_null_means_the_default():
    once = patched(exclude=["a"], rules={"disabled": ["a/b"]}, gate=[], concurrency=9)

    nothing = dict.fromkeys(("exclude", "rules", "gate", "concurrency"))
    assert patched(once, **nothing) == Settings()
    assert patched(once, rules={"disabled": None}).disabled_rules == ()


def test_settings_are_read_back_as_they_were_written():
    settings = patched(gate=[{"metric": "maintainability", "operator": ">=", "threshold": "B"}], semgrep=True)

    assert Settings.of(json.loads(json.dumps(settings.document()))) == settings


def test_equal_settings_have_one_snapshot_and_its_name_is_its_hash():
    one, other = patched(rules={"disabled": ["a/b", "c/d"]}), patched(rules={"disabled": ["c/d", "a/b"]})

    snapshot = one.snapshot(ORG)
    assert snapshot == other.snapshot(ORG) != Settings().snapshot(ORG)
    assert snapshot.key == f"configurations/{ORG}/{hashlib.sha256(snapshot.data).hexdigest()}.json"


def test_what_differs_is_listed_field_by_field():
    old = Kept("p", patched(exclude=["a"]))
    new = Kept("p", patched(exclude=["b"], rules={"disabled": ["x/y"]}), Baseline(BaselineKind.PREVIOUS))

    assert changes(old, old) == ()
    assert [(one.field, one.old, one.new) for one in changes(old, new)] == [
        ("baseline", None, {"kind": "previous", "version_id": None, "branch": None, "date": None}),
        ("exclude", ["a"], ["b"]),
        ("rules.disabled", [], ["x/y"]),
    ]


def test_a_long_value_is_named_by_its_hash():
    short = Change("custom_rules", "", "x" * 5_000).short()

    assert short.old == ""
    assert short.new["size_bytes"] == 5_002


@pytest.mark.parametrize("pattern", ["", " ", "a\nb", "x" * 600, "!", "\0"])
def test_what_is_no_pattern_is_refused(pattern):
    with pytest.raises(Invalid) as refused:
        check_patterns([pattern])

    assert refused.value.code == "bad_pattern"


def test_patterns_of_gitignore_are_taken():
    check_patterns(["vendor/**", "!vendor/ours/", "*.min.js", "/dist", "a[0-9].py", "#comment"])


@pytest.mark.parametrize("text", ["", "---\n", RULE, f"{RULE}---\n{RULE.replace('no-print', 'other')}"])
def test_rules_that_ast_grep_could_read_are_taken(text):
    check_custom_rules(text)


BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
)


@pytest.mark.parametrize(
    "text",
    [
        "id: [",
        "a: b: c",
        "- a\n- b\n",
        "text",
        "id: a\n",
        f"{RULE}---\n{RULE}",
        "!!python/object/apply:os.system ['true']",
        "[" * 30_000,
        "\0",
        "\ud800",
        BOMB,
        "2001-13-45T99:99:99Z",
        "{[a]: b}",
    ],
)
def test_rules_that_cannot_be_kept_are_refused(text):
    with pytest.raises(Invalid) as refused:
        check_custom_rules(text)

    assert refused.value.code == "bad_custom_rules"


def test_too_much_is_refused():
    many = "---\n".join(RULE.replace("no-print", f"r{n}") for n in range(201))

    for text in (many, "# " + "ü" * (LARGEST_TEXT // 2)):
        with pytest.raises(TooLarge):
            check_custom_rules(text)
    with pytest.raises(TooLarge):
        check(patched(custom_rules="#" * 60_000, contracts="#" * 60_000, exclude=["x" * 400] * 200))


def test_contracts_are_one_mapping():
    check_contracts("layers: [routes, service]\n")

    for text in ("- a\n", "a: 1\n---\nb: 2\n", "a: ["):
        with pytest.raises(Invalid) as refused:
            check_contracts(text)
        assert refused.value.code == "bad_contracts"


@pytest.mark.parametrize(
    "condition",
    [
        {"metric": "luck", "operator": "<=", "threshold": 0},
        {"metric": "new_findings", "operator": "<=", "threshold": 0, "scope": "overall"},
        {"metric": "new_findings", "operator": "<=", "threshold": -1},
        {"metric": "new_findings", "operator": "<=", "threshold": 0.5},
        {"metric": "new_findings", "operator": "<=", "threshold": "A"},
        {"metric": "maintainability", "operator": ">=", "threshold": 3},
        {"metric": "maintainability", "operator": ">=", "threshold": "B", "severity": "high"},
        {"metric": "duplicated_lines_density", "operator": "<=", "threshold": 101},
        {"metric": "duplicated_lines_density", "operator": "<=", "threshold": 3, "scope": "new"},
        {"metric": "complex_functions", "operator": "<=", "threshold": True},
    ],
)
def test_a_condition_that_nothing_can_meet_or_measure_is_refused(condition):
    with pytest.raises(Invalid) as refused:
        GateCondition.of(condition)

    assert refused.value.code == "bad_gate"


@pytest.mark.parametrize("metric", sorted(METRICS))
def test_each_metric_has_a_usual_scope(metric):
    threshold = "B" if METRICS[metric].kind == "grade" else 3

    assert GateCondition.of({"metric": metric, "operator": "<=", "threshold": threshold}).scope in ("new", "overall")


@pytest.mark.parametrize(
    "patch",
    [
        {"colour": "red"},
        {"default_branch": "a b"},
        {"default_branch": ""},
        {"retention_days": 0},
        {"concurrency": 65},
        {"supersede": "sometimes"},
        {"rules": {"severity": {"a/b": "awful"}}},
        {"rules": {"disabled": ["a b"]}},
        {"gate": [{"metric": "findings", "operator": "~", "threshold": 0}]},
        {"gate": [{"metric": "findings", "operator": "<=", "threshold": True}]},
        {"webhooks": {"skip_drafts": True}},
    ],
)
def test_settings_of_another_shape_are_refused(patch):
    with pytest.raises(ValidationError):
        SettingsPatch.model_validate(patch)


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "version"},
        {"kind": "date"},
        {"kind": "date", "date": "2026-01-01T00:00:00"},
        {"kind": "previous", "branch": "main"},
        {"kind": "branch", "branch": "main", "date": "2026-01-01T00:00:00Z"},
        {"kind": "luck"},
    ],
)
def test_a_baseline_is_given_by_what_its_kind_needs(said):
    with pytest.raises(ValidationError):
        BaselineIn.model_validate(said)
