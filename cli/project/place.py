"""Which project of which server a command is about, and its newest analysis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli import local
from cli.api import Api
from cli.errors import UserError
from cli.login import login_at
from cli.records import Json


@dataclass(frozen=True, slots=True)
class Place:
    """A project as the one who is logged in sees it."""

    api: Api
    project_id: str
    name: str

    def analysis(self, version_id: str | None = None) -> Json:
        """The analysis of a version, or the newest completed one. Raises UserError if there is none."""
        listed = self.api.items(
            "/v1/analyses", doing="The list of analyses", project_id=self.project_id, version_id=version_id
        )
        found = next((one for one in listed if version_id or one["state"] == "completed"), None)
        if found is None:
            about = f"of version {version_id}" if version_id else "that is completed"
            raise UserError(f"The project {self.name!r} has no analysis {about}: begin one by `coderev review`.")
        return found


@contextmanager
def place(server: str | None, project: str | None) -> Iterator[Place]:
    """Raises UserError if nobody is logged in, or if there is no such project."""
    from cli.review import project_name

    address = local.server_of(server)
    name = project or project_name(Path())
    with Api(address, login_at(address)) as api:
        found = api.get("/v1/projects", doing="The list of projects", name=name).body["items"]
        if not found:
            raise UserError(f"There is no project {name!r}: name one by --project, or begin by `coderev review`.")
        yield Place(api, str(found[0]["id"]), name)
