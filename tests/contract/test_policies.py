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


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_policy_is_open_by_default(path):
    assert not re.search(r"default\s+allow\s*:=\s*true", path.read_text())


def test_a_caller_without_roles_is_not_a_function():
    assert Caller.nobody().kind == "nobody"


def test_the_folder_is_the_repository_s():
    assert Path(__file__).parents[2] / "policies" == FOLDER
