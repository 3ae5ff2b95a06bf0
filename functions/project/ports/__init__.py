"""What the use cases need from the outside."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from functions.project.ports.git import Git
from functions.project.ports.hooks import Deliveries, Postings, PostJobs, PostQueue, Web, Webhooks
from functions.project.ports.lifetimes import Erasing, Exports, Garbage, Members, Objects
from functions.project.ports.objects import Store
from functions.project.ports.repositories import Fetches, FetchQueue, HookDeliveries, PullRequests, Repositories
from functions.project.ports.rows import Arrivals, Blobs, Projects, Uploads, Versions
from functions.project.ports.settings import Lines, ProjectSettings
from functions.project.ports.tasks import Tasks, ToDo
from kernel.identity import Caller
from kernel.outbound import Reach
from kernel.ports import Permissions, SharedWork
from kernel.sealing import Seal

__all__ = ["Arrivals", "Blobs", "Deps", "Projects", "Store", "Uploads", "Versions", "Work"]


class Work(SharedWork, Protocol):
    """The shared work and this domain's repositories, in one transaction."""

    @property
    def projects(self) -> Projects: ...
    @property
    def blobs(self) -> Blobs: ...
    @property
    def uploads(self) -> Uploads: ...
    @property
    def versions(self) -> Versions: ...
    @property
    def members(self) -> Members: ...
    @property
    def objects(self) -> Objects: ...
    @property
    def exports(self) -> Exports: ...
    @property
    def garbage(self) -> Garbage: ...
    @property
    def erasing(self) -> Erasing: ...
    @property
    def todo(self) -> ToDo: ...
    @property
    def settings(self) -> ProjectSettings: ...
    @property
    def lines(self) -> Lines: ...
    @property
    def repositories(self) -> Repositories: ...
    @property
    def fetches(self) -> Fetches: ...
    @property
    def pull_requests(self) -> PullRequests: ...
    @property
    def hook_deliveries(self) -> HookDeliveries: ...
    @property
    def webhooks(self) -> Webhooks: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def postings(self) -> Postings: ...
    @property
    def posts(self) -> PostQueue: ...


@dataclass(frozen=True, slots=True)
class Deps:
    work: Callable[[Caller], AbstractContextManager[Work]]
    arrivals: Arrivals
    store: Store
    permissions: Permissions
    new_id: Callable[[], str]
    monotonic: Callable[[], float]
    ready: Callable[[], None]
    tasks: Tasks
    queue: FetchQueue
    git: Callable[[], Git]  # made where it is used: it loads the HTTP library
    seal: Seal
    reach: Reach
    jobs: PostJobs
    web: Callable[[], Web]  # like `git`
    nudge: Callable[[str], None]  # wakes a function of this installation by its name without the prefix
