"""`coderev repository`, `coderev fetch` and `coderev cancel`."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from cli.errors import UserError
from cli.project.commands.options import Project, Server, Version

repository = typer.Typer(rich_markup_mode=None)


class Host(StrEnum):
    """Who keeps a repository."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GIT = "git"


@repository.callback(invoke_without_command=True)
def show_repository(context: typer.Context, project: Project = None, server: Server = None) -> None:
    """Show where a project's repository is, or connect it.

    Example: coderev repository
    """
    if context.invoked_subcommand is None:
        from cli.project import repository as action
        from cli.project.place import place

        with place(server, project) as here:
            action.show(here)


@repository.command("connect")
def connect_repository(
    url: Annotated[str, typer.Argument(metavar="URL", help="Its HTTPS address.")],
    kind: Annotated[Host, typer.Option(help="Who keeps it.")] = Host.GIT,
    default_branch: Annotated[str, typer.Option(metavar="NAME", help="The branch that others start from.")] = "main",
    token_stdin: Annotated[bool, typer.Option("--token-stdin", help="Read an access token from stdin.")] = False,
    project: Project = None,
    server: Server = None,
) -> None:
    """Connect a project with its repository; secrets are read from stdin, never from the command line.

    Example: coderev repository connect https://github.com/ada/engine --kind github --token-stdin < token.txt
    """
    from cli.project import repository as action
    from cli.project.place import place

    wanted: dict[str, object] = {"kind": kind.value, "url": url, "default_branch": default_branch}
    if token_stdin:
        wanted["token"] = sys.stdin.readline().rstrip("\n")
    with place(server, project) as here:
        action.connect(here, wanted)


def fetch(
    ref: Annotated[str | None, typer.Argument(metavar="[REF]", help="Branch, tag or commit.")] = None,
    pull: Annotated[int | None, typer.Option(metavar="NUMBER", help="A pull or merge request.")] = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait until it is fetched.")] = False,
    project: Project = None,
    server: Server = None,
) -> None:
    """Fetch from a project's repository and analyse what came.

    Example: coderev fetch main
    """
    from cli.project import repository as action
    from cli.project.place import place

    if (ref is None) == (pull is None):
        raise UserError("Say either REF or --pull NUMBER.")
    with place(server, project) as here:
        action.fetch(here, {"ref": ref} if ref is not None else {"pull_request": pull}, wait=not no_wait)


def cancel(version: Version = None, project: Project = None, server: Server = None) -> None:
    """Cancel the analysis of a version.

    Example: coderev cancel --version ID
    """
    from cli.project.place import place

    if version is None:
        raise UserError("Say --version ID: `coderev versions` lists them.")
    with place(server, project) as here:
        here.api.post(f"/v1/analyses/{here.analysis(version)['id']}/cancel", doing="The cancellation")
        print("Cancelled.")
