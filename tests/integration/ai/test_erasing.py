"""The reviews of a deleted project go, whatever is late or repeated."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from functions.ai.service import erasing
from kernel.events import Envelope
from kernel.identity import Caller
from kernel.ids import new_id
from tests.client import ORG, OTHER_ORG
from tests.integration.ai.conftest import PROJECT, envelope, place

TABLES = ("reviews", "comments", "completions", "unfinished")
OTHER_PROJECT = "01890000-0000-7000-8000-0000000000b2"


def erased(project: str = PROJECT, org: str = ORG) -> Envelope:
    event = envelope({"analysis_id": new_id(), "project_id": project, "org_id": org}, org)
    return event.model_copy(update={"type": "project.erased", "subject": project})


def rows(reviewing: Any) -> dict[str, int]:
    return {table: reviewing.rows(f"SELECT count(*) FROM ai.{table}")[0][0] for table in TABLES}


def erase(deps: Any, at_once: int) -> None:
    erasing.erase(deps, Caller.function(ORG), org_id=ORG, project_id=PROJECT, at_once=at_once)


def test_the_reviews_of_a_deleted_project_go_and_others_stay(reviewing):
    kept = reviewing.analysed(place(), project_id=OTHER_PROJECT)
    reviewing.deliver(kept)
    before = rows(reviewing)
    reviewing.deliver(*(reviewing.analysed(place()) for _ in range(5)))
    assert rows(reviewing)["reviews"] == 6

    erase(reviewing.deps, at_once=2)
    assert reviewing.deliver(erased(), erased()) == []

    assert rows(reviewing) == before
    assert reviewing.review_of(kept)["project_id"] == OTHER_PROJECT
    assert len(reviewing.rows("SELECT 1 FROM ai.audit WHERE action = 'ai.erase'")) == 1


def test_an_analysis_that_is_told_after_the_deletion_is_not_reviewed(reviewing):
    reviewing.deliver(erased())

    reviewing.deliver(reviewing.analysed(place()))

    assert rows(reviewing) == dict.fromkeys(TABLES, 0)


def test_a_review_that_is_being_written_leaves_nothing(reviewing):
    class Slow:
        def review(self, caller: Caller) -> Any:
            reviewing.deliver(erased())
            return reviewing.routes.review(caller)

    event = reviewing.analysed(place())
    reviewing.deliver(event, deps=replace(reviewing.deps, routes=Slow()))

    assert rows(reviewing) == dict.fromkeys(TABLES, 0)


def test_a_kill_between_two_batches_is_made_good_by_the_next_delivery(reviewing):
    reviewing.deliver(*(reviewing.analysed(place()) for _ in range(3)))
    left = iter((True, True))

    def dying(caller: Caller) -> Any:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return reviewing.deps.work(caller)

    with pytest.raises(KeyboardInterrupt):
        erase(replace(reviewing.deps, work=dying), at_once=1)
    assert rows(reviewing)["reviews"] == 2

    reviewing.deliver(erased())

    assert rows(reviewing) == dict.fromkeys(TABLES, 0)


def test_an_organisation_cannot_have_another_ones_reviews_erased(reviewing):
    reviewing.deliver(reviewing.analysed(place()))
    forged = erased().model_copy(update={"orgid": OTHER_ORG})

    reviewing.deliver(forged, erased(org=OTHER_ORG))

    assert rows(reviewing)["reviews"] == 1
    assert len(reviewing.graveyard.reasons) == 1
