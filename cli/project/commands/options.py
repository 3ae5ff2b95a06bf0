"""Options that all commands of a project take."""

from __future__ import annotations

from typing import Annotated

import typer

Server = Annotated[
    str | None, typer.Option("--server", metavar="URL", help="Address of the API [env: CODEREV_SERVER].")
]
Project = Annotated[
    str | None, typer.Option("--project", metavar="NAME", help="Project [the remote's or folder's name].")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Version = Annotated[
    str | None, typer.Option("--version", metavar="ID", help="Version [the newest one that was analysed].")
]
