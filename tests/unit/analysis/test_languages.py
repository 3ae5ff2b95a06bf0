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


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"#ifndef A_H\n#define A_H\nstruct a { int b; };\nint f(struct a *x);\n#endif\n", "c"),
        (b"/* a class of its own */\nint f(void);\n", "c"),
        (b'#include <stdio.h>\n#ifdef __cplusplus\nextern "C" {\n#endif\n', "c"),
        (b"#pragma once\n#include <vector>\n", "cpp"),
        (b"namespace a {\n", "cpp"),
        (b"  class K;\n", "cpp"),
        (b"template <typename T>\nT f();\n", "cpp"),
        (b"struct A {\n  public:\n", "cpp"),
        (b"using namespace std;\n", "cpp"),
    ],
)
def test_a_header_is_in_the_language_of_its_content(head: bytes, name: str) -> None:
    assert detect("a.h", head).name == name


@pytest.mark.parametrize(
    "path", ["a/CartTest.java", "CartTests.cs", "cart_test.go", "cart_spec.rb", "x/CartTest.php", "spec/a.rb"]
)
def test_tests_are_known_by_the_habits_of_their_language(path: str) -> None:
    assert detect(path, b"").form is Form.TEST


@pytest.mark.parametrize("path", ["Latest.java", "contest.rs", "Fastest.cs"])
def test_a_word_that_ends_like_a_test_is_none(path: str) -> None:
    assert detect(path, b"").form is Form.MODULE
