"""Each rule for credentials finds what its issuer writes and leaves alone what only looks like it."""

from __future__ import annotations

import json
import random
import re
import string

import pytest

from functions.analysis.engines import codec
from functions.analysis.engines.credential_rules import PATTERNS, RULES
from functions.analysis.model import Severity
from tests.unit.analysis.conftest import Read

ALPHANUMERIC = string.ascii_letters + string.digits
HEX = string.digits + "abcdef"


def made(count: int, alphabet: str = ALPHANUMERIC, seed: int = 1) -> str:
    """Signs as an issuer draws them; made here, so that this file holds no credential."""
    return "".join(random.Random(f"{seed}:{count}").choices(alphabet, k=count))


UPPER = string.ascii_uppercase + "234567"
LIVE = {
    "aws-key": ["AKIA" + made(16, UPPER), "ABSK" + made(120)],
    "aws-secret": ["aws_secret_access_key = '" + made(40) + "'"],
    "github-token": [f"gh{kind}_" + made(36) for kind in "pousr"] + ["github_pat_" + made(82)],
    "gitlab-token": ["glpat-" + made(20), "glrt-" + made(20), "glptt-" + made(40, HEX), "glcbt-1a_" + made(20)],
    "slack-token": [
        "xoxb-" + made(11, string.digits) + "-" + made(24),
        "xapp-1-" + made(10, UPPER) + "-" + made(12, string.digits) + "-" + made(64, HEX),
    ],
    "slack-webhook": ["https://hooks.slack.com/services/T" + made(9, UPPER) + "/B" + made(9, UPPER) + "/" + made(24)],
    "stripe-key": ["sk_live_" + made(24), "rk_live_" + made(99)],
    "google-key": ["AIza" + made(35)],
    "google-secret": ["GOCSPX-" + made(28)],
    "azure-storage-key": ["AccountName=a;AccountKey=" + made(86) + "=="],
    "azure-sas": ["https://a.blob.core.windows.net/c?se=2026-01-01&sig=" + made(43) + "%3D"],
    "azure-secret": [made(3) + "8Q~" + made(34)],
    "openai-key": ["sk-" + made(20) + "T3Blbk" + "FJ" + made(20), "sk-proj-" + made(74) + "T3Blbk" + "FJ" + made(74)],
    "anthropic-key": ["sk-ant-api03-" + made(93) + "AA"],
    "huggingface-token": ["hf_" + made(34, string.ascii_letters)],
    "npm-token": ["npm_" + made(36)],
    "pypi-token": ["pypi-AgEIcHlwaS5vcmc" + made(120)],
    "rubygems-token": ["rubygems_" + made(48, HEX)],
    "sendgrid-key": ["SG." + made(22) + "." + made(43)],
    "twilio-key": ["twilio_key: SK" + made(32, HEX)],
    "mailgun-key": ["mailgun = key-" + made(32, HEX)],
    "mailchimp-key": ["mailchimp: " + made(32, HEX) + "-us12"],
    "telegram-token": [made(9, "123456789") + ":AA" + made(33)],
    "digitalocean-token": ["dop_v1_" + made(64, HEX)],
    "databricks-token": ["dapi" + made(32, HEX)],
    "shopify-token": ["shpat_" + made(32, HEX)],
    "docker-token": ["dckr_pat_" + made(27)],
    "vault-token": ["hvs." + made(95)],
    "terraform-token": [made(13) + "7" + ".atlasv1." + made(64)],
    "atlassian-token": ["ATATT3" + made(186)],
    "grafana-token": ["glsa_" + made(32) + "_" + made(8, HEX)],
    "newrelic-key": ["NRAK-" + made(27, string.ascii_uppercase + string.digits)],
    "postman-key": ["PMAK-" + made(24, HEX) + "-" + made(34, HEX)],
    "linear-key": ["lin_api_" + made(40)],
    "age-key": ["AGE-SECRET-KEY-1" + made(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L")],
    "discord-webhook": ["https://discord.com/api/webhooks/" + made(18, "123456789") + "/" + made(68)],
    "private-key": ["-----BEGIN EC " + "PRIVATE KEY-----\n" + made(64)],
    "jwt": ["eyJ" + made(20) + ".eyJ" + made(30) + "." + made(43)],
    "password-in-url": [
        "postgres://app:" + made(13) + "7" + "@db.internal/x",
        "redis://:" + made(13) + "7" + "@cache:6379",
    ],
    "connection-string": ["Server=db;Database=x;User Id=app;Password=" + made(13) + "7" + ";"],
    "basic-authorization": ["Authorization: Basic " + made(28)],
    "assigned-secret": [
        "password = '" + made(16) + "'",
        '"client_secret": "' + made(24) + '"',
        "api_key => '" + made(20) + "'",
    ],
}
EVERY = [(code, text) for code, texts in LIVE.items() for text in texts]


def test_every_rule_has_something_to_find():
    assert {rule.code for rule in PATTERNS} == set(LIVE) == {rule.id.partition("/")[2] for rule in RULES}


@pytest.mark.parametrize(("code", "text"), EVERY, ids=[f"{code}-{n}" for n, (code, _) in enumerate(EVERY)])
def test_it_is_found_where_it_stands_and_never_told(read: Read, code: str, text: str) -> None:
    result = read("config.txt", f"first = 1\n{text}\n")

    (finding,) = result.findings
    assert (finding.rule, finding.line, finding.cwe, finding.owasp) == (f"secrets/{code}", 2, 798, "A07:2021")
    told = json.dumps(codec.to_json(result))
    drawn = re.findall(r"[A-Za-z0-9]{12,}", text)
    assert drawn
    assert drawn[-1] not in told


@pytest.mark.parametrize(("code", "text"), EVERY, ids=[f"{code}-{n}" for n, (code, _) in enumerate(EVERY)])
def test_what_is_longer_than_an_issuer_writes_is_something_else(read: Read, code: str, text: str) -> None:
    if code in (
        "private-key",
        "password-in-url",
        "connection-string",
        "assigned-secret",
        "azure-sas",
        "azure-storage-key",
        "basic-authorization",
    ):
        pytest.skip("its end is not of its own signs")
    glued = text.rstrip("'") + "Zz9_" * 400

    assert [one.rule for one in read("config.txt", glued + "\n").findings if one.rule == f"secrets/{code}"] == []


PLACEHOLDERS = [
    "AKIA" + "A" * 16,
    "ghp_" + "x" * 36,
    "npm_" + "0" * 36,
    "sk_live_" + "your-key-here-0000000000",
    "hf_" + "a" * 34,
    "AIza" + "x" * 35,
    "password = 'my-secret-token-1'",
    "api_key = 'test_value_2b'",
    "secret = 'some-css-class-2'",
    "password: 'PASSWORD_RESET_V2'",
    "token = 'abc.def.ghi2'",
    "postgres://user:pass123@localhost/db",
    "postgres://app:${DB_PASSWORD_1}@db/x",
    "Server=db;Password={0};",
    "Authorization: Basic <base64 of user1>",
    "integrity sha512-" + made(86) + "==",
    "commit " + made(40, HEX),
    "id = '" + "-".join((made(8, HEX), made(4, HEX), made(4, HEX), made(4, HEX), made(12, HEX))) + "'",
    "data:image/png;base64," + made(400),
    "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "xoxb-not-a-token",
    "-----BEGIN CERTIFICATE-----\n" + made(64),
]


@pytest.mark.parametrize("text", PLACEHOLDERS, ids=range(len(PLACEHOLDERS)))
def test_what_only_looks_like_a_secret_is_left_alone(read: Read, text: str) -> None:
    assert read("config.txt", f"{text}\n").findings == ()


def test_tests_weigh_less_unless_an_issuer_would_take_it(read: Read) -> None:
    text = f"password = '{made(16)}'\nkey = '{'ghp_' + made(36)}'\n"

    severities = {one.rule: one.severity for one in read("tests/config.txt", text).findings}

    assert severities == {"secrets/assigned-secret": Severity.LOW, "secrets/github-token": Severity.CRITICAL}


@pytest.mark.parametrize("quote", ["gitleaks:allow", "pragma: allowlist secret"])
def test_a_comment_beside_it_is_heard(read: Read, quote: str) -> None:
    assert read("config.txt", f"password = '{made(16)}'  # {quote}\n").findings == ()


def test_a_file_full_of_secrets_keeps_them_all(read: Read) -> None:
    tokens = ["ghp_" + made(36, seed=number) for number in range(3_000)]
    source = "d = {\n" + "".join(f'  "{token}": 1, "{token}": 2,\n' for token in tokens) + "}\n"

    result = read("a.py", source)

    told = json.dumps(codec.to_json(result))
    assert len(result.findings) == 1_000
    assert not any(token in told for token in tokens)
