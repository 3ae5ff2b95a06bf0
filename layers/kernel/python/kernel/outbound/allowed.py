"""What the operator of this installation allows."""

from __future__ import annotations

from kernel.outbound.reach import Reach
from kernel.settings import Settings


def reach_of(settings: Settings) -> Reach:
    """Plain http is for the stages local and test, and there for places that are allowed by name."""
    return Reach.of(settings.outbound_allow, plain=settings.stage != "prod")
