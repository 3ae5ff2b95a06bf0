"""`ports.git.Git`: fetches over HTTPS into a folder and reads what came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from functions.project.fetching.bounds import DEPTH, FETCH_S, MOST_RECEIVED
from functions.project.fetching.choosing import Asked, Chosen
from functions.project.fetching.contents import Contents, Made, opened
from functions.project.fetching.history import history
from functions.project.fetching.remote import receive
from functions.project.fetching.trees import snapshot
from functions.project.packs import Packer
from functions.project.ports.git import Commit, Received, Remote, Snapshot
from kernel.errors import Invalid, TooLarge
from kernel.outbound.client import Limits, Outbound
from kernel.outbound.network import too_slow


@dataclass(frozen=True, slots=True)
class OutboundGit:
    """`most_s` and `most_bytes` bound what one fetch takes from its host."""

    outbound: Outbound
    clock: Callable[[], float]
    most_s: float = FETCH_S
    most_bytes: int = MOST_RECEIVED

    @contextmanager
    def fetch(self, remote: Remote, asked: Asked, folder: Path) -> Iterator[Received]:
        end = self.clock() + self.most_s
        pack = folder / "received.pack"
        chosen = self._receive(remote, asked, pack, end)
        with opened(pack, lambda: self._check(end)) as contents:
            yield Checkout.of(contents, chosen)

    def _receive(self, remote: Remote, asked: Asked, pack: Path, end: float) -> Chosen:
        """With its recent history, or, where that is too large, without."""
        try:
            return self._once(remote, asked, pack, DEPTH, end)
        except TooLarge:
            return self._once(remote, asked, pack, 1, end)

    def _once(self, remote: Remote, asked: Asked, pack: Path, depth: int, end: float) -> Chosen:
        limits = Limits(self.most_bytes, max(end - self.clock(), 0.001))
        with self.outbound.session(limits) as session:
            return receive(session, remote, asked, pack, depth)

    def _check(self, end: float) -> None:
        if self.clock() > end:
            raise too_slow()


@dataclass(frozen=True, slots=True)
class Checkout:
    """`ports.git.Received`."""

    contents: Contents
    chosen: Chosen
    head: Commit
    base: Commit | None

    @classmethod
    def of(cls, contents: Contents, chosen: Chosen) -> Checkout:
        """Raises Invalid if a commit that was asked for did not come."""
        head = _of(_sent(contents, chosen.head))
        if chosen.target is None:
            return cls(contents, chosen, head, None)
        target = _sent(contents, chosen.target).sha
        return cls(contents, chosen, head, _of(_sent(contents, contents.merge_base(head.sha, target) or target)))

    def snapshot(self, commit: Commit, packer: Packer) -> Snapshot:
        return snapshot(self.contents, _sent(self.contents, commit.sha).tree, packer)

    def history(self, commit: Commit) -> bytes:
        return history(self.contents, commit.sha)


def _sent(contents: Contents, sha: str) -> Made:
    made = contents.commit(sha)
    if made is None:
        raise Invalid("the name leads to no commit", code="unknown_ref")
    return made


def _of(made: Made) -> Commit:
    return Commit(made.sha, made.author, made.message)
