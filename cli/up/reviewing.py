"""`up --review`: the same review as `coderev review`, as the generated first owner."""

from __future__ import annotations

import os

from cli import progress
from cli.errors import CLEAN, USAGE, UserError
from cli.login import owner_login
from cli.review import Request
from cli.review import run as review
from cli.show import show
from cli.up import owner
from cli.up.start import Start, say
from emulator.services.process import memory_bytes


def run(start: Start) -> int:
    """Review and print; 0 when the review worked, whatever it found, and 2 when it did not."""
    path = start.options.review
    assert path is not None, "the caller has looked"
    try:
        ours = owner.ensure(start.server, start.options.data, start.secrets.setup_token)
        bearer = owner_login(start.server, start.options.data) if ours else None
        with progress.shown() as shown:
            outcome = review(Request(path, start.server), shown, bearer)
    except UserError as failed:
        say(f"coderev: {failed}")
        return USAGE
    show(outcome, "table")
    print(
        f"{memory_bytes(os.getpid()) / 1e6:,.0f} MB in use right after the review; functions that stay idle leave within a minute",
        flush=True,
    )
    return CLEAN
