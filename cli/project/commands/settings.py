"""`coderev gate`, `coderev baseline` and `coderev settings`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.errors import CLEAN, GATE_FAILED, UserError
from cli.project.commands.options import AsJson, Project, Server, Version

settings = typer.Typer(rich_markup_mode=None)


def gate(
    version: Version = None,
    as_json: AsJson = False,
    project: Project = None,
    server: Server = None,
) -> None:
    """Tell whether a version passes the quality gate, and why; exit with 1 when it does not.

    Example: coderev gate --json
    """
    from cli.project import gate as action
    from cli.project.place import place

    with place(server, project) as here:
        passed = action.show(here, version, as_json=as_json)
    raise typer.Exit(CLEAN if passed else GATE_FAILED)


def baseline(
    version: Annotated[str | None, typer.Option(metavar="ID", help="Known is what is in this version.")] = None,
    branch: Annotated[str | None, typer.Option(metavar="NAME", help="Known is what is in the newest of it.")] = None,
    date: Annotated[str | None, typer.Option(metavar="DATE", help="Known is what was there at this time.")] = None,
    previous: Annotated[bool, typer.Option("--previous", help="Known is what is in the version before.")] = False,
    as_json: AsJson = False,
    project: Project = None,
    server: Server = None,
) -> None:
    """Show or set what findings are compared with: those of the baseline are known, only others are new.

    Example: coderev baseline --branch main
    """
    from cli.project import settings as action
    from cli.project.place import place

    given = [
        wanted
        for wanted in (
            {"kind": "version", "version_id": version} if version else None,
            {"kind": "branch", "branch": branch} if branch else None,
            {"kind": "date", "date": date if date and "T" in date else f"{date}T00:00:00Z"} if date else None,
            {"kind": "previous"} if previous else None,
        )
        if wanted is not None
    ]
    if len(given) > 1:
        raise UserError("Say one of --version, --branch, --date and --previous.")
    with place(server, project) as here:
        action.baseline(here, given[0] if given else None, as_json=as_json)


@settings.callback(invoke_without_command=True)
def show_settings(context: typer.Context, project: Project = None, server: Server = None) -> None:
    """Show a project's settings as JSON, or change them.

    Example: coderev settings
    """
    if context.invoked_subcommand is None:
        from cli.project import settings as action
        from cli.project.place import place

        with place(server, project) as here:
            action.show(here)


@settings.command("set")
def set_settings(
    file: Annotated[Path, typer.Argument(help="YAML or JSON with the settings to change.")],
    project: Project = None,
    server: Server = None,
) -> None:
    """Change the settings that a file names; the others stay.

    Example: coderev settings set coderev.yaml
    """
    from cli.project import settings as action
    from cli.project.place import place

    with place(server, project) as here:
        action.change(here, file)


@settings.command("history")
def settings_history(as_json: AsJson = False, project: Project = None, server: Server = None) -> None:
    """Tell who changed which settings.

    Example: coderev settings history
    """
    from cli.project import settings as action
    from cli.project.place import place

    with place(server, project) as here:
        action.history(here, as_json=as_json)
