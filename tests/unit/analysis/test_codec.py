"""The stored form of a result, and the key that it is found by."""

from __future__ import annotations

import json

import pytest

from functions.analysis.engines import codec
from functions.analysis.engines.choice import Choice
from functions.analysis.engines.engine_set import cache_key, engine_set, engines
from functions.analysis.engines.languages import detect
from tests.unit.analysis.conftest import Read

SOURCE = """from a import b as c


class K(c):
    LIMIT = 1

    def m(self):
        return undefined(self.m())


TOP = 1
"""


@pytest.mark.parametrize("path", ["a.py", "a.js", "a.md", "a.bin"])
def test_a_result_survives_being_stored(read: Read, path: str) -> None:
    result = read(path, SOURCE if not path.endswith("bin") else b"\0")

    assert codec.from_json(json.loads(json.dumps(codec.to_json(result)))) == result


def test_another_schema_is_refused(read: Read) -> None:
    document = codec.to_json(read("a.py", SOURCE)) | {"schema": codec.SCHEMA + 1}

    with pytest.raises(codec.UnknownSchema):
        codec.from_json(document)


def test_the_key_changes_with_content_language_form_and_configuration() -> None:
    keys = {
        cache_key(sha, detect(path, b""), Choice.of(custom_rules=rules))
        for sha in ("a" * 64, "b" * 64)
        for path in ("a.py", "test_a.py", "a.ts")
        for rules in ("", "strict")
    }

    assert len(keys) == 12


def test_every_tool_is_named_with_its_version(read: Read) -> None:
    assert {"ruff", "bandit", "tree-sitter", "tree-sitter-python", "structure"} <= set(engines())
    assert read("a.py", SOURCE).engine_set == engine_set()
