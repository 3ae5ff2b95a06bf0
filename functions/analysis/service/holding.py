"""Leases of work that takes longer than they last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from functions.analysis.ports import Deps, Work
from functions.analysis.repositories import Lease
from kernel.errors import Unavailable
from kernel.identity import Caller

_LOST = "another worker has taken over"


@dataclass(slots=True)
class Hold:
    """Renews the leases of long work when it is called; `renewed` is when that was last done, in seconds."""

    deps: Deps
    caller: Caller
    leases: Sequence[Lease]
    renewed: float

    def __call__(self) -> None:
        """Raises Unavailable if another worker has taken over."""
        if self.deps.elapsed() - self.renewed < self.deps.lease_s / 4:
            return
        with self.deps.work(self.caller) as work:
            held = [work.leases.extend(lease, self.deps.lease_s) for lease in self.leases]
        if not all(held):
            raise Unavailable(_LOST)
        self.renewed = self.deps.elapsed()

    def keep(self, work: Work) -> None:
        """Keep others from taking over until this unit of work ends; call it last.

        Raises:
            Unavailable: another worker has taken over, or does so at this moment.
        """
        if not all(work.leases.keep(lease) for lease in self.leases):
            raise Unavailable(_LOST)
