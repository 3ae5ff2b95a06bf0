"""Deleting a project with everything it owns.

It vanishes in the transaction of the request, which also announces it to the other domains. Its rows and objects go
afterwards in bounded batches, each a transaction: a batch that was cut off is done again. What content its versions
had is nobody's then and goes with the next collections, unless other projects have the same.
"""

from __future__ import annotations

from functions.project.lifecycle import ProjectDeleted
from functions.project.limits import ERASE_BATCH, LEASE_S, LONGEST_SWEEP_S
from functions.project.ports import Deps, Work
from functions.project.ports.tasks import COLLECT, ERASE, Task
from kernel.identity import Caller


def delete_project(work: Work, *, project_id: str) -> None:
    """Raises NotFound."""
    project = work.projects.lock(project_id)
    work.projects.save(project.deleted(work.now))
    work.todo.offer(ERASE, project.id)
    work.events.add(ProjectDeleted(project.id, project.org_id, work.caller.user_id, work.now))
    work.audit.add("project.delete", project.id, name=project.name)


def sweep(deps: Deps) -> int:
    """Erase deleted projects; return how many were begun. Raises Unavailable."""
    deadline, done = deps.monotonic() + LONGEST_SWEEP_S, 0
    while deps.monotonic() < deadline and (task := deps.tasks.claim(ERASE, lease_s=LEASE_S)):
        erase(deps, task, deadline=deadline)
        done += 1
    return done


def erase(deps: Deps, task: Task, *, deadline: float) -> None:
    """Erase a deleted project as far as time allows; the rest is done when the task's lease is over."""
    caller = Caller.function(task.org_id)
    while deps.monotonic() < deadline:
        with deps.work(caller) as work:
            erased = work.erasing.some(task.subject, limit=ERASE_BATCH)
            if not erased.rows and not erased.wait_s:
                work.todo.end(ERASE, task.subject)
                work.todo.offer(COLLECT, "")
                work.audit.add("project.erase", task.subject)
                return
        for key in erased.keys:
            deps.store.delete(key)
        if erased.wait_s:
            return deps.tasks.postpone(task, seconds=erased.wait_s)
    deps.tasks.postpone(task, seconds=0)
