"""What waits to be told to the outside, one after the other; as many of these run as there is to tell at once."""

from __future__ import annotations

from functions.project.ports import Deps
from functions.project.ports.hooks import DELIVERY, PostJob
from functions.project.service import delivering, posting
from functions.project.service.reacting import FUNCTION
from kernel.errors import NotFound

BEGIN_S = 60.0  # of a run: what begins until then ends within the function's 300 s


def run(deps: Deps) -> dict[str, str]:
    """Do what waits until nothing may begin; the state of each posting and delivery by its id.

    A run that finds work wakes another one, so that a host that is slow delays nobody but itself.
    """
    end = deps.monotonic() + BEGIN_S
    done: dict[str, str] = {}
    while deps.monotonic() < end:
        job = deps.jobs.claim(deps.new_id())
        if job is None:
            break
        if not done:
            deps.nudge(FUNCTION)
        done[job.id] = execute(deps, job)
    return done


def execute(deps: Deps, job: PostJob) -> str:
    """Work on one job; the state that it then has, `lost` or `gone`."""
    try:
        return delivering.attempt(deps, job) if job.kind == DELIVERY else posting.attempt(deps, job)
    except NotFound:
        deps.jobs.forget(job)
        return "gone"
