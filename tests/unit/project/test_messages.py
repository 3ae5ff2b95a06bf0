"""What of a version's changes goes into its event; tests/contract/test_events.py holds the rest."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from functions.project.manifests import changed_paths
from functions.project.messages import encode
from functions.project.model import File, Tree, Version, VersionPublished, key_of_manifest
from kernel.events import LARGEST_EVENT_BYTES
from tests.client import ORG, USER

VERSION = "01890000-0000-7000-8000-0000000000f2"


def version() -> Version:
    return Version(
        id=VERSION,
        org_id=ORG,
        project_id="01890000-0000-7000-8000-0000000000d1",
        parent_id="01890000-0000-7000-8000-0000000000f1",
        label="v2",
        commit=None,
        tree_sha256="0" * 64,
        manifest_key=key_of_manifest(ORG, VERSION),
        file_count=2,
        total_bytes=11,
        created_by=USER,
        created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    )


def test_first_version_has_neither_parent_nor_changes():
    message = encode(VersionPublished(replace(version(), parent_id=None), None))

    data = json.loads(message.data.model_dump_json())
    assert (data["parent_id"], data["changed_paths"]) == (None, None)


def tree(*paths: str, sha256: str = "a" * 64) -> Tree:
    return Tree(tuple(File(path, "100644", sha256, 1) for path in paths))


def test_changes_are_what_was_added_changed_and_removed():
    before = [*tree("same", "gone").files, *tree("other", sha256="b" * 64).files]

    assert changed_paths(tree("same", "other", "new"), before) == ("gone", "new", "other")
    assert changed_paths(tree("same"), tree("same").files) == ()


def test_more_changes_than_an_event_holds_are_unknown_changes():
    many = tree(*(f"{n}.py" for n in range(2_001)))
    long = tree(*(f"{'ü' * 100}/{n}" for n in range(1_000)))

    assert changed_paths(many, ()) is None
    assert changed_paths(long, ()) is None


def test_the_most_changes_that_are_told_fit_into_an_event():
    tail = '"' * 18
    quotes = tree(*(f"{n:04}{tail}" for n in range(1_000)))

    changes = changed_paths(quotes, ())
    assert changes is not None
    message = encode(VersionPublished(version(), changes))

    assert len(message.data.model_dump_json().encode()) < LARGEST_EVENT_BYTES - 2_048
