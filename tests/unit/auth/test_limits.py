"""Counting of tries without Redis, and who is counted as one."""

from __future__ import annotations

from functions.auth.adapters import limits as adapter
from functions.auth.adapters.limits import LocalCounts
from functions.auth.model.limits import Limit, login_limits


def test_a_limit_is_free_again_after_its_window():
    now = [0.0]
    counts = LocalCounts(clock=lambda: now[0])
    limit = (Limit("k", most=2, window_s=10),)

    assert [counts.claim(limit) for _ in range(2)] == [0, 0]
    now[0] = 4.0
    assert counts.claim(limit) == 6
    now[0] = 10.0
    assert counts.claim(limit) == 0


def test_what_was_given_back_does_not_count():
    counts = LocalCounts(clock=lambda: 0.0)
    limit = (Limit("k", most=1),)

    for _ in range(3):
        assert counts.claim(limit) == 0
        counts.give_back(limit)
    counts.give_back(limit)

    assert counts.claim(limit) == 0
    assert counts.claim(limit) > 0


def test_a_try_that_one_limit_turns_away_counts_against_none():
    counts = LocalCounts(clock=lambda: 0.0)
    narrow, wide = Limit("narrow", most=1), Limit("wide", most=2)
    counts.claim((narrow, wide))
    for _ in range(5):
        counts.claim((narrow, wide))

    assert counts.claim((wide,)) == 0


def test_counters_stay_within_bounds(monkeypatch):
    monkeypatch.setattr(adapter, "MOST_COUNTERS", 10)
    counts = LocalCounts(clock=lambda: 0.0)
    for n in range(100):
        counts.claim((Limit(f"k{n}", most=1),))

    assert len(counts._counts) == 10


def test_a_subscriber_of_ipv6_is_one_source():
    one, two, other = (
        {limit.key for limit in login_limits("a@b.c", address)}
        for address in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1")
    )

    assert one == two
    assert one != other


def test_keys_do_not_show_addresses_of_people():
    assert not any("a@b.c" in limit.key for limit in login_limits("a@b.c", "not an address"))
