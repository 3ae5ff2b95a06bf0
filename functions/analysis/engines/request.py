"""What parent and child say to each other about a shard: a JSON header and the contents one after the other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from functions.analysis.engines.analyse import analyse
from functions.analysis.engines.choice import Choice
from functions.analysis.engines.codec import to_json
from functions.analysis.engines.custom import problems
from functions.analysis.engines.engine import Run
from functions.analysis.engines.languages import Language
from functions.analysis.engines.limits import Limits
from functions.analysis.engines.unit import Content
from functions.analysis.model import Form


def serve(header: bytes, body: bytes, limits: Limits) -> bytes:
    asked = json.loads(header)
    if "rules" in asked:
        return json.dumps([str(problem) for problem in problems(asked["rules"], limits)]).encode()
    choice = Choice.from_json(asked["choice"])
    run = Run(limits, choice, asked["engine_set"], asked["wall_s"], asked["programs"])
    results = analyse(_contents(asked["contents"], body), run)
    return json.dumps([to_json(result) for result in results], separators=(",", ":")).encode()


def _contents(listed: Sequence[Any], body: bytes) -> Sequence[Content]:
    contents, position = [], 0
    for sha256, name, form, away, size in listed:
        data = body[position : position + size]
        contents.append(Content(sha256, Language(name, Form(form)), data, frozenset(away)))
        position += size
    return contents
