"""Repositories, what hosts told of them, and their pull requests."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from functions.project.adapters.rows import row_of
from functions.project.ports.repositories import HookDelivery
from functions.project.repositories import Filters, HostKind, PullRequest, Repository
from functions.project.tables import fetch_queue, fetches, hook_deliveries, hooks, pull_requests, repositories
from kernel.errors import NotFound, Stale

KEEP_DELIVERIES = sa.text("now() - interval '90 days'")


class SqlRepositories:
    """`ports.Repositories`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def find(self, project_id: str) -> Repository | None:
        query = sa.select(repositories).where(repositories.c.project_id == project_id)
        row = self._connection.execute(query).one_or_none()
        return _repository(row) if row is not None else None

    def get(self, project_id: str) -> Repository:
        found = self.find(project_id)
        if found is None:
            raise NotFound("the project has no repository")
        return found

    def put(self, repository: Repository) -> None:
        row = row_of(repository, repositories) | {"filters": asdict(repository.filters)}
        stored = insert(repositories).values(row)
        changed = stored.on_conflict_do_update(
            index_elements=[repositories.c.org_id, repositories.c.project_id],
            set_={name: stored.excluded[name] for name in row if name not in _FIXED},
            where=repositories.c.revision == repository.revision - 1,
        )
        if self._connection.execute(changed.returning(repositories.c.revision)).first() is None:
            raise Stale("the repository has changed", project_id=repository.project_id)
        hook = {"id": repository.hook_id, "org_id": repository.org_id, "project_id": repository.project_id}
        self._connection.execute(insert(hooks).values(hook).on_conflict_do_nothing())

    def remove(self, project_id: str) -> None:
        self._connection.execute(sa.delete(hooks).where(hooks.c.id == self.get(project_id).hook_id))
        for table in (fetch_queue, repositories):
            self._connection.execute(sa.delete(table).where(table.c.project_id == project_id))
        ended = {"state": "failed", "code": "repository_removed", "detail": "the repository was removed"}
        now = {"ended_at": sa.func.now()}
        waiting = fetches.c.project_id == project_id, fetches.c.state.in_(("queued", "running"))
        self._connection.execute(sa.update(fetches).where(*waiting).values(ended | now))


_FIXED = ("org_id", "project_id", "hook_id", "created_by", "created_at")


def _repository(row: sa.Row[Any]) -> Repository:
    fields = dict(row._mapping)
    said: dict[str, Any] = fields["filters"]
    said = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    return Repository(**fields | {"kind": HostKind(fields["kind"]), "filters": Filters(**said)})


class SqlPullRequests:
    """`ports.PullRequests`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def find(self, project_id: str, number: int) -> PullRequest | None:
        one = pull_requests.c.project_id == project_id, pull_requests.c.number == number
        return self._one(sa.select(pull_requests).where(*one).with_for_update())

    def put(self, pull: PullRequest) -> None:
        row = row_of(pull, pull_requests) | {"labels": list(pull.labels)}
        stored = insert(pull_requests).values(row)
        key = [pull_requests.c.org_id, pull_requests.c.project_id, pull_requests.c.number]
        again = {name: stored.excluded[name] for name in row if name not in ("org_id", "project_id", "number")}
        self._connection.execute(stored.on_conflict_do_update(index_elements=key, set_=again))

    def of_version(self, version_id: str) -> PullRequest | None:
        mine = sa.select(pull_requests).where(pull_requests.c.version_id == version_id)
        return self._one(mine.order_by(pull_requests.c.number.desc()).limit(1))

    def page(self, project_id: str, *, before: int | None, limit: int, state: str | None) -> list[PullRequest]:
        query = sa.select(pull_requests).where(pull_requests.c.project_id == project_id)
        if before is not None:
            query = query.where(pull_requests.c.number < before)
        if state is not None:
            query = query.where(pull_requests.c.state == state)
        rows = self._connection.execute(query.order_by(pull_requests.c.number.desc()).limit(limit))
        return [_pull(row) for row in rows]

    def _one(self, query: sa.Select[Any]) -> PullRequest | None:
        row = self._connection.execute(query).one_or_none()
        return _pull(row) if row is not None else None


def _pull(row: sa.Row[Any]) -> PullRequest:
    fields = dict(row._mapping)
    return PullRequest(**fields | {"labels": tuple(fields["labels"])})


class SqlHookDeliveries:
    """`ports.HookDeliveries`; those of three months ago are forgotten when new ones come."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def first(self, delivery: HookDelivery) -> bool:
        old = hook_deliveries.c.project_id == delivery.project_id, hook_deliveries.c.received_at < KEEP_DELIVERIES
        self._connection.execute(sa.delete(hook_deliveries).where(*old))
        row = insert(hook_deliveries).values(row_of(delivery, hook_deliveries)).on_conflict_do_nothing()
        return self._connection.execute(row.returning(hook_deliveries.c.id)).first() is not None

    def end(self, delivery: HookDelivery) -> None:
        names = ("state", "reason", "number", "fetch_id", "event", "action")
        ended = {name: getattr(delivery, name) for name in names}
        self._connection.execute(sa.update(hook_deliveries).where(hook_deliveries.c.id == delivery.id).values(ended))

    def page(self, project_id: str, *, after: str | None, limit: int) -> list[HookDelivery]:
        query = sa.select(hook_deliveries).where(hook_deliveries.c.project_id == project_id)
        if after is not None:
            query = query.where(hook_deliveries.c.id < after)
        rows = self._connection.execute(query.order_by(hook_deliveries.c.id.desc()).limit(limit))
        return [HookDelivery(**row._mapping) for row in rows]
