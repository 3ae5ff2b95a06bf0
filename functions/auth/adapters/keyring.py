"""The signing keys of the installation, made when the first token is needed and replaced every month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from functions.auth.adapters import jws
from functions.auth.adapters.sealing import Sealer
from functions.auth.model import keys
from functions.auth.model.claims import Claims
from functions.auth.model.keys import Key
from functions.auth.tables import signing_keys
from kernel.errors import Unavailable
from kernel.identity import Caller
from kernel.work import Database

_MAKING = 0x6B657973  # "keys": the lock that makers of keys queue for


def _utc_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the clock of this process, passed in everywhere else


@dataclass(slots=True)
class Keyring:
    """`ports.Tokens`; reads the table every few minutes, and before that only if no key is known."""

    database: Database
    sealer: Sealer
    new_id: Callable[[], str]
    clock: Callable[[], datetime] = _utc_now
    _known: dict[str, tuple[Key, Ed25519PrivateKey]] = field(default_factory=dict, repr=False)
    _read_at: datetime | None = None

    def issue(self, claims: Claims) -> str:
        key = keys.active(self._current(), self.clock())
        if key is None:
            raise Unavailable("no signing key")
        return jws.sign(claims, kid=key.kid, key=self._known[key.kid][1])

    def published(self) -> list[dict[str, str]]:
        alive = keys.published(self._current(), self.clock())
        return [jws.public_jwk(key.kid, self._known[key.kid][1].public_key()) for key in alive]

    def _current(self) -> list[Key]:
        now = self.clock()
        if self._read_at is None or now - self._read_at > keys.RELOAD:
            self._known = self._read(now)
            self._read_at = now
        return [key for key, _ in self._known.values()]

    def _read(self, now: datetime) -> dict[str, tuple[Key, Ed25519PrivateKey]]:
        with self.database.transaction(Caller.nobody()) as tx:
            found = self._opened(tx.connection)
            if keys.due([key for key, _ in found.values()], now) is None:
                return found
            tx.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKING)))
            found = self._opened(tx.connection)  # somebody may have been quicker
            active_from = keys.due([key for key, _ in found.values()], now)
            return found if active_from is None else found | self._make(tx.connection, active_from, now)

    def _opened(self, connection: sa.Connection) -> dict[str, tuple[Key, Ed25519PrivateKey]]:
        rows = [Key(**row._mapping) for row in connection.execute(sa.select(signing_keys))]
        opened = {key.kid: (key, self.sealer.open(key.kid, key.sealed)) for key in rows}
        return {kid: (key, private) for kid, (key, private) in opened.items() if private is not None}

    def _make(
        self, connection: sa.Connection, active_from: datetime, now: datetime
    ) -> dict[str, tuple[Key, Ed25519PrivateKey]]:
        kid, private = self.new_id(), Ed25519PrivateKey.generate()
        key = Key(kid, self.sealer.seal(kid, private), now, active_from)
        values = {column.name: getattr(key, column.name) for column in signing_keys.columns}
        connection.execute(sa.insert(signing_keys).values(values))
        return {kid: (key, private)}
