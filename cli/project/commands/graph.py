"""`coderev graph`: what a change can break, and where the code is hard to change."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from cli.errors import CLEAN, GATE_FAILED
from cli.project.commands.options import AsJson, Project, Server, Version

graph = typer.Typer(
    rich_markup_mode=None, no_args_is_help=True, help="What a change can break, and where code is hard to change."
)
Path = Annotated[str, typer.Argument(metavar="PATH", help="A file, as the version names it.")]


class Members(StrEnum):
    """What may form a ring."""

    FILES = "files"
    FOLDERS = "folders"


def _ask(question: str, server: str | None, project: str | None, version: str | None, **query: str | None) -> None:
    from cli.project import graph as action
    from cli.project.place import place

    as_json = query.pop("as_json", None) is not None
    with place(server, project) as here:
        action.ask(here, question, version, as_json=as_json, **query)


def _form(as_json: bool) -> str | None:
    return "yes" if as_json else None


@graph.command()
def impact(
    path: Path,
    symbol: Annotated[str | None, typer.Option(help="Qualified name, such as Cart.pay [the whole file].")] = None,
    depth: Annotated[int, typer.Option(min=1, max=6, help="How many steps to follow.")] = 3,
    version: Version = None,
    as_json: AsJson = False,
    project: Project = None,
    server: Server = None,
) -> None:
    """List what a change of a file or a symbol can reach, and the tests that should run.

    Example: coderev graph impact src/prices.py --symbol total
    """
    given = {"path": path, "symbol": symbol, "depth": str(depth), "as_json": _form(as_json)}
    _ask("impact", server, project, version, **given)


@graph.command()
def callers(
    path: Path,
    symbol: Annotated[str, typer.Argument(metavar="SYMBOL", help="Qualified name, such as Cart.pay.")],
    version: Version = None,
    as_json: AsJson = False,
    project: Project = None,
    server: Server = None,
) -> None:
    """List who calls a symbol.

    Example: coderev graph callers src/prices.py total
    """
    _ask("callers", server, project, version, path=path, symbol=symbol, as_json=_form(as_json))


@graph.command()
def cycles(
    of: Annotated[Members, typer.Option(help="What may form a ring.")] = Members.FILES,
    version: Version = None,
    as_json: AsJson = False,
    project: Project = None,
    server: Server = None,
) -> None:
    """List files, or folders, that import each other in a ring.

    Example: coderev graph cycles --of folders
    """
    _ask("cycles", server, project, version, of=of.value, as_json=_form(as_json))


@graph.command()
def hotspots(version: Version = None, as_json: AsJson = False, project: Project = None, server: Server = None) -> None:
    """List files that are complex and change often.

    Example: coderev graph hotspots
    """
    _ask("hotspots", server, project, version, as_json=_form(as_json))


@graph.command()
def coupling(
    path: Annotated[str | None, typer.Argument(metavar="[PATH]", help="Only of this file.")] = None,
    version: Version = None,
    as_json: AsJson = False,
    project: Project = None,
    server: Server = None,
) -> None:
    """List files that change together.

    Example: coderev graph coupling src/prices.py
    """
    _ask("coupling", server, project, version, path=path, as_json=_form(as_json))


@graph.command("dead-code")
def dead_code(version: Version = None, as_json: AsJson = False, project: Project = None, server: Server = None) -> None:
    """List candidates: symbols that nothing seems to use.

    Example: coderev graph dead-code
    """
    _ask("dead-code", server, project, version, as_json=_form(as_json))


@graph.command()
def contracts(version: Version = None, as_json: AsJson = False, project: Project = None, server: Server = None) -> None:
    """Tell which contracts between modules are kept; exit with 1 when one is broken.

    Example: coderev graph contracts
    """
    from cli.project import graph as action
    from cli.project.place import place

    with place(server, project) as here:
        kept = action.contracts(here, version, as_json=as_json)
    raise typer.Exit(CLEAN if kept else GATE_FAILED)
