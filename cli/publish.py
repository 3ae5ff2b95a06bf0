"""Publishes a tree as a version: sends only the contents that the server lacks, several packs at a time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

from cli import history, packs
from cli.errors import UserError
from cli.exchange import ApiError
from cli.known import Known
from cli.names import LARGEST_TREE_BYTES, MOST_FILES
from cli.platform import NewVersion, Platform
from cli.progress import Progress
from cli.sent import Sent
from cli.tree import File, Tree
from cli.words import counted

AT_ONCE = 4
LARGEST_MANIFEST_BYTES = 5 << 20  # a request's body: Lambda takes 6 MB
STORED_WITHIN_S = 120.0
_PAUSES_S = (0.03, 0.05, 0.1, 0.2, 0.4)


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes into one project."""

    platform: Platform
    project_id: str
    progress: Progress

    def publish(
        self, tree: Tree, *, label: str | None = None, parent_id: str | None = None, baseline_id: str | None = None
    ) -> str:
        """Return the id of the new version.

        Raises:
            UserError: it is too large, or the server refused or did not answer.
        """
        version = NewVersion(tree.files, parent_id, label, tree.origin, self._history(tree), baseline_id)
        _check_size(version)
        known = Known(self.platform.api.server, self.project_id)
        version_id = self._publish(tree, version, known)
        known.keep(file.sha256 for file in tree.files)
        return version_id

    def _history(self, tree: Tree) -> str | None:
        """Send the commits before a tree, unless that was done; no review fails for want of them."""
        if tree.origin is None:
            return None
        sent = Sent(self.platform.api.server, self.project_id)
        known = sent.history_of(tree.origin.commit)
        if known is not None:
            return known
        content = history.of(tree.origin.folder, tree.origin.commit)
        if not content:
            return None
        sha256 = hashlib.sha256(content).hexdigest()
        try:
            self._upload(content, sha256, kind="history")
        except UserError as refused:
            self.progress.note(f"The history was left out: {refused}")
            return None
        sent.keep_history(tree.origin.commit, sha256)
        return sha256

    def _upload(self, content: bytes, sha256: str, *, kind: str) -> None:
        upload = self.platform.new_upload(self.project_id, size_bytes=len(content), sha256=sha256, kind=kind)
        if upload.state == "waiting":
            self.platform.api.upload(upload.url, content, headers=upload.headers)
        self._await_stored(upload.id)

    def _publish(self, tree: Tree, version: NewVersion, known: Known) -> str:
        self._send_missing(tree, known)
        try:
            return self.platform.publish(self.project_id, version)
        except ApiError as refused:
            if refused.code not in ("blobs_missing", "unknown_history"):
                raise
        known.forget()  # somebody cleaned up meanwhile
        Sent(self.platform.api.server, self.project_id).forget()
        self._send_missing(tree, known)
        return self.platform.publish(self.project_id, replace(version, history=self._history(tree)))

    def _send_missing(self, tree: Tree, known: Known) -> None:
        self.progress.phase("compare")
        sizes = {file.sha256: file.size_bytes for file in tree.files if file.sha256 not in known}
        if not sizes:
            return
        missing = self.platform.missing(self.project_id, sizes.items())
        if missing:
            self._send(tree, missing)

    def _send(self, tree: Tree, missing: Collection[str]) -> None:
        groups = list(packs.plan(file for file in tree.files if file.sha256 in missing))
        done, total = 0, sum(map(_bytes, groups))
        self.progress.phase("upload", total)
        with ThreadPoolExecutor(AT_ONCE) as senders:
            sent = {senders.submit(self._send_one, tree, group): group for group in groups}
            try:
                for each in as_completed(sent):
                    each.result()
                    done += _bytes(sent[each])
                    self.progress.at(done)
            except BaseException:
                senders.shutdown(cancel_futures=True)
                raise
        self.progress.note(
            f"{counted(len(missing), 'content')} sent in {counted(len(groups), 'pack')}, {total:,} bytes"
        )

    def _send_one(self, tree: Tree, group: list[File]) -> None:
        pack = packs.build(group, tree.read)
        self._upload(pack.content, pack.sha256, kind="pack")

    def _await_stored(self, upload_id: str) -> None:
        """Wait until the server has unpacked and verified what was sent."""
        deadline = time.monotonic() + STORED_WITHIN_S
        for attempt in range(1_000_000):
            upload = self.platform.upload(upload_id)
            if upload.state == "stored":
                return
            if upload.state == "refused":
                raise UserError(f"The server refused what was sent: {upload.reason or 'it gives no reason'}.")
            if time.monotonic() > deadline:
                break
            _pause(attempt)
        raise UserError(f"The server has not stored the upload within {STORED_WITHIN_S:.0f} s: see `coderev status`.")


def _bytes(group: list[File]) -> int:
    return sum(file.size_bytes for file in group)


def _pause(attempt: int) -> None:
    time.sleep(_PAUSES_S[min(attempt, len(_PAUSES_S) - 1)])


def _check_size(version: NewVersion) -> None:
    count = len(version.files)
    if count > MOST_FILES:
        raise UserError(f"There are {count:,} files, and a version takes {MOST_FILES:,}: review a folder of it.")
    total = sum(file.size_bytes for file in version.files)
    if total > LARGEST_TREE_BYTES:
        limit = f"{LARGEST_TREE_BYTES / 1e6:.0f} MB"
        raise UserError(f"The files have {total / 1e6:,.0f} MB, and a version takes {limit}: review a folder of it.")
    size_bytes = sum(len(file.path.encode()) + 140 for file in version.files)
    if size_bytes > LARGEST_MANIFEST_BYTES:
        raise UserError(f"The list of the {count:,} files is too long for one version: review a folder of it.")
