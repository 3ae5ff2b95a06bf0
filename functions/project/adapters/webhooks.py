"""Webhooks to the outside and their deliveries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from functions.project.adapters.rows import row_of
from functions.project.ports.hooks import DELIVERY
from functions.project.tables import post_queue, webhook_attempts, webhook_deliveries, webhooks
from functions.project.webhooks import MOST_WAITING, Attempt, Delivery, DeliveryState, Webhook
from kernel.errors import NotFound

KEEP = sa.text("now() - interval '30 days'")
FORGET_AT_ONCE = 200  # rows of one webhook, whenever it is told of something
MOST_SHOWN = 20  # attempts of a delivery


class SqlWebhooks:
    """`ports.Webhooks`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, webhook_id: str) -> Webhook:
        return self._one(sa.select(webhooks).where(webhooks.c.id == webhook_id))

    def lock(self, webhook_id: str) -> Webhook:
        return self._one(sa.select(webhooks).where(webhooks.c.id == webhook_id).with_for_update())

    def page(self, project_id: str, *, after: str | None, limit: int) -> list[Webhook]:
        query = sa.select(webhooks).where(webhooks.c.project_id == project_id)
        if after is not None:
            query = query.where(webhooks.c.id > after)
        return [_webhook(row) for row in self._connection.execute(query.order_by(webhooks.c.id).limit(limit))]

    def add(self, webhook: Webhook) -> None:
        self._connection.execute(sa.insert(webhooks).values(_row(webhook)))

    def save(self, webhook: Webhook) -> None:
        self._connection.execute(sa.update(webhooks).where(webhooks.c.id == webhook.id).values(_row(webhook)))

    def remove(self, webhook: Webhook) -> None:
        waiting = sa.select(webhook_deliveries.c.id).where(webhook_deliveries.c.webhook_id == webhook.id)
        self._connection.execute(sa.delete(post_queue).where(post_queue.c.id.in_(waiting)))
        self._connection.execute(sa.delete(webhooks).where(webhooks.c.id == webhook.id))

    def wanting(self, project_id: str, event: str) -> list[Webhook]:
        wants = webhooks.c.events.contains([event]), webhooks.c.enabled
        query = sa.select(webhooks).where(webhooks.c.project_id == project_id, *wants).order_by(webhooks.c.id)
        return [_webhook(row) for row in self._connection.execute(query)]

    def _one(self, query: sa.Select[Any]) -> Webhook:
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("no such webhook")
        return _webhook(row)


def _row(webhook: Webhook) -> dict[str, object]:
    return row_of(webhook, webhooks) | {"events": list(webhook.events)}


def _webhook(row: sa.Row[Any]) -> Webhook:
    fields = dict(row._mapping)
    return Webhook(**fields | {"events": tuple(fields["events"])})


class SqlDeliveries:
    """`ports.Deliveries`; those of a month ago are forgotten when new ones come."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def tell(self, delivery: Delivery, host: str) -> bool:
        self._forget(delivery.webhook_id)
        if self._waiting(delivery.webhook_id) >= MOST_WAITING:
            delivery = delivery.ended(DeliveryState.FAILED, delivery.created_at, "too_many_waiting")
        row = insert(webhook_deliveries).values(row_of(delivery, webhook_deliveries)).on_conflict_do_nothing()
        if self._connection.execute(row.returning(webhook_deliveries.c.id)).first() is None:
            return False
        if delivery.state is DeliveryState.WAITING:
            self._queue(delivery, host)
        return True

    def get(self, delivery_id: str) -> Delivery:
        return self._one(sa.select(webhook_deliveries).where(webhook_deliveries.c.id == delivery_id))

    def lock(self, delivery_id: str) -> Delivery:
        return self._one(sa.select(webhook_deliveries).where(webhook_deliveries.c.id == delivery_id).with_for_update())

    def save(self, delivery: Delivery) -> None:
        ended = {name: getattr(delivery, name) for name in ("state", "code", "ended_at")}
        mine = webhook_deliveries.c.id == delivery.id
        self._connection.execute(sa.update(webhook_deliveries).where(mine).values(ended))

    def again(self, delivery: Delivery, host: str) -> None:
        self.save(delivery)
        self._queue(delivery, host)

    def record(self, attempt: Attempt) -> None:
        self._connection.execute(sa.insert(webhook_attempts).values(row_of(attempt, webhook_attempts)))

    def page(self, webhook_id: str, *, after: str | None, limit: int) -> list[Delivery]:
        query = sa.select(webhook_deliveries).where(webhook_deliveries.c.webhook_id == webhook_id)
        if after is not None:
            query = query.where(webhook_deliveries.c.id < after)
        rows = self._connection.execute(query.order_by(webhook_deliveries.c.id.desc()).limit(limit))
        return [_delivery(row) for row in rows]

    def attempts(self, deliveries: Collection[str]) -> Mapping[str, Sequence[Attempt]]:
        newest = sa.func.row_number().over(
            partition_by=webhook_attempts.c.delivery_id, order_by=webhook_attempts.c.id.desc()
        )
        ranked = sa.select(webhook_attempts, newest.label("n")).where(webhook_attempts.c.delivery_id.in_(deliveries))
        some = ranked.subquery()
        columns = [some.c[column.name] for column in webhook_attempts.columns]
        query = sa.select(*columns).where(some.c.n <= MOST_SHOWN).order_by(some.c.id)
        found: dict[str, list[Attempt]] = defaultdict(list)
        for row in self._connection.execute(query):
            found[row.delivery_id].append(Attempt(**row._mapping))
        return found

    def _forget(self, webhook_id: str) -> None:
        old = (
            sa.select(webhook_deliveries.c.id)
            .where(webhook_deliveries.c.webhook_id == webhook_id, webhook_deliveries.c.created_at < KEEP)
            .where(webhook_deliveries.c.state != DeliveryState.WAITING)
            .limit(FORGET_AT_ONCE)
        )
        self._connection.execute(sa.delete(webhook_deliveries).where(webhook_deliveries.c.id.in_(old)))

    def _waiting(self, webhook_id: str) -> int:
        mine = webhook_deliveries.c.webhook_id == webhook_id, webhook_deliveries.c.state == DeliveryState.WAITING
        return self._connection.execute(sa.select(sa.func.count()).where(*mine)).scalar_one()

    def _queue(self, delivery: Delivery, host: str) -> None:
        job = {"id": delivery.id, "kind": DELIVERY, "org_id": delivery.org_id, "project_id": delivery.project_id}
        row = insert(post_queue).values(**job, host=host, run_at=sa.func.now())
        self._connection.execute(row.on_conflict_do_nothing())

    def _one(self, query: sa.Select[Any]) -> Delivery:
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("no such delivery")
        return _delivery(row)


def _delivery(row: sa.Row[Any]) -> Delivery:
    fields = dict(row._mapping)
    return Delivery(**fields | {"state": DeliveryState(fields["state"])})
