"""Every Rego test passes in the embedded engine, and every policy is closed by default."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from regorus import Engine

from functions.project.gates import METRICS
from infra.postgres.migrate import DOMAINS
from kernel.identity import Caller
from kernel.policy import EmbeddedPolicy, policy_folder
from tests.questions import ACTIONS, spoilt, whole

FOLDER = policy_folder()
FILES = sorted(FOLDER.glob("*.rego"))
TESTS = [
    (path.stem, name)
    for path in FILES
    if path.stem.endswith("_test")
    for name in re.findall(r"^(test_\w+) if", path.read_text(), re.MULTILINE)
]


@pytest.fixture(scope="module")
def engine() -> Engine:
    loaded = Engine()
    for path in FILES:
        loaded.add_policy(path.name, path.read_text())
    return loaded


@pytest.mark.parametrize(("package", "name"), TESTS)
def test_rego(engine, package, name):
    assert engine.eval_rule(f"data.coderev.{package}.{name}") is True


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_domain_has_a_policy_with_tests_that_allows_nobody_nothing(domain):
    policy = EmbeddedPolicy(FOLDER)

    assert any(package == f"{domain}_test" for package, _ in TESTS)
    assert policy.decide(domain, {}).allow is False
    assert policy.decide(domain, {"action": f"{domain}.read", "caller": {}}).allow is False


def test_a_project_can_set_each_metric_that_the_gate_decides_and_no_other(engine):
    decided = engine.eval_rule("data.coderev.gate.metrics")

    assert decided == {
        name: {"scopes": list(metric.scopes), "kind": metric.kind, "by_severity": metric.by_severity}
        for name, metric in METRICS.items()
    }


@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_missing_or_odd_never_allows_more(action):
    policy, domain = EmbeddedPolicy(FOLDER), action.partition(".")[0]
    refused = [question for question in whole(action) if not policy.decide(domain, question).allow]

    allowed = [odd for question in refused for odd in spoilt(question) if policy.decide(domain, odd).allow]

    assert not allowed, allowed[0]


@pytest.mark.parametrize("action", ["project.members", "auth.invite", "auth.change_role", "auth.remove_member"])
@pytest.mark.parametrize("resource", [{}, {"role": None, "present": None}, {"role": 5, "present": ["viewer"]}, None, 7])
def test_not_even_an_owner_gives_a_role_that_is_not_told(action, resource):
    owner = {"user_id": "u1", "org_id": "o1", "roles": ["owner"], "kind": "user"}
    question = {"action": action, "caller": owner, "resource": resource}

    assert not EmbeddedPolicy(FOLDER).decide(action.partition(".")[0], question).allow


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_policy_says_not_of_a_call_with_something_undefined(path):
    """OPA takes `input.x` out of `not f(input.x)`: where it is undefined, so is the rule, and an objection is none."""
    if not path.stem.endswith("_test"):
        assert not re.search(r"\bnot [\w.]+\([^\n]*(input|\[)", path.read_text())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_policy_is_open_by_default(path):
    assert not re.search(r"default\s+allow\s*:=\s*true", path.read_text())


def test_a_caller_without_roles_is_not_a_function():
    assert Caller.nobody().kind == "nobody"


def test_the_folder_is_the_repository_s():
    assert Path(__file__).parents[2] / "policies" == FOLDER
