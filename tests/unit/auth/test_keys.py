"""When keys sign, are published, and are due; and that no secret means no key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from functions.auth.adapters.secrets import DerivedSecrets
from functions.auth.model import keys
from functions.auth.model.keys import Key
from functions.auth.model.people import UserRegistered
from kernel.errors import Unavailable

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ORG = "01890000-0000-7000-8000-00000000000a"


def key(kid: str, active_from: datetime) -> Key:
    return Key(kid, b"", active_from, active_from)


def test_the_first_key_is_due_at_once():
    assert keys.active([], NOW) is None
    assert keys.due([], NOW) == NOW


def test_a_successor_is_announced_before_it_signs():
    old = key("old", NOW - keys.KEY_LIFE)
    new = key("new", NOW + keys.NOTICE)

    assert keys.due([old], NOW) == NOW + keys.NOTICE
    assert keys.due([old, new], NOW) is None
    assert keys.active([new, old], NOW) == old
    assert keys.active([new, old], NOW + keys.NOTICE) == new
    assert keys.NOTICE > keys.RELOAD


def test_an_old_key_is_published_until_its_last_token_is_over():
    old, new = key("old", NOW - timedelta(days=40)), key("new", NOW)

    assert keys.published([old, new], NOW + keys.KEEP - timedelta(seconds=1)) == [old, new]
    assert keys.published([old, new], NOW + keys.KEEP) == [new]


@pytest.mark.parametrize("use", [lambda s: s.successor("crr_x"), lambda s: s.invitation(ORG, ORG)])
def test_without_a_secret_there_are_no_tokens(use):
    with pytest.raises(Unavailable):
        use(DerivedSecrets(""))


def test_successors_depend_on_the_token_and_on_the_secret():
    ours, others = DerivedSecrets("a" * 32), DerivedSecrets("b" * 32)
    token = ours.first_token(ORG)

    assert ours.successor(token) == ours.successor(token) != others.successor(token)
    assert ours.organisation(ours.successor(token)) == ORG
    assert ours.successor(ours.first_token(ORG)) != ours.successor(token)


def test_an_empty_secret_equals_nothing():
    assert not DerivedSecrets("x").same("", "")


def test_only_events_of_this_domain_have_messages():
    from functions.auth.messages import encode

    with pytest.raises(TypeError):
        encode(UserRegistered)
