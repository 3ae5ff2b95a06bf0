"""Options that commands of the emulator share."""

from __future__ import annotations

from typing import Annotated

import typer

EdgePort = Annotated[
    int | None, typer.Option("--edge-port", min=1, max=65535, help="Port of the emulator [env: CODEREV_EDGE_PORT].")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Event = Annotated[
    str | None, typer.Option("--event", "-e", metavar="FILE|-|JSON", help="The event: a file, - for stdin, or JSON.")
]
