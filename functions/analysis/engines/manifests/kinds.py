"""Which files are manifests, what reads them, and which lock file belongs to which manifest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

REVISION = "1"
"""Raised when a reader's answers change: what was read before is read again then."""

LARGEST_BYTES = 4_000_000
FILES: Mapping[str, str] = MappingProxyType(
    {
        "pyproject.toml": "pyproject:read",
        "poetry.lock": "python_locks:read_poetry",
        "uv.lock": "python_locks:read_uv",
        "Pipfile.lock": "python_locks:read_pipfile",
        "package.json": "npm:read",
        "package-lock.json": "npm:read_lock",
        "npm-shrinkwrap.json": "npm:read_lock",
        "yarn.lock": "yarn:read",
        "pnpm-lock.yaml": "pnpm:read",
        "go.mod": "golang:read",
        "go.sum": "golang:read_sums",
        "Cargo.toml": "cargo:read",
        "Cargo.lock": "cargo:read_lock",
        "pom.xml": "maven:read",
        "build.gradle": "gradle:read",
        "build.gradle.kts": "gradle:read",
        "Gemfile.lock": "bundler:read",
        "composer.json": "composer:read",
        "composer.lock": "composer:read_lock",
        "packages.lock.json": "dotnet:read_lock",
    }
)
"""Name of a file to module and function here that read it."""

LOCKS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "pyproject:read": frozenset({"poetry.lock", "uv.lock", "Pipfile.lock", "pdm.lock", "pylock.toml"}),
        "npm:read": frozenset(
            {"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"}
        ),
        "golang:read": frozenset({"go.sum"}),
        "cargo:read": frozenset({"Cargo.lock"}),
        "composer:read": frozenset({"composer.lock"}),
        "dotnet:read": frozenset({"packages.lock.json"}),
    }
)
"""What reads a manifest, to the names of lock files any of which locks it, beside it or in a folder above."""

NAMES = r"(^|/)([^/]*requirements[^/]*[.]txt|requirements/[^/]+[.]txt|[^/]+[.](cs|fs|vb)proj|" + (
    "|".join(re.escape(name) for name in [*FILES, *sorted(frozenset().union(*LOCKS.values()) - FILES.keys())]) + ")$"
)
"""A pattern of paths, for Python and for PostgreSQL, of all manifests and lock files."""
_PROJECT = re.compile(r"\.(?:cs|fs|vb)proj$")
_REQUIREMENTS = re.compile(r"(?:^|/)(?:[^/]*requirements[^/]*|requirements/[^/]+)\.txt$")


def kind_of(path: str) -> str | None:
    """What reads the file, if anything does."""
    name = path.rpartition("/")[2]
    if _REQUIREMENTS.search(path):
        return "requirements:read"
    return "dotnet:read" if _PROJECT.search(name) else FILES.get(name)
