"""What ends a command: a sentence for the person at the terminal, and an exit code."""

from __future__ import annotations

CLEAN, GATE_FAILED, USAGE = 0, 1, 2


class UserError(Exception):
    """The text is shown as it is, on stderr; the exit code is 2."""


class Changed(UserError):
    """A file is no longer what was hashed a moment ago."""
