"""Which engines in which versions made a result: a change here makes every cached result stale."""

from __future__ import annotations

from functools import cache, lru_cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version

from functions.analysis.engines import executable
from functions.analysis.engines.choice import Choice
from functions.analysis.engines.engine import Engine, Rule
from functions.analysis.engines.languages import Language

ENGINES = (
    Engine("lint", 2, ("ruff",), rules_in="lint_rules"),
    Engine("security", 2, ("bandit",), rules_in="security_rules"),
    Engine("credentials", 2, rules_in="credential_rules"),
    Engine("remarks", 2, rules_in="remarks_rules"),
    Engine("custom", 1, ("ast-grep-py", "pyyaml"), on=lambda choice: bool(choice.custom_rules)),
    Engine("semgrep", 1, rules_in="semgrep_pack", on=lambda choice: choice.semgrep, version=executable.version),
)
"""In this order; each sees what the ones before it found, so that secrets of any of them can be masked."""

_REVISIONS = {"structure": "2", "findings": "2", "codec": "2"}
_PARSERS = (
    "tree-sitter",
    *(
        f"tree-sitter-{name}"
        for name in ("python", "javascript", "typescript", "java", "go", "rust", "c", "cpp", "c-sharp", "ruby", "php")
    ),
)


@cache
def engines() -> dict[str, str]:
    """Engine or tool to its version; our own parts carry a revision that is raised when their answers change."""
    tools = [*_PARSERS, *(tool for engine in ENGINES for tool in engine.tools)]
    return {
        **{name: f"r{revision}" for name, revision in _REVISIONS.items()},
        **{engine.module: f"r{engine.revision}" for engine in ENGINES},
        **{tool: _version(tool) for tool in tools},
    }


def _version(tool: str) -> str:
    try:
        return version(tool)
    except PackageNotFoundError:
        return "none"


def engine_set(choice: Choice = Choice()) -> str:  # noqa: B008 (a value without state)
    """A short fingerprint over all engines in their versions and what the project chose of them."""
    return _digest(str(choice), tuple(f"{engine.module}:{engine.found(choice)}" for engine in ENGINES))


@lru_cache(maxsize=64)
def _digest(choice: str, found: tuple[str, ...]) -> str:
    listed = "\n".join(f"{name}={number}" for name, number in sorted(engines().items()))
    return sha256("\n".join((listed, *found, choice)).encode()).hexdigest()[:16]


def programs(choice: Choice) -> dict[str, str]:
    """Where the programs are that the choice asks for and that are no packages of ours."""
    return {executable.NAME: executable.path()} if choice.semgrep else {}


@cache
def rules() -> dict[str, Rule]:
    """All rules that are built in, by their ids and in the order of these."""
    listed = {rule.id: rule for engine in ENGINES for rule in engine.rules}
    return dict(sorted(listed.items()))


def cache_key(sha256_hex: str, language: Language, choice: Choice = Choice()) -> str:  # noqa: B008
    """What a stored result is found by; the organisation is added by the store."""
    return f"{sha256_hex}:{language.key}:{engine_set(choice)}"
