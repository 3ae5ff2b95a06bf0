"""Findings: one scale, positions, identity, and secrets that stay secret."""

from __future__ import annotations

import json

import pytest

from functions.analysis.engines import codec
from functions.analysis.model import Confidence, FileResult, Severity
from tests.unit.analysis.conftest import Read

# Built from parts, so that this file holds no credential itself.
SECRETS = {
    "aws-key": "AKIA" + "Q3EGRJ5TXKL2VWZB",
    "github-token": "ghp_" + "a8Kd92mXo1QwErTyUiOpLkJhGfDsZx345678",
    "gitlab-token": "glpat-" + "x7Yq2ZpLm4Nw8RtVbKcJ",
    "slack-token": "xoxb-" + "2345678901-" + "Zk3mQp9LwXtRvBnYcHsD",
    "stripe-key": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "google-key": "AIza" + "SyD9kLmN4pQrStUvWxYz0AaBbCcDdEeFfGg",
    "jwt": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiI0MiIsIm4iOiJxIn0." + "k5Zr8vQmXp2LwTyNbHcJdFgAsEuRiOo",
    "private-key": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEAq7Xw9ZkLmN4pQrStUvWxYz0AaBbCcDdEeFfGgHh",
    "password-in-url": "postgres://app:" + "s3cr3tPa55w0rd@db.internal/x",
    "assigned-secret": 'password = "' + 'tr0ub4dor-9zK2x"',
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_found_and_never_told(read: Read, kind: str) -> None:
    text = SECRETS[kind]
    core = text.partition("app:")[2].partition("@")[0] or text.partition('"')[2].strip('"') or text.splitlines()[-1]

    result = read("config.txt", f"x = 1\ny = {text}\n")

    (finding,) = result.findings
    assert (finding.rule, finding.line, finding.cwe) == (f"secrets/{kind}", 2, 798)
    assert core not in json.dumps(codec.to_json(result))


def test_two_secrets_on_one_line_have_the_same_identity_whatever_they_are(read: Read) -> None:
    one = read("a.txt", f"key: {SECRETS['aws-key']}\n").findings[0]
    other = read("a.txt", f"key: {'AKIA' + 'Z2YXWVUTSRQPONML'}\n").findings[0]

    assert one.fingerprint == other.fingerprint


def test_a_tool_that_quotes_a_secret_is_masked(read: Read) -> None:
    token = SECRETS["github-token"]

    result = read("a.py", f'd = {{"{token}": 1, "{token}": 2}}\n')

    assert "ruff/F601" in {finding.rule for finding in result.findings}
    assert token not in json.dumps(codec.to_json(result))


@pytest.mark.parametrize(
    "text",
    [
        'password = "changeme123"',
        'api_key = os.environ["API_KEY_2"]',
        'token = "{token1234567}"',
        "AKIA" + "IOSFODNN7EXAMPLE",
        'secret_key = "django-insecure"',
        "https://user:password@example.com/",
        "https://example.com:8080/a@b1234567",
        'password = "field.password.label2"',
        "-----BEGIN PRIVATE KEY-----",
        'password: "' + "aB3dE5gH7jK9mN2p" + '"  # pragma: allowlist secret',
    ],
)
def test_what_only_looks_like_a_secret_is_left_alone(read: Read, text: str) -> None:
    assert read("a.txt", f"{text}\n").findings == ()


def test_made_up_secrets_of_tests_weigh_little(read: Read) -> None:
    text = f"{SECRETS['assigned-secret']}\n"

    assert read("config.txt", text).findings[0].severity is Severity.MEDIUM
    assert read("tests/config.txt", text).findings[0].severity is Severity.LOW


def _rules(result: FileResult) -> dict[str, tuple[Severity, Confidence]]:
    return {finding.rule: (finding.severity, finding.confidence) for finding in result.findings}


def test_engines_share_one_scale(read: Read) -> None:
    source = (
        "import subprocess\nimport pickle\n\n\ndef f(a, items=[]):\n    subprocess.run(a, shell=True)\n"
        "    return pickle.loads(a), undefined, items\n"
    )

    assert _rules(read("a.py", source)) == {
        "ruff/B006": (Severity.MEDIUM, Confidence.HIGH),
        "ruff/F821": (Severity.HIGH, Confidence.MEDIUM),
        "bandit/B301": (Severity.MEDIUM, Confidence.HIGH),
        "bandit/B602": (Severity.HIGH, Confidence.HIGH),
    }
    by_rule = {finding.rule: finding for finding in read("a.py", source).findings}
    assert by_rule["bandit/B602"].cwe == 78
    assert (by_rule["ruff/F821"].line, by_rule["ruff/F821"].column) == (7, 29)
    assert by_rule["ruff/B006"].fix
    assert all(finding.help and finding.title for finding in by_rule.values())


def test_the_name_of_a_file_silences_rules_that_make_no_sense_in_it(read: Read) -> None:
    assert _rules(read("pkg/__init__.py", "import os\n")) == {}
    assert _rules(read("pkg/a.pyi", "import os\n")) == {}
    assert _rules(read("test_a.py", "import pickle\npickle.loads(b'')\n")) == {}
    assert set(_rules(read("a.py", "import os\n"))) == {"ruff/F401"}


@pytest.mark.parametrize(
    ("branches", "severity"), [(5, None), (7, Severity.LOW), (9, Severity.MEDIUM), (13, Severity.HIGH)]
)
def test_functions_hard_to_follow_are_found(read: Read, branches: int, severity: Severity | None) -> None:
    body = "".join(f"{'    ' * (depth + 1)}if a > {depth}:\n" for depth in range(branches))

    result = read("a.py", f"def f(a):\n{body}{'    ' * (branches + 1)}return a\n")

    assert result.functions[0].cognitive == branches * (branches + 1) // 2
    assert _rules(result).get("coderev/complex-function", (None,))[0] is severity


def test_long_functions_and_long_parameter_lists_are_found(read: Read) -> None:
    parameters = ", ".join(f"p{number}" for number in range(11))
    body = "    print(p1)\n" * 201

    assert set(_rules(read("a.py", f"def f({parameters}):\n{body}"))) == {"coderev/long-function", "coderev/parameters"}


def test_invisible_signs_that_reorder_text_are_found_in_any_language(read: Read) -> None:
    result = read("a.go", "package a\nvar x = 1 // é\u202e } \u2066if\n")

    assert [(found.rule, found.line, found.column) for found in result.findings] == [
        ("coderev/bidirectional-text", 2, 15)
    ]


def test_identity_survives_moving_and_reformatting_but_tells_repetitions_apart(read: Read) -> None:
    once = read("a.py", "def f():\n    return missing\n").findings
    moved = read("a.py", "import sys\n\nsys.exit()\n\n\ndef f():\n        return  missing\n").findings
    twice = read("a.py", "def f():\n    return missing\n\n\ndef g():\n    return missing\n").findings

    assert once[0].fingerprint == moved[0].fingerprint == twice[0].fingerprint
    assert twice[1].fingerprint != twice[0].fingerprint
