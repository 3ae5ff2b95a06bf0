"""Use cases: one function each, in the order a user meets them."""

from __future__ import annotations

from functions.version.model import Experiment, ExperimentArchived, ExperimentCreated
from functions.version.ports import Work
from kernel.errors import Stale


def create(work: Work, *, id: str, name: str, hypothesis: str) -> Experiment:
    experiment = Experiment(
        id=id,
        org_id=work.caller.organisation,
        name=name,
        hypothesis=hypothesis,
        created_by=work.caller.user_id,
        created_at=work.now,
    )
    work.experiments.add(experiment)
    work.events.add(ExperimentCreated(experiment))
    work.audit.add("version.create", id, name=name)
    return experiment


def archive(work: Work, *, experiment_id: str, revision: int | None) -> Experiment:
    """Raises Stale if `revision` is given and not the present one."""
    found = work.experiments.get(experiment_id)
    if revision is not None and revision != found.revision:
        raise Stale("the experiment has changed", revision=found.revision)
    archived = found.archive()
    work.experiments.save(archived)
    work.events.add(ExperimentArchived(archived))
    work.audit.add("version.archive", experiment_id)
    return archived
