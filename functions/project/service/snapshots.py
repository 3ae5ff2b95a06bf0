"""Commits that came from a host as versions of a project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from functions.project.model import Tree, Version
from functions.project.packs import Packer
from functions.project.ports import Deps, Work
from functions.project.ports.git import Commit, Received, Snapshot
from functions.project.repositories import Fetch, PullRequest
from functions.project.service.intake import store_packs
from functions.project.service.keeping import keep_history
from functions.project.service.publishing import Published, Wanted, publish
from kernel.identity import Caller

R = TypeVar("R")
Conclude = Callable[[Work, Fetch, Callable[[], Published]], R]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a commit lies.

    `base` is the version that it is compared with, its parent then. `follows`: it comes after what was published of
    its branch. `any_will_do`: a version of this commit from wherever it lies is as good, unless the main line is to
    move.
    """

    branch: str | None
    main: bool
    base: str | None = None
    follows: bool = True
    any_will_do: bool = True


def of_head(received: Received, default_branch: str, pull: PullRequest | None, base: str | None) -> Place:
    """Only the tip that the default branch has now moves the main line: events come late and out of order."""
    chosen = received.chosen
    if pull is not None:
        return Place(pull.branch(default_branch), main=False, base=base, any_will_do=False)
    main = chosen.branch == default_branch and received.head.sha == chosen.main
    return Place(chosen.branch, main=main, follows=chosen.branch is not None)


def of_base(received: Received, base: Commit, default_branch: str, pull: PullRequest) -> Place:
    chosen = received.chosen
    main = pull.base_ref == default_branch and base.sha == chosen.main
    return Place(pull.base_ref, main=main, follows=base.sha == chosen.target)


def publish_commit(
    deps: Deps,
    caller: Caller,
    fetch: Fetch,
    received: Received,
    commit: Commit,
    place: Place,
    conclude: Conclude[R],
    folder: Path,
) -> R:
    """Publish a commit and return what `conclude` makes of it, in the transaction that commits the version.

    A commit that was published is not published again: its version is what `conclude` gets.

    Raises: as `publishing.publish`, and Invalid or TooLarge if the tree cannot be a version.
    """
    taken = _packed(deps, caller, received, commit, folder / commit.sha)
    noted = fetch.noting(tuple(taken.notes), taken.notes.total)
    existing, parent = _known(deps, caller, fetch.project_id, commit, Tree.of(taken.files), place)
    if existing is not None:
        with deps.work(caller) as work:
            return conclude(work, noted, lambda: Published(existing, is_new=False))
    wanted = Wanted(
        project_id=fetch.project_id,
        files=taken.files,
        by=fetch.requested_by,
        parent_id=parent,
        commit=commit.sha,
        branch=place.branch,
        main=place.main,
        author=commit.author[:LONGEST_AUTHOR],
        message=commit.message[:LONGEST_MESSAGE],
        history=keep_history(deps, caller, received.history(commit)),
        baseline_version_id=place.base,
    )
    return publish(deps, caller, wanted, lambda work, made: conclude(work, noted, made))


LONGEST_AUTHOR, LONGEST_MESSAGE = 200, 2_000  # characters


def _packed(deps: Deps, caller: Caller, received: Received, commit: Commit, folder: Path) -> Snapshot:
    folder.mkdir(exist_ok=True)
    packer = Packer(folder)
    try:
        taken = received.snapshot(commit, packer)
        store_packs(deps, caller, packer.finish())
    finally:
        packer.abandon()
    for pack in folder.iterdir():
        pack.unlink()
    return taken


def _known(
    deps: Deps, caller: Caller, project_id: str, commit: Commit, tree: Tree, place: Place
) -> tuple[Version | None, str | None]:
    """The version that this commit is already, if it will do; else the parent that a new one gets."""
    with deps.work(caller) as work:
        found = work.fetches.of_commit(project_id, commit.sha, tree.sha256)
        if found is not None and place.any_will_do and (found.main or not place.main):
            return found, None
        if place.base is not None or not place.follows:
            return None, place.base
        before = work.lines.newest_main(project_id) if place.main else work.lines.newest_on(project_id, place.branch)
    return None, before.id if before is not None else None
