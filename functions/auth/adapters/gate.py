"""What the authorizer asks, answered by Redis, else PostgreSQL, with the least to import.

It reads two tables in SQL of its own, because SQLAlchemy would double its cold start.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from functions.auth.adapters import epochs, jws
from functions.auth.adapters.resp import Resp
from functions.auth.adapters.sealing import Sealer
from functions.auth.model import keys
from functions.auth.model.claims import Claims
from functions.auth.model.keys import Key
from functions.auth.model.sessions import ENDED
from kernel.errors import Unavailable

PAUSE_S = 1.0  # between reads for headers that nobody knows, so that strangers cannot make us read at will
_BEGIN = (
    "SELECT set_config('role', 'coderev_auth', true), set_config('app.org', %s, true),"
    " set_config('statement_timeout', '2000', true)"
)
_KEYS = "SELECT kid, sealed, created_at, active_from FROM auth.signing_keys"
_EPOCH = "SELECT epoch FROM auth.sessions WHERE id = %s AND revoked_at IS NULL AND expires_at > now()"

Fetch = Callable[[str, str, Sequence[Any]], list[Any]]


@dataclass(slots=True)
class Postgres:
    """One connection for short reads as this domain's role."""

    url: str = field(repr=False)
    _connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def fetch(self, org_id: str, statement: str, parameters: Sequence[Any]) -> list[Any]:
        """Return all rows that the organisation may see. Raises Unavailable."""
        try:
            return self._fetch(org_id, statement, parameters)
        except psycopg.OperationalError:
            self.close()  # it was idle for long, or the server restarted: once more
        try:
            return self._fetch(org_id, statement, parameters)
        except psycopg.Error as down:
            self.close()
            raise Unavailable("database") from down

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _fetch(self, org_id: str, statement: str, parameters: Sequence[Any]) -> list[Any]:
        if self._connection is None:
            self._connection = psycopg.connect(self.url, connect_timeout=2, prepare_threshold=None)
        with self._connection.transaction():
            self._connection.execute(_BEGIN, (org_id,))
            return list(self._connection.execute(statement, parameters).fetchall())


@dataclass(slots=True)
class StoredGate:
    """`ports.Gate`."""

    fetch: Fetch
    redis: Resp
    sealer: Sealer
    clock: Callable[[], float] = time.monotonic
    _keys: Mapping[str, Ed25519PublicKey] = field(default_factory=dict)
    _read_at: float = float("-inf")

    def claims(self, token: str, now: float) -> Claims:
        age_s = self.clock() - self._read_at
        unknown = jws.header_of(token) not in self._keys
        if age_s > keys.RELOAD.total_seconds() or (unknown and age_s > PAUSE_S):
            self._keys = self._published(now)
            self._read_at = self.clock()
        return jws.verify(token, self._keys, now=now)

    def epoch(self, claims: Claims) -> int:
        try:
            known = epochs.read(self.redis, claims.session_id)
            if known is not None:
                return known
        except Unavailable:
            return self._stored(claims)
        epoch = self._stored(claims)
        with suppress(Unavailable):
            epochs.fill(self.redis, claims.session_id, epoch)
        return epoch

    def _stored(self, claims: Claims) -> int:
        rows = self.fetch(claims.org_id, _EPOCH, (claims.session_id,))
        return int(rows[0][0]) if rows else ENDED

    def _published(self, now: float) -> dict[str, Ed25519PublicKey]:
        opened = {}
        for row in self.fetch("", _KEYS, ()):
            key = Key(*row)
            private = self.sealer.open(key.kid, bytes(key.sealed))
            if private is not None:
                opened[key] = private.public_key()
        alive = keys.published(list(opened), datetime.fromtimestamp(now, UTC))
        return {jws.header(key.kid): opened[key] for key in alive}
