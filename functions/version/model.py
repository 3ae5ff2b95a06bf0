"""Experiments and their rules. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kernel.errors import Conflict


class ExperimentState(StrEnum):
    DRAFT = "draft"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Experiment:
    """A question about a prompt or a model, and the hypothesis it tests."""

    id: str
    org_id: str
    name: str
    hypothesis: str
    created_by: str
    created_at: datetime
    state: ExperimentState = ExperimentState.DRAFT
    revision: int = 1

    def archive(self) -> Experiment:
        """Return the archived experiment. Raises Conflict if it is archived already."""
        if self.state is ExperimentState.ARCHIVED:
            raise Conflict("already archived", experiment_id=self.id)
        return replace(self, state=ExperimentState.ARCHIVED, revision=self.revision + 1)


@dataclass(frozen=True, slots=True)
class ExperimentCreated:
    """Domain event: an experiment exists."""

    experiment: Experiment


@dataclass(frozen=True, slots=True)
class ExperimentArchived:
    """Domain event: an experiment is over."""

    experiment: Experiment
