"""The grammars that are built in, each loaded when its language is first met: a child that reads Python loads one."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from functions.analysis.engines.grammar import Grammar

_MODULES = {
    "python": "python",
    "javascript": "ecmascript",
    "typescript": "ecmascript",
    "tsx": "ecmascript",
    "java": "java",
    "go": "golang",
    "rust": "rust",
    "c": "cfamily",
    "cpp": "cfamily",
    "csharp": "csharp",
    "ruby": "ruby",
    "php": "php",
}
"""Language to the module that reads it; the module holds its grammar under the language's name in capitals."""


@cache
def grammar(language: str) -> Grammar:
    """Raises KeyError for a language without a parser."""
    module = import_module(f"functions.analysis.engines.{_MODULES[language]}")
    found: Grammar = getattr(module, language.upper())
    return found
