"""Dynamic references: from the local store and the template, refused by name, never printed."""

from __future__ import annotations

import logging

import pytest

from emulator.aws import secrets
from emulator.template import TemplateError, load

STORE = """
ssm:
  /app/level: debug
  /app/many: [first, second]
secretsmanager:
  db: { username: ada, password: verysecret }
  plain: onlytext
  staged: { AWSCURRENT: new, AWSPREVIOUS: old }
"""
TEMPLATE = """
Parameters:
  Level: { Type: "AWS::SSM::Parameter::Value<String>", Default: /app/level }
Resources:
  Token: { Type: AWS::SecretsManager::Secret, Properties: { Name: token, GenerateSecretString: { PasswordLength: 20, ExcludePunctuation: true, SecretStringTemplate: '{"user":"u"}', GenerateStringKey: word } } }
  Size: { Type: AWS::SSM::Parameter, Properties: { Name: /size, Type: String, Value: large } }
  One:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: m.h
      Environment: { Variables: { LEVEL: !Ref Level, VALUE: %s } }
"""


@pytest.fixture
def value(tmp_path):
    store = tmp_path / "secrets.yaml"
    store.write_text(STORE)
    store.chmod(0o600)

    def resolved(text):
        file = tmp_path / "template.yaml"
        file.write_text(TEMPLATE % text)
        template = load(file, values=secrets.read(store, store))
        return template.functions["One"].environment, template.hidden

    return resolved


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("'{{resolve:ssm:/app/level}}'", "debug"),
        ("'{{resolve:ssm:/app/many:1}}'", "first"),
        ("'{{resolve:ssm-secure:/app/many}}'", "second"),
        ("'{{resolve:secretsmanager:db:SecretString:password}}'", "verysecret"),
        (
            "!Sub 'pg://{{resolve:secretsmanager:db:SecretString:username}}:{{resolve:secretsmanager:plain}}@${AWS::Region}'",
            "pg://ada:onlytext@us-east-1",
        ),
        ("'{{resolve:secretsmanager:staged:SecretString::AWSPREVIOUS}}'", "old"),
        (
            "'{{resolve:secretsmanager:arn:aws:secretsmanager:us-east-1:000000000000:secret:plain-AbCdEf}}'",
            "onlytext",
        ),
        ("'{{resolve:ssm:/size}}'", "large"),
        ("!Sub '{{resolve:secretsmanager:${Token}:SecretString:user}}'", "u"),
        ("'{{resolve:secretsmanager:db}}'", '{"username": "ada", "password": "verysecret"}'),
    ],
)
def test_references_are_resolved(value, text, found):
    environment, _ = value(text)

    assert environment == {"LEVEL": "debug", "VALUE": found}


def test_a_generated_password_is_the_same_wherever_it_is_named(value):
    password = "{{resolve:secretsmanager:token:SecretString:word}}"
    first, second = value(f"'{password} {password}'")[0]["VALUE"].split()

    assert first == second
    assert len(first) == 20
    assert first.isalnum()


@pytest.mark.parametrize(
    "reference",
    [
        "{{resolve:ssm:/nope}}",
        "{{resolve:ssm:/app/many:3}}",
        "{{resolve:secretsmanager:db:SecretString:nope}}",
        "{{resolve:secretsmanager:plain:SecretString:key}}",
        "{{resolve:secretsmanager:db:SecretBinary}}",
        "{{resolve:secretsmanager:plain:::AWSPENDING}}",
        "{{resolve:other:x}}",
    ],
)
def test_what_finds_nothing_is_refused_by_name(value, reference):
    with pytest.raises(TemplateError) as caught:
        value(f"'{reference}'")

    assert reference in str(caught.value)
    assert "verysecret" not in str(caught.value)
    assert "onlytext" not in str(caught.value)


def test_resolved_values_are_never_printed(value):
    _, hidden = value("'{{resolve:secretsmanager:db:SecretString:password}}'")
    secrets.hide(hidden)

    assert secrets.redact("user ada, password verysecret.") == "user ada, password ***."


def test_a_short_value_hides_only_where_it_stands_alone():
    secrets.hide(["q7z"])

    assert secrets.redact("q7z aq7zb") == "*** aq7zb"


def test_flat_files_serve_parameters_and_secrets(tmp_path):
    for name, text in (("a.env", "# note\nexport TOKEN='x y'\n"), ("a.json", '{"TOKEN": "x y"}')):
        file = tmp_path / name
        file.write_text(text)
        file.chmod(0o600)
        store = secrets.read(file, file)

        assert store.parameter("TOKEN", None) == store.secret("TOKEN", "AWSCURRENT", None) == "x y"


def test_a_store_that_others_can_read_is_warned_about(tmp_path, caplog):
    file = tmp_path / "secrets.yaml"
    file.write_text("a: b")
    file.chmod(0o644)
    with caplog.at_level(logging.WARNING):
        secrets.read(None, file)

    assert "its mode should be 0600" in caplog.text
    assert secrets.read(None, tmp_path / "none.yaml").ssm == {}


def test_a_broken_store_is_refused_without_its_values(tmp_path):
    file = tmp_path / "secrets.yaml"
    for text in ("a: [hush", "hush"):
        file.write_text(text)
        file.chmod(0o600)
        with pytest.raises(TemplateError) as caught:
            secrets.read(file, file)
        assert "hush" not in str(caught.value)
    with pytest.raises(TemplateError, match="cannot be read"):
        secrets.read(tmp_path / "none.yaml", file)
