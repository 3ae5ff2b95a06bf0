"""What is wrong with a template, in a sentence that its author can act on."""

from __future__ import annotations


class TemplateError(Exception):
    """The template cannot be served; the message is one sentence and names the place. `line` counts from 1."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line
