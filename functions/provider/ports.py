"""What the use cases need from the outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from functions.provider.endpoints import Reach
from functions.provider.model import Provider, Route
from kernel.identity import Caller
from kernel.ports import Permissions, SharedWork


class Providers(Protocol):
    def get(self, provider_id: str) -> Provider:
        """Raises NotFound."""
        ...

    def page(self, *, after: str | None, limit: int) -> list[Provider]:
        """Up to `limit` providers, oldest first, beginning behind the id `after`."""
        ...

    def default(self) -> Provider | None:
        """The organisation's default, if it has one."""
        ...

    def demote_default(self) -> None:
        """Take the title from the present default; the provider stays."""
        ...

    def add(self, provider: Provider) -> None:
        """Raises Conflict if the name is taken, or another default was stored at the same moment."""
        ...


class Work(SharedWork, Protocol):
    """The shared work and this domain's repositories, in one transaction."""

    @property
    def providers(self) -> Providers: ...


class Names(Protocol):
    def addresses(self, host: str, port: int) -> Sequence[str]:
        """The IP addresses that `host` has now; an IP address has itself.

        Raises:
            NotFound: there is no such name.
            Unavailable: nobody could tell in time.
        """
        ...


class Seal(Protocol):
    """Keeps keys so that the database alone does not give them away."""

    def close(self, key: str, *, org_id: str, provider_id: str) -> bytes: ...

    def open(self, sealed: bytes, *, org_id: str, provider_id: str) -> str:
        """Raises Conflict (`key_unreadable`) if it was sealed elsewhere, for another row, or altered."""
        ...


@dataclass(frozen=True, slots=True)
class Deps:
    work: Callable[[Caller], AbstractContextManager[Work]]
    permissions: Permissions
    new_id: Callable[[], str]
    ready: Callable[[], None]
    names: Names
    seal: Seal
    reach: Reach
    fallback: Route | None
    """The route of organisations without a provider of their own: the operator's, or the embedded model."""
