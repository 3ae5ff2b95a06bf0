"""What parent and child say to each other about a shard: a JSON header and the contents one after the other."""

from __future__ import annotations

import json
from collections.abc import Sequence

from functions.analysis.engines.analyse import analyse
from functions.analysis.engines.codec import to_json
from functions.analysis.engines.languages import Language
from functions.analysis.engines.limits import Limits
from functions.analysis.engines.unit import Content
from functions.analysis.model import Form


def serve(header: bytes, body: bytes, limits: Limits) -> bytes:
    results = analyse(_contents(header, body), limits)
    return json.dumps([to_json(result) for result in results], separators=(",", ":")).encode()


def _contents(header: bytes, body: bytes) -> Sequence[Content]:
    contents, position = [], 0
    for sha256, name, form, size in json.loads(header):
        contents.append(Content(sha256, Language(name, Form(form)), body[position : position + size]))
        position += size
    return contents
