"""What an archive's entries must be before their content is looked at."""

from __future__ import annotations

import stat
from dataclasses import dataclass

from functions.project.model import File
from functions.project.packs import Packer
from functions.project.paths import Names
from kernel.errors import Invalid

_SET_ON_EXECUTION = stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX


@dataclass(slots=True)
class Members:
    """Collects an archive's files; whether their names can live side by side is checked when all are known."""

    packer: Packer
    names: Names
    files: list[File]

    @classmethod
    def into(cls, packer: Packer) -> Members:
        return cls(packer, Names(), [])

    def folder(self, name: str) -> None:
        """Raises Invalid."""
        path = _named(name).rstrip("/")
        if path not in ("", "."):
            self.names.add_folder(path)

    def announce(self, name: str, permissions: int) -> str:
        """The path under which a file may be added. Raises Invalid."""
        path = _named(name)
        self.names.add_file(path)
        if permissions & _SET_ON_EXECUTION:
            raise Invalid(f"{path!a} is set-user-id, set-group-id or sticky", code="setuid")
        return path

    def add(self, path: str, permissions: int, data: bytes) -> None:
        mode = "100755" if permissions & stat.S_IXUSR else "100644"
        self.files.append(File(path, mode, self.packer.add(data), len(data)))


def _named(name: str) -> str:
    """`tar -C folder .` names everything `./…`: the one spelling that is made normal."""
    return name.removeprefix("./")
