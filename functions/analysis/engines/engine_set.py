"""Which engines in which versions made a result: a change here makes every cached result stale."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.metadata import version

from functions.analysis.engines.languages import Language

_REVISIONS = {"structure": "1", "findings": "2", "codec": "2"}
_TOOLS = ("tree-sitter", "tree-sitter-python", "tree-sitter-javascript", "tree-sitter-typescript", "ruff", "bandit")


@cache
def engines() -> dict[str, str]:
    """Engine or tool to its version; our own parts carry a revision that is raised when their answers change."""
    return {
        **{name: f"r{revision}" for name, revision in _REVISIONS.items()},
        **{tool: version(tool) for tool in _TOOLS},
    }


@cache
def engine_set(configuration: str = "") -> str:
    """A short fingerprint over all engines and the configuration of the analysis."""
    listed = "\n".join(f"{name}={number}" for name, number in sorted(engines().items()))
    return sha256(f"{listed}\n{configuration}".encode()).hexdigest()[:16]


def cache_key(sha256_hex: str, language: Language, configuration: str = "") -> str:
    """What a stored result is found by; the organisation is added by the store."""
    return f"{sha256_hex}:{language.key}:{engine_set(configuration)}"
