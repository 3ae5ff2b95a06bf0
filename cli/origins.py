"""Where a tree comes from: commit, branch, author and subject, as git tells them."""

from __future__ import annotations

from pathlib import Path

from cli import git
from cli.tree import Origin

_USUAL = ("main", "master", "trunk")
LONGEST_AUTHOR, LONGEST_MESSAGE, LONGEST_BRANCH = 200, 200, 200  # characters


def checked_out(folder: Path) -> Origin | None:
    """Of the working files of a checkout; None outside of one, and before its first commit."""
    commit = git.head(folder)
    if commit is None:
        return None
    branch = git.branch(folder)
    return _origin(folder, commit, branch, main=_is_main(folder, commit, branch))


def _is_main(folder: Path, commit: str, branch: str | None) -> bool | None:
    """Whether the main line moves with what is checked out; a commit without a branch does if it lies on it."""
    known = git.main_branch(folder)
    if known is None:
        return True if branch in _USUAL else None
    if branch is None:
        return git.run(folder, "merge-base", "--is-ancestor", commit, f"refs/remotes/origin/{known}") is not None
    return branch == known


def beside_main_line(folder: Path, commit: str, name: str) -> Origin:
    """Of a commit that is compared with another one, whatever the checkout calls it."""
    return _origin(folder, commit, name, main=False)


def _origin(folder: Path, commit: str, branch: str | None, *, main: bool | None) -> Origin:
    author, message = git.described(folder, commit)
    short = branch[:LONGEST_BRANCH] if branch else None
    return Origin(folder, commit, short, main, _line(author, LONGEST_AUTHOR), _line(message, LONGEST_MESSAGE))


def _line(text: str, longest: int) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)[:longest].strip()
