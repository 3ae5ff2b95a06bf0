"""From a manifest to the work that is left: which files are read, under which key, in which shards."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from functions.analysis.configuration import Configuration
from functions.analysis.engines.custom_rules import away
from functions.analysis.engines.globs import globs
from functions.analysis.engines.languages import Language, detect
from functions.analysis.pieces import ManifestFile, PlannedFile, ShardFile

SHARD_BYTES = 1_500_000
SHARD_FILES = 200
LARGEST_FETCHED_BYTES = 16 * 1024 * 1024  # the engines skip from 1 MB on; beyond this it is not even fetched
LARGEST = 2**63 - 1  # that the database stores
_SHEBANG = b"#!/usr/bin/python3\n"


class Malformed(ValueError):
    """A line of the manifest is not what the contract says."""


def read_manifest(text: bytes) -> list[ManifestFile]:
    """The files of a version in the order of their paths. Raises Malformed."""
    try:
        files = [_file(json.loads(line)) for line in text.splitlines() if line]
    except (ValueError, KeyError, TypeError) as bad:
        raise Malformed(str(bad)) from bad
    files.sort(key=lambda file: file.path)
    return files


def _file(row: dict[str, object]) -> ManifestFile:
    path, sha256, size, offset = str(row["path"]), str(row["sha256"]), row["size_bytes"], row["offset"]
    path.encode()  # no lone surrogates
    if (
        not isinstance(size, int)
        or not isinstance(offset, int)
        or not 0 <= size <= LARGEST
        or not 0 <= offset <= LARGEST
    ):
        raise Malformed("a size in the manifest")
    if len(bytes.fromhex(sha256)) != 32 or "\0" in path:
        raise Malformed("a line of the manifest")
    return ManifestFile(path, str(row["mode"]), sha256, size, str(row["object"]), offset)


def language_key(path: str, custom_rules: str = "") -> str:
    """What a cached result of a content is found by, beside its hash: language and form as far as the path says.

    Where only a first line (`#!`) could tell the language, the content decides, so the hash covers it. Rules of the
    project's own that the path keeps away are part of the key, as they are not tried on the content.
    """
    language = detect(path, b"")
    if language.name == "text" and detect(path, _SHEBANG).name != "text":
        language = Language("by-content", language.form)
    kept_away = sorted(away(custom_rules, path))
    return f"{language.key}:{sha256(' '.join(kept_away).encode()).hexdigest()[:16]}" if kept_away else language.key


def planned(
    files: Iterable[ManifestFile],
    configuration: Configuration = Configuration(),  # noqa: B008 (a value)
) -> Iterator[PlannedFile]:
    """The files in their order, each with the reason why it is not read, if there is one."""
    excluded, rules = globs(configuration.exclude), configuration.custom_rules
    for seq, file in enumerate(files):
        reason = "excluded" if excluded.match(file.path) else _reason(file)
        yield PlannedFile(seq, file, language_key(file.path, rules), reason)


def _reason(file: ManifestFile) -> str | None:
    if file.mode.lstrip("0").startswith("12"):
        return "symlink"
    if file.mode.lstrip("0").startswith("16"):
        return "submodule"
    return "too-large" if file.size_bytes > LARGEST_FETCHED_BYTES else None


def cut(files: Iterable[PlannedFile]) -> Iterator[Sequence[ShardFile]]:
    """Cut what has no result yet into shards: equal contents once, neighbours in a pack together."""
    sharing: dict[tuple[str, str], list[PlannedFile]] = {}
    for item in files:
        sharing.setdefault((item.file.sha256, item.language_key), []).append(item)
    shard: list[ShardFile] = []
    size = 0
    for items in sorted(sharing.values(), key=lambda items: (items[0].file.object, items[0].file.offset)):
        if shard and (len(shard) == SHARD_FILES or size + items[0].file.size_bytes > SHARD_BYTES):
            yield tuple(shard)
            shard, size = [], 0
        shard.append(_shard_file(items))
        size += items[0].file.size_bytes
    if shard:
        yield tuple(shard)


def _shard_file(items: Sequence[PlannedFile]) -> ShardFile:
    file, seqs = items[0].file, tuple(item.seq for item in items)
    return ShardFile(file.path, file.sha256, file.size_bytes, file.object, file.offset, items[0].language_key, seqs)
