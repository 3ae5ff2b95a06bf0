"""Tables of this domain, in the schema of its name, a module for what is stored together."""

from __future__ import annotations

from functions.project.tables.base import commons, metadata
from functions.project.tables.hooks import (
    completions,
    post_queue,
    postings,
    remarks,
    webhook_attempts,
    webhook_deliveries,
    webhooks,
)
from functions.project.tables.lifetimes import exports, members, objects, project_blobs, tasks
from functions.project.tables.repositories import (
    fetch_queue,
    fetches,
    hook_deliveries,
    hooks,
    pull_requests,
    repositories,
)
from functions.project.tables.settings import settings, settings_history
from functions.project.tables.versions import arrivals, blobs, projects, uploads, versions

__all__ = [
    "arrivals",
    "blobs",
    "commons",
    "completions",
    "exports",
    "fetch_queue",
    "fetches",
    "hook_deliveries",
    "hooks",
    "members",
    "metadata",
    "objects",
    "post_queue",
    "postings",
    "project_blobs",
    "projects",
    "pull_requests",
    "remarks",
    "repositories",
    "settings",
    "settings_history",
    "tasks",
    "uploads",
    "versions",
    "webhook_attempts",
    "webhook_deliveries",
    "webhooks",
]
