"""The settings that an analysis runs under, as far as they can be read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.analysis.configuration import LARGEST_BYTES, LARGEST_TEXT, Condition, Configuration
from functions.analysis.model import Severity

WHOLE = {
    "schema": 1,
    "exclude": ["vendor/**", "!vendor/ours/**"],
    "rules": {"disabled": ["ruff/F401", "bandit/*"], "severity": {"ruff/E501": "info"}},
    "custom_rules": "id: no-print\n",
    "semgrep": True,
    "contracts": "layers: []\n",
    "gate": [
        {"metric": "new_findings", "severity": "high", "operator": "<=", "threshold": 0},
        {"metric": "maintainability", "operator": "<=", "threshold": "B", "scope": "overall"},
    ],
    "retention_days": 30,
    "concurrency": 2,
}


def of(said: object) -> Configuration:
    return Configuration.of(json.dumps(said).encode())


def test_settings_that_are_whole_are_read_whole():
    read = of(WHOLE)

    assert read == Configuration(
        exclude=("vendor/**", "!vendor/ours/**"),
        disabled_rules=("bandit/*", "ruff/F401"),
        severities={"ruff/E501": Severity.INFO},
        custom_rules="id: no-print\n",
        semgrep=True,
        contracts="layers: []\n",
        gate=(
            Condition("new_findings", "<=", 0, Severity.HIGH),
            Condition("maintainability", "<=", "B", scope="overall"),
        ),
        retention_days=30,
        concurrency=2,
    )


def test_no_settings_are_the_defaults():
    assert Configuration.of(None) == Configuration() == of({})


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b" " * (LARGEST_BYTES + 1)])
def test_settings_that_nobody_can_read_are_the_defaults_and_say_so(data):
    read = Configuration.of(data)

    assert read == Configuration(ignored=read.ignored)
    assert len(read.ignored) == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"colour": "red"}, "colour: unknown"),
        ({"exclude": "vendor"}, "exclude: malformed"),
        ({"exclude": [1, "a\nb", "x" * 600]}, "exclude: 3 entries"),
        ({"rules": []}, "rules: malformed"),
        ({"rules": {"severity": {"a/b": "awful", "c/d": []}}}, "severity: 2 entries"),
        ({"rules": {"severity": 1}}, "severity: malformed"),
        ({"custom_rules": "x" * (LARGEST_TEXT + 1)}, "custom_rules: malformed"),
        ({"contracts": "\ud800"}, "contracts: malformed"),
        ({"semgrep": 1}, "semgrep: malformed"),
        ({"retention_days": 0}, "retention_days: malformed"),
        ({"concurrency": True}, "concurrency: malformed"),
        ({"concurrency": 10**400}, "concurrency: malformed"),
    ],
)
def test_a_field_that_cannot_be_used_is_left_out_and_named(said, words):
    read = of(said)

    assert read == Configuration(ignored=read.ignored)
    assert read.ignored[0].startswith(words)


@pytest.mark.parametrize(
    "gate",
    [
        "strict",
        [WHOLE["gate"][0], {}],
        [{"metric": "findings", "operator": "~", "threshold": 1}],
        [{"metric": "findings", "operator": "<=", "threshold": True}],
        [{"metric": "findings", "operator": "<=", "threshold": 1e999}],
        [{"metric": "findings", "operator": "<=", "threshold": 10**400}],
        [{"metric": "findings", "operator": "<=", "threshold": 0, "severity": "awful"}],
        [{"metric": "findings", "operator": "<=", "threshold": 0, "scope": "old"}],
        [WHOLE["gate"][0]] * 51,
    ],
)
def test_a_gate_that_cannot_be_read_in_full_asks_for_what_nobody_can_say(gate):
    read = of({"gate": gate})

    assert [condition.metric for condition in read.gate] == ["unreadable"]
    assert read.ignored == ("gate: malformed or beyond its bound",)


def test_an_empty_gate_is_not_the_default_gate():
    assert of({"gate": []}).gate == ()
    assert of({"gate": None}).gate is None


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(sorted(WHOLE)) | st.text(max_size=8), json_like))
def test_nothing_that_is_said_raises(said):
    assert of(said) == of(said)


@given(st.binary(max_size=200))
def test_no_bytes_raise(data):
    Configuration.of(data)
