"""Long lists of findings: pages, artifacts and merges keep their bounds, whatever the store knows of its own sizes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from functions.analysis.configuration import Configuration
from functions.analysis.lifecycle import Analysis
from functions.analysis.repositories import Lease
from functions.analysis.results import Listing
from functions.analysis.service.holding import Hold
from functions.analysis.service.tracking import track
from kernel.errors import Unavailable
from kernel.ids import new_id
from tests.client import ORG
from tests.integration.analysis.ledger import Ledger

LONG = {f"src/part{n}.py": "\n".join(f"bad({n}{line})" for line in range(300)) for n in range(10)}
FLAT = {f"src/part{n}.py": f"bad({n})\n" for n in range(400)}


@pytest.fixture
def ledger(house):
    return Ledger(house.deps, ORG)


def _dismissed(house, every: int) -> set[str]:
    rows = house.sql(
        "UPDATE analysis.problems SET state = 'dismissed', reason = 'accepted', comment = '', dismissed_at = now()"
        " WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM analysis.problems)"
        " AS listed WHERE number % :every = 0) RETURNING id",
        every=every,
    )
    return {str(row.id) for row in rows}


def _all(ledger: Ledger, analysis: Analysis, **filters: object) -> list[str]:
    """Ids in the order of the pages, 170 at a time."""
    listing, ids = Listing(limit=170, **filters), []
    with ledger.deps.work(ledger.caller) as work:
        while page := work.findings.page(analysis, listing):
            ids += [one.id(ledger.project) for one in page]
            listing = replace(listing, after=(page[-1].rank, page[-1].seq, page[-1].n))
    return ids


@pytest.mark.parametrize("version", [LONG, FLAT], ids=["long-files", "many-files"])
def test_pages_show_every_finding_once_under_every_filter(house, ledger, version):
    analysis = ledger.publish(version)
    everything = _all(ledger, analysis)
    dismissed = _dismissed(house, 7)

    assert len(set(everything)) == len(everything) == sum(analysis.findings_by_severity.values())
    assert _all(ledger, analysis, state="dismissed") == [id_ for id_ in everything if id_ in dismissed]
    assert _all(ledger, analysis, state="open") == [id_ for id_ in everything if id_ not in dismissed]
    assert _all(ledger, analysis, new=True) == _all(ledger, analysis, state="open")
    assert _all(ledger, analysis, new=False) == _all(ledger, analysis, state="dismissed")
    assert _all(ledger, analysis, rule="test/0", severities=("low", "high")) == everything
    assert _all(ledger, analysis, severities=("high",)) == []


def test_filters_by_novelty_are_against_the_baseline_and_know_dismissals(house, ledger):
    before = ledger.publish(LONG)
    also = {**LONG, "src/part3.py": LONG["src/part3.py"] + "\nbad('more')" * 40, "src/z.py": "bad()\n" * 20}
    analysis = ledger.publish(also, parent_version_id=before.version_id)
    old = set(_all(ledger, before))
    dismissed = _dismissed(house, 5)
    everything = _all(ledger, analysis)

    new = [id_ for id_ in everything if id_ not in old | dismissed]
    assert 0 < len(new) < 60
    assert _all(ledger, analysis, new=True) == new
    assert _all(ledger, analysis, new=False) == [id_ for id_ in everything if id_ not in new]
    assert _all(ledger, analysis, new=False, state="open") == [
        id_ for id_ in everything if id_ in old and id_ not in dismissed
    ]
    with ledger.deps.work(ledger.caller) as work:
        counts = work.findings.counts(analysis)
    assert (sum(counts.new.values()), counts.dismissed) == (len(new), len(dismissed & set(everything)))


def _leased(ledger: Ledger, analysis: Analysis) -> Lease:
    with ledger.deps.work(ledger.caller) as work:
        work.leases.offer(analysis.id, "merge", [analysis.id])
        taken = work.leases.take(analysis.id, holder=new_id(), seconds=1)
    assert taken is not None
    return taken


def test_tracking_that_takes_long_renews_its_lease(house, ledger):
    analysis = ledger.add(FLAT)
    clock = iter(range(0, 10_000, 60))
    deps = replace(house.deps, elapsed=lambda: next(clock))
    hold = Hold(deps, ledger.caller, [_leased(ledger, analysis)], 0)

    assert track(deps, ledger.caller, analysis, Configuration(), hold).tracked
    assert house.sql("SELECT until > now() + interval '30 seconds' FROM analysis.leases") == [(True,)]


@pytest.mark.parametrize("every", [0, 60], ids=["noticed-at-the-end", "noticed-between-steps"])
def test_tracking_that_lost_its_lease_stores_nothing(house, ledger, every):
    analysis = ledger.add(FLAT)
    clock = iter(range(0, 10_000, every)) if every else iter([0] * 100)
    deps = replace(house.deps, elapsed=lambda: next(clock))
    hold = Hold(deps, ledger.caller, [_leased(ledger, analysis)], 0)
    house.sql("UPDATE analysis.leases SET holder = gen_random_uuid()")

    with pytest.raises(Unavailable, match="taken over"):
        track(deps, ledger.caller, analysis, Configuration(), hold)

    assert house.sql("SELECT count(*) FROM analysis.problems") == [(0,)]
    assert track(house.deps, ledger.caller, analysis, Configuration(), replace(hold, leases=())).tracked
