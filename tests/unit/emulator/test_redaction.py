"""What the console hides, and what it must leave alone."""

from __future__ import annotations

import base64
import json

import pytest

from emulator.console.redaction import HIDDEN, Redactor, is_sensitive
from emulator.console.restoring import restored

JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9mLWl0"
SECRET = "correct horse battery"


def shown(document: object) -> object:
    return Redactor().document(document)


@pytest.mark.parametrize(
    "name",
    [
        "Authorization", "authorization", "Cookie", "Set-Cookie", "cookies", "x-api-key", "X-Api-Key", "apiKey", "api_key",
        "password", "newPassword", "password_hash", "access_token", "refreshToken", "authorizationToken", "JWT_SECRET_KEY",
        "S3_SECRET_KEY", "secretAccessKey", "aws_secret_access_key", "privateKey", "X-Amz-Security-Token",
        "X-Amz-Signature", "clientSecret", "ticket", "X-Amz-Credential", "DB_PASSWD",
    ],
)  # fmt: skip
def test_names_of_credentials_are_known(name: str) -> None:
    assert is_sensitive(name)
    assert shown({name: SECRET}) == {name: HIDDEN}


@pytest.mark.parametrize(
    "name",
    ["key", "Key", "keys", "partition_key", "author", "secretary", "tokenizer", "keyboard", "path", "cookiecutter"],
)
def test_words_that_only_look_alike_are_left_alone(name: str) -> None:
    assert not is_sensitive(name)
    assert shown({name: SECRET}) == {name: SECRET}


def test_a_number_of_tokens_is_no_credential() -> None:
    assert shown({"max_tokens": 100, "tokens": 3, "password": 1234, "secret": None}) == {
        "max_tokens": 100, "tokens": 3, "password": HIDDEN, "secret": None,
    }  # fmt: skip


def test_the_shape_of_multi_value_headers_stays() -> None:
    event = {"multiValueHeaders": {"Cookie": ["a=1", "b=2"], "Accept": ["*/*"]}}

    assert shown(event) == {"multiValueHeaders": {"Cookie": [HIDDEN, HIDDEN], "Accept": ["*/*"]}}


def test_the_json_in_a_body_is_looked_into() -> None:
    body = json.dumps({"email": "ada@example.com", "password": SECRET})

    assert json.loads(shown({"body": body})["body"]) == {"email": "ada@example.com", "password": HIDDEN}


def test_a_body_in_base64_is_looked_into() -> None:
    body = base64.b64encode(json.dumps({"token": SECRET, "n": 1}).encode()).decode()

    assert json.loads(base64.b64decode(shown({"value": body})["value"])) == {"token": HIDDEN, "n": 1}


def test_strings_without_a_credential_stay_as_they_are() -> None:
    event = {
        "body": '{ "spaced":  1 }',
        "value": base64.b64encode(b"plain text of a record").decode(),
        "n": [1, True, None],
    }

    assert shown(event) == event


@pytest.mark.parametrize(
    "text",
    [
        f"the token is {JWT} here",
        f"Authorization: Bearer {SECRET.split()[0]}",
        "GET /v1?access_token=abcdef12&x=1",
        "postgresql://coderev:abcdef12@127.0.0.1/db",
        '{"level":"INFO","password":"abcdef12","n":1',
        "password = abcdef12",
        "Set-Cookie: session=abcdef12; HttpOnly",
        "AKIAIOSFODNN7EXAMPLE",
        "-----BEGIN RSA PRIVATE KEY-----\nabcdef12\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_credential_leaves_the_log(text: str) -> None:
    found = Redactor().text(text)

    assert HIDDEN in found
    assert not any(secret in found for secret in (JWT, "correct", "abcdef12", "AKIA"))


def test_ordinary_log_lines_are_untouched() -> None:
    for line in (
        "START RequestId: 9c1f7a4e-54b5-4f86-93f7-3a7b6bbf2f65 Version: $LATEST",
        '{"level":"INFO","message":"key in/box of bucket","tokens":12}'.replace('"tokens":12', '"count":12'),
        "GET /v1/projects?page=2 200",
    ):
        assert Redactor().text(line) == line


def test_a_known_value_is_hidden_wherever_it_stands() -> None:
    redactor = Redactor(["s3cr3t-of-the-store", "abc"])

    assert redactor.payload(b'{"note":"it is s3cr3t-of-the-store, abc"}') == {"note": "it is ***, abc"}
    assert redactor.text("s3cr3t-of-the-store") == HIDDEN


def test_what_others_know_of_is_hidden_too() -> None:
    assert Redactor(mask=lambda text: text.replace("resolved", HIDDEN)).document(["a resolved b"]) == ["a *** b"]


def test_a_payload_that_is_no_json_is_a_text() -> None:
    assert Redactor().payload(b"\xffpassword=abcdef12") == "�password=***"
    assert Redactor().payload(b"") is None


def test_a_document_without_end_is_cut() -> None:
    deep: list[object] = []
    for _ in range(500):
        deep = [deep]

    assert HIDDEN in json.dumps(shown(deep))


def test_an_edited_event_gets_back_what_was_hidden_from_its_editor() -> None:
    original = {
        "headers": {"Authorization": f"Bearer {JWT}", "Accept": "*/*"},
        "body": json.dumps({"password": SECRET, "name": "ada"}),
        "records": [{"token": "one"}, {"token": "two"}],
        "value": base64.b64encode(json.dumps({"secret": SECRET, "name": "ada"}).encode()).decode(),
    }
    edited = json.loads(json.dumps(shown(original)).replace("ada", "eve"))
    edited["value"] = base64.b64encode(base64.b64decode(edited["value"]).replace(b"ada", b"eve")).decode()
    edited["records"].append({"token": "three"})
    edited["new"] = HIDDEN

    found = restored(edited, shown(original), original)

    assert found["headers"] == original["headers"]
    assert json.loads(found["body"]) == {"password": SECRET, "name": "eve"}
    assert found["records"] == [{"token": "one"}, {"token": "two"}, {"token": "three"}]
    assert json.loads(base64.b64decode(found["value"])) == {"secret": SECRET, "name": "eve"}
    assert found["new"] == HIDDEN


def test_a_credential_that_was_replaced_stays_replaced() -> None:
    original = {"headers": {"Authorization": "Bearer of ada"}, "body": "plain", "kind": [1]}

    found = restored(
        {"headers": {"Authorization": "Bearer of eve"}, "body": "other", "kind": 3}, shown(original), original
    )

    assert found == {"headers": {"Authorization": "Bearer of eve"}, "body": "other", "kind": 3}


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "part", ["a.", "eyJ-", "token", "://a:", "password ", "bearer ", "-----BEGIN PRIVATE KEY-----"]
)
def test_a_line_made_to_be_slow_is_not(part: str) -> None:
    Redactor().text(part * (100_000 // len(part)))
