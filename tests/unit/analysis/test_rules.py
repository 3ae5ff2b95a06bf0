"""Every rule that an engine can give has its place on the one scale, a weakness where there is one, and a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.analysis.engines import mapping, scale
from functions.analysis.engines.bandit_visitor import extension_loader
from functions.analysis.engines.engine_set import ENGINES, rules
from functions.analysis.engines.owasp import TITLES, category
from functions.analysis.model import Severity

ROOT = Path(__file__).parents[3]
INJECTIONS = ("bandit/B102", "bandit/B307", "bandit/B602", "bandit/B605", "bandit/B608", "bandit/B610", "bandit/B611")


def test_every_rule_of_ruff_that_is_run_is_described():
    described = {rule.partition("/")[2] for rule in rules() if rule.startswith("ruff/")}

    assert described == set(scale.RUFF)


def test_every_rule_of_bandit_that_is_run_is_described():
    manager = extension_loader.MANAGER
    known = {plugin.plugin._test_id for plugin in manager.plugins}
    known |= {rule["id"] for listed in manager.blacklist.values() for rule in listed}

    described = {rule.partition("/")[2] for rule in rules() if rule.startswith("bandit/")}

    assert described == known - scale.BANDIT_SKIPPED


def test_every_rule_has_a_title_and_a_reason():
    for rule in rules().values():
        assert rule.title, rule.id
        assert len(rule.reason) > 10, rule.id
        assert not rule.reason.endswith("."), rule.id


def test_ids_are_given_once():
    listed = [rule.id for engine in ENGINES for rule in engine.rules]

    assert len(listed) == len(set(listed)) == len(rules())


def test_every_security_rule_names_its_weakness():
    security = [rule for rule in rules().values() if rule.engine in ("bandit", "secrets", "semgrep")]

    assert all(rule.cwe for rule in security)


@pytest.mark.parametrize("rule", INJECTIONS)
def test_what_runs_or_asks_foreign_text_is_an_injection(rule):
    assert TITLES[rules()[rule].owasp] == "Injection"


@pytest.mark.parametrize(
    ("cwe", "expected"),
    [
        (22, "A01:2021"),
        (327, "A02:2021"),
        (89, "A03:2021"),
        (611, "A05:2021"),
        (798, "A07:2021"),
        (502, "A08:2021"),
        (918, "A10:2021"),
        (400, ""),
        (None, ""),
    ],
)
def test_categories_are_those_that_list_the_weakness(cwe, expected):
    assert category(cwe) == expected


def test_only_live_credentials_and_code_from_requests_are_critical():
    worst = {rule.engine for rule in rules().values() if rule.severity is Severity.CRITICAL}

    assert worst == {"secrets", "semgrep"}


def test_the_page_of_the_rules_is_current():
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == mapping.page()
