"""What counts as an address and a password, and how passwords are hashed."""

from __future__ import annotations

import statistics
import time

import pytest

from functions.auth.adapters.passwords import Argon2
from functions.auth.model.common import COMMON
from functions.auth.model.credentials import email_key, email_of, new_password, normalised
from kernel.errors import Invalid


def chosen(password: str) -> str:
    return new_password(password, email="ada@example.com", name="Ada Lovelace")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short77",
        "password123",
        "PassWord123",
        "ｐａｓｓｗｏｒｄ123",
        "aaaaaaaaaaaa",
        "abababababab",
        "ada@example.com",
        "Ada Lovelace",
        "adalovelace",
        "null\0null",
        "p" * 257,
        "\ufdfa" * 20,
        "q" * 10**6,
    ],
    ids=lambda password: password[:12],
)
def test_guessable_and_boundless_passwords_are_refused(password):
    with pytest.raises(Invalid):
        chosen(password)


@pytest.mark.parametrize(
    "password", ["engines weave", "x7$kQm2!", "ä" * 4 + "bcde", "a sentence " * 20, "0123456789abcdef" * 16]
)
def test_long_enough_passwords_need_no_kinds_of_letters(password):
    assert chosen(password) == password


def test_twins_of_unicode_are_one_password():
    assert normalised("A\u030a ﬁ") == normalised("Å fi")


def test_the_list_of_common_passwords_holds_only_what_can_be_chosen():
    assert len(COMMON) > 500
    assert all(len(password) >= 8 and password == password.casefold() for password in COMMON)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ada@example.com", "ada@example.com"),
        (" Ada@EXAMPLE.com ", "ada@example.com"),
        ("ａｄａ@example.com", "ada@example.com"),
        ("ada@localhost", "ada@localhost"),
        ("o'hara+x@a-b.example", "o'hara+x@a-b.example"),
    ],
)
def test_addresses_have_one_spelling(text, address):
    assert email_of(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "a@b@c",
        "a b@example.com",
        "a\nb@example.com",
        "ada@example.com\0",
        "аda@example.com",
        "ada@exаmple.com",
        "a@-b.c",
        "a@b-.c",
        "a@b..c",
        "a" * 65 + "@b.c",
        "a@" + "b" * 260,
        "\ufdfa" * 200 + "@b.c",
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(Invalid):
        email_of(text)


def test_mailboxes_that_ignore_dots_have_one_key():
    assert {email_key(a) for a in ("ada@gmail.com", "a.da+x@gmail.com", "A.d.a@googlemail.com".lower())} == {
        "ada@gmail.com"
    }
    assert email_key("a.da@example.com") == "a.da@example.com"


def test_hashes_are_argon2id_with_our_parameters():
    passwords = Argon2()
    hashed = passwords.hash("engines weave algebra")

    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.fits(hashed, "engines weave algebra")
    assert not passwords.fits(hashed, "engines weave algebra ")
    assert not passwords.fits("not a hash", "engines weave algebra")
    assert not passwords.outdated(hashed)
    assert Argon2(memory_kib=64, passes=1).outdated(hashed)


def test_a_refusal_takes_as_long_for_an_unknown_account():
    passwords = Argon2()
    hashed = passwords.hash("engines weave algebra")
    passwords.fits(None, "so that the dummy is made")

    def took(password_hash: str | None) -> float:
        started = time.process_time()
        passwords.fits(password_hash, "wrong password")
        return time.process_time() - started

    known, unknown = (statistics.median(took(given) for _ in range(9)) for given in (hashed, None))

    assert unknown == pytest.approx(known, rel=0.4)
