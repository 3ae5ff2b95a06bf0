"""Secrets at rest."""

from __future__ import annotations

import pytest

from kernel.errors import Conflict, Unavailable
from kernel.sealing import Seal

SECRET = "a-secret-of-at-least-32-bytes-0000000001"


def test_a_sealed_secret_opens_only_for_its_own_object():
    seal = Seal(SECRET, "repositories/v1")
    sealed = seal.close("ghp_token", "org", "repository")

    assert seal.open(sealed, "org", "repository") == "ghp_token"
    for about in (("org", "other"), ("other", "repository"), ()):
        with pytest.raises(Conflict) as refused:
            seal.open(sealed, *about)
        assert refused.value.code == "secret_unreadable"


def test_a_secret_of_one_purpose_does_not_open_for_another():
    sealed = Seal(SECRET, "repositories/v1").close("token", "o")

    with pytest.raises(Conflict):
        Seal(SECRET, "webhooks/v1").open(sealed, "o")
    with pytest.raises(Conflict):
        Seal(SECRET + "x", "repositories/v1").open(sealed, "o")


@pytest.mark.parametrize("change", [lambda s: s[:-1] + bytes([s[-1] ^ 1]), lambda s: b"\x02" + s[1:], lambda s: b""])
def test_an_altered_secret_does_not_open(change):
    seal = Seal(SECRET, "p")

    with pytest.raises(Conflict):
        seal.open(change(seal.close("token", "o")), "o")


def test_the_same_secret_is_sealed_differently_each_time():
    seal = Seal(SECRET, "p")

    assert seal.close("token", "o") != seal.close("token", "o")
    assert b"token" not in seal.close("token", "o")


def test_without_a_key_nothing_is_sealed():
    with pytest.raises(Unavailable):
        Seal("", "p").close("token", "o")
