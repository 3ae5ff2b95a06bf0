"""`coderev versions`, `coderev diff`, `coderev download` and `coderev import`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.project.commands.options import AsJson, Project, Server, Version


class Archive(StrEnum):
    """How files are packed."""

    ZIP = "zip"
    TAR = "tar.gz"


def versions(
    branch: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this branch.")] = None,
    as_json: AsJson = False,
    project: Project = None,
    server: Server = None,
) -> None:
    """List a project's versions, newest first.

    Example: coderev versions --branch main
    """
    from cli.project import versions as action
    from cli.project.place import place

    with place(server, project) as here:
        action.show(here, branch=branch, as_json=as_json)


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A version's id.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="A version's id.")],
    path: Annotated[str | None, typer.Option(help="Show the hunks of this file.")] = None,
    as_json: AsJson = False,
    project: Project = None,
    server: Server = None,
) -> None:
    """Tell which files changed from one version to another, or how one of them did.

    Example: coderev diff OLD NEW --path src/app.py
    """
    from cli.project import versions as action
    from cli.project.place import place

    with place(server, project) as here:
        action.diff(here, old, new, path=path, as_json=as_json)


def download(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="A version's id.")],
    into: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")],
    form: Annotated[Archive, typer.Option("--format", help="How the files are packed.")] = Archive.ZIP,
    project: Project = None,
    server: Server = None,
) -> None:
    """Download the files of a version as one archive, the same bytes each time.

    Example: coderev download VERSION version.zip
    """
    from cli.project import versions as action
    from cli.project.place import place

    with place(server, project) as here:
        action.download(here, version, into, form=form.value)


def artifacts(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME...]", help="Only these.")] = None,
    into: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Download them into this folder.")] = None,
    version: Version = None,
    as_json: AsJson = False,
    project: Project = None,
    server: Server = None,
) -> None:
    """List what an analysis left (SARIF, reports, bill of materials), or download it.

    Example: coderev artifacts report.html sbom.cdx.json --into out
    """
    from cli.project import artifacts as action
    from cli.project.place import place

    with place(server, project) as here:
        if into is None:
            action.show(here, version, as_json=as_json)
        else:
            action.download(here, version, names or (), into)


def import_sarif(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="SARIF 2.1.0 of another tool.")],
    version: Version = None,
    project: Project = None,
    server: Server = None,
) -> None:
    """Add what another tool found: it takes part in baseline, dismissals and gate like our own findings.

    Example: coderev import codeql.sarif
    """
    from cli.project import versions as action
    from cli.project.place import place

    with place(server, project) as here:
        action.take_sarif(here, version, file)
