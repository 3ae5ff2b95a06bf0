"""The OPA server and the engine in process answer alike, and the policies pass OPA's own tools."""

from __future__ import annotations

import itertools
import random
import re
import subprocess

import httpx
import pytest

from infra.real import fetch
from kernel.policy import EmbeddedPolicy, ServerPolicy, policy_folder
from tests.questions import ACTIONS, spoilt, whole

pytestmark = pytest.mark.real
FILES = sorted(policy_folder().glob("*.rego"))
TESTS = [
    (path.stem, name)
    for path in FILES
    if path.stem.endswith("_test")
    for name in re.findall(r"^(test_\w+) if", path.read_text(), re.MULTILINE)
]
ROLES = ((), ("viewer",), ("reviewer",), ("maintainer",), ("admin",), ("owner",), ("viewer", "admin"), ("nonsense",))
KINDS = ("user", "function", "nobody", "nonsense")


def test_every_domain_has_actions():
    assert len({action.partition(".")[0] for action in ACTIONS}) >= 7


def test_both_engines_decide_alike(needs):
    server, embedded = ServerPolicy(needs("OPA_URL"), timeout_s=5), EmbeddedPolicy(policy_folder())
    allowed = set()

    for action, roles, kind, user in itertools.product(ACTIONS, ROLES, KINDS, ("u1", "")):
        domain = action.partition(".")[0]
        caller = {"user_id": user, "org_id": "o1", "roles": list(roles), "kind": kind}
        for resource in ({}, {"owner_id": "u1"}, {"role": "admin", "roles": ["owner"]}):
            question = {"action": action, "caller": caller, "resource": resource}
            there, here = server.decide(domain, question), embedded.decide(domain, question)
            assert there == here, question
            allowed |= {action} if there.allow else set()

    assert len(allowed) > len(ACTIONS) / 2, "a comparison of refusals alone would tell nothing"


@pytest.mark.parametrize("action", ACTIONS)
def test_both_engines_decide_alike_what_is_missing_or_odd(needs, action):
    server, embedded = ServerPolicy(needs("OPA_URL"), timeout_s=5), EmbeddedPolicy(policy_folder())
    domain = action.partition(".")[0]
    dice = random.Random(action)

    for question in dice.sample(list(whole(action)), 3):
        allow = server.decide(domain, question).allow
        for odd in spoilt(question):
            there = server.decide(domain, odd)
            assert there == embedded.decide(domain, odd), odd
            assert allow or not there.allow, odd


def test_both_engines_decide_gates_alike(needs):
    server, embedded = ServerPolicy(needs("OPA_URL"), timeout_s=5), EmbeddedPolicy(policy_folder())
    metrics = ("new_findings", "findings", "complex_functions", "maintainability", "skipped_files", "nonsense")
    dice = random.Random(4)
    for _ in range(300):
        gate = [
            {
                "metric": dice.choice(metrics),
                "operator": dice.choice(("<", "<=", "==", ">=", ">", "~")),
                "threshold": dice.choice((0, 1, 2.5, 100, "A", "C")),
                "scope": dice.choice((None, "new", "overall")),
                "severity": dice.choice((None, "critical", "low")),
            }
            for _ in range(dice.randrange(4))
        ]
        measured = {
            "findings": {name: dice.randrange(3) for name in ("critical", "high", "medium", "low", "info")},
            "complex_functions": dice.choice((0, 2.5, 33.33, None)),
            "maintainability": dice.choice(("A", "C", None)),
        }
        question = {
            "gate": dice.choice((gate, gate, None)),
            "facts": {"new": measured, "overall": {"skipped_files": 7}},
        }

        assert server.evaluate("gate", question) == embedded.evaluate("gate", question), question


@pytest.mark.parametrize(("package", "name"), TESTS)
def test_rego_tests_hold_on_the_server(needs, package, name):
    answer = httpx.get(f"{needs('OPA_URL')}/v1/data/coderev/{package}/{name}", timeout=5)

    assert answer.json() == {"result": True}


@pytest.mark.parametrize(
    "command", [("test",), ("check", "--strict"), ("fmt", "--list", "--fail")], ids=lambda command: command[0]
)
def test_opa_s_own_tools_are_content(needs, command):
    needs("OPA_URL")
    done = subprocess.run(
        (fetch.go_program("opa"), *command, policy_folder()), capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
