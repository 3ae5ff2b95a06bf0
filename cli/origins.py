"""Where a tree comes from: commit, branch, author and subject, as git tells them."""

from __future__ import annotations

from pathlib import Path

from cli import git
from cli.tree import Origin

LONGEST_AUTHOR, LONGEST_MESSAGE, LONGEST_BRANCH = 200, 200, 200  # characters


def checked_out(folder: Path) -> Origin | None:
    """Of the working files of a checkout; None outside of one, and before its first commit."""
    commit = git.head(folder)
    if commit is None:
        return None
    branch, main = git.branch(folder), git.main_branch(folder)
    return _origin(folder, commit, branch, main=branch == main if branch and main else None)


def beside_main_line(folder: Path, commit: str, name: str) -> Origin:
    """Of a commit that is compared with another one, whatever the checkout calls it."""
    return _origin(folder, commit, name, main=False)


def _origin(folder: Path, commit: str, branch: str | None, *, main: bool | None) -> Origin:
    author, message = git.described(folder, commit)
    short = branch[:LONGEST_BRANCH] if branch else None
    return Origin(folder, commit, short, main, _line(author, LONGEST_AUTHOR), _line(message, LONGEST_MESSAGE))


def _line(text: str, longest: int) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)[:longest].strip()
