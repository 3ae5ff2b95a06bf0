"""Collects the trees of commits from git's objects; the working files are not looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli import git, origins
from cli.errors import UserError
from cli.git import Entry, Objects
from cli.hashes import Hashes
from cli.names import printable, refusal_of_name, refusal_of_size
from cli.tree import File, Skipped, Tree

_SPECIAL = {"120000": "it is a symbolic link", "160000": "it is a repository of its own"}


@dataclass(frozen=True, slots=True)
class Range:
    """The two commits of `--diff`, and what they were called."""

    base: str
    head: str
    base_name: str
    head_name: str


def parse_range(folder: Path, text: str) -> Range:
    """`BASE..HEAD`, `BASE...HEAD` (since the two parted), `BASE..` (until what is checked out).

    Raises:
        UserError: it is not a range, or names no commits of this checkout.
    """
    base, dots, head = text.partition("...") if "..." in text else text.partition("..")
    if not dots or not base:
        raise UserError(f"--diff takes BASE..HEAD, not {text!r}.")
    if git.run(folder, "rev-parse", "--git-dir") is None:
        raise UserError(f"--diff needs a git checkout, and {folder} is none that git accepts.")
    end = git.commit_of(folder, head or "HEAD")
    begin = git.merge_base(folder, base, end) if dots == "..." else git.commit_of(folder, base)
    return Range(begin, end, base, head or git.branch(folder) or "HEAD")


class Reader:
    """Trees of one repository."""

    def __init__(self, folder: Path, objects: Objects, hashes: Hashes) -> None:
        self._folder = folder
        self._objects = objects
        self._hashes = hashes

    def tree(self, commit: str, name: str) -> Tree:
        """What a commit holds, called `name` by who asks for it. Raises UserError."""
        origin = origins.beside_main_line(self._folder, commit, name)
        return Tree.of(map(self._look, git.tree(self._folder, commit)), self.read, origin)

    def _look(self, entry: Entry) -> File | Skipped:
        reason = _SPECIAL.get(entry.mode) or refusal_of_name(entry.name) or refusal_of_size(entry.size_bytes)
        if reason:
            return Skipped(printable(entry.name), reason)
        mode = "100755" if entry.mode == "100755" else "100644"
        return File(entry.name.decode(), mode, self._sha256(entry), entry.size_bytes, key=entry.oid)

    def _sha256(self, entry: Entry) -> str:
        known = self._hashes.get(entry.oid, [])
        if known is None:
            known = hashlib.sha256(self._objects.read(entry.oid)).hexdigest()
            self._hashes.put(entry.oid, [], known)
        return known

    def read(self, file: File) -> bytes:
        return self._objects.read(file.key)


@contextmanager
def reader(folder: Path) -> Iterator[Reader]:
    """Raises UserError if git is not installed."""
    hashes = Hashes(f"git objects of {folder.resolve()}")
    with git.objects(folder) as objects:
        yield Reader(folder, objects, hashes)
    hashes.save()
