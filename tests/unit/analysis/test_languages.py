"""Which language a file is in, and what its name says about it."""

from __future__ import annotations

import pytest

from functions.analysis.engines.languages import BY_EXTENSION, detect
from functions.analysis.model import Form


@pytest.mark.parametrize(
    ("path", "data", "name"),
    [
        ("a/b.py", b"", "python"),
        ("B.PY", b"", "python"),
        ("x.tsx", b"", "tsx"),
        ("x.mjs", b"", "javascript"),
        ("Makefile", b"", "make"),
        ("Dockerfile", b"", "dockerfile"),
        ("CMakeLists.txt", b"", "cmake"),
        ("tool", b"#!/usr/bin/env python3\n", "python"),
        ("tool", b"#!/bin/bash -e\n", "shell"),
        ("tool", b"#!/usr/bin/node\n", "javascript"),
        ("tool", b"plain", "text"),
        ("-rf.py", b"", "python"),
        ("--config=x.py", b"", "python"),
        ("", b"", "text"),
    ],
)
def test_language_follows_name_then_extension_then_shebang(path: str, data: bytes, name: str) -> None:
    assert detect(path, data).name == name


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("pkg/__init__.py", Form.PACKAGE),
        ("src/index.ts", Form.PACKAGE),
        ("pkg/a.pyi", Form.STUB),
        ("a.d.ts", Form.STUB),
        ("tests/helper.py", Form.TEST),
        ("test_a.py", Form.TEST),
        ("a.spec.ts", Form.TEST),
        ("contest.py", Form.MODULE),
    ],
)
def test_the_name_says_which_rules_make_sense(path: str, form: Form) -> None:
    assert detect(path, b"").form is form


def test_many_languages_are_known() -> None:
    assert len(set(BY_EXTENSION.values())) >= 40
