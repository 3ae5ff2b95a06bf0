"""What is wrong with a template, in a sentence that its author can act on."""

from __future__ import annotations


class TemplateError(Exception):
    """The template cannot be served; the message is one sentence and names the place."""
