"""Which commits are wanted, by the names that a repository has for them. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kernel.errors import Invalid

_SHA = re.compile(r"(?!0{40})[0-9a-f]{40}")  # zeros stand for no commit


@dataclass(frozen=True, slots=True)
class Asked:
    """`head` is a branch, a tag or a full commit id; `target` what it is compared with, `branch` where it belongs.

    `or_target` stands in for a target that has no name any more.
    """

    head: str
    default_branch: str
    target: str | None = None
    or_target: str | None = None
    branch: str | None = None

    @property
    def prefixes(self) -> list[bytes]:
        """The names that matter; a host may tell only these (protocol version 2)."""
        named = [name for name in (self.head, self.target, self.default_branch) if name is not None]
        return sorted({f"refs/{kind}/{name}".encode() for name in named for kind in ("heads", "tags")} | {b"HEAD"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """Object ids in hexadecimal; a tag's may be that of the tag itself. `branch` is None off all branches.

    `main` is where the default branch is now, if the host said so.
    """

    head: str
    target: str | None
    main: str | None
    branch: str | None

    @property
    def wants(self) -> list[bytes]:
        return [want.encode() for want in dict.fromkeys((self.head, self.target)) if want is not None]


def choose(asked: Asked, refs: Mapping[bytes, bytes]) -> Chosen:
    """Raises Invalid (`unknown_ref`)."""
    main = refs.get(f"refs/heads/{asked.default_branch}".encode())
    head = _resolved(asked.head, refs)
    if head is None:
        raise Invalid(f"the repository has no branch, tag or commit {asked.head[:80]!a}", code="unknown_ref")
    target = _resolved(asked.target, refs) or asked.or_target if asked.target is not None else None
    named = asked.head if f"refs/heads/{asked.head}".encode() in refs else None
    tip = main.decode() if main is not None else None
    branch = asked.branch or named or (asked.default_branch if head == tip else None)
    return Chosen(head, target, tip, branch)


def _resolved(name: str, refs: Mapping[bytes, bytes]) -> str | None:
    for kind in ("heads", "tags"):
        found = refs.get(f"refs/{kind}/{name}".encode())
        if found is not None:
            return found.decode()
    return name if _SHA.fullmatch(name) else None
