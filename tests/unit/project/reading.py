"""Reads archives as the unpacking function does."""

from __future__ import annotations

import time

import pytest

from functions.project.archives import reading
from functions.project.model import Tree
from functions.project.packs import Packer
from kernel.errors import DomainError

FILES = {"package/__init__.py": b"", "package/core.py": b"x = 1\n", "README.md": b"# read me\n"}


def read(content: bytes, folder, filename: str = "", clock=time.monotonic) -> Tree:
    path = folder / "archive"
    path.write_bytes(content)
    packer = Packer(folder)
    try:
        return reading.read(path, filename=filename, packer=packer, clock=clock)
    finally:
        packer.abandon()


def code_of(content: bytes, folder, filename: str = "") -> str:
    with pytest.raises(DomainError) as refused:
        read(content, folder, filename)
    assert len(refused.value.message) < 400
    return refused.value.code


def paths(tree: Tree) -> list[str]:
    return [file.path for file in tree.files]
