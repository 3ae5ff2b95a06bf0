"""Tables of this domain, in the schema of its name, a module for what is stored together."""

from __future__ import annotations

from functions.project.tables.base import commons, metadata
from functions.project.tables.versions import arrivals, blobs, projects, uploads, versions

__all__ = ["arrivals", "blobs", "commons", "metadata", "projects", "uploads", "versions"]
