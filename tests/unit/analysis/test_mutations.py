"""Damaged sources of every parsed language: nothing raises, two readings agree, and depth and length cost no more than their limits."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.analysis.engines.languages import PARSED, Language, detect
from functions.analysis.engines.limits import Limits
from functions.analysis.engines.structure import read
from functions.analysis.engines.unit import Content, Unit
from functions.analysis.model import Status

FIXTURES = Path(__file__).parents[2] / "fixtures" / "languages"
FILES = sorted(path.name for path in FIXTURES.iterdir())
_SHARDS = st.sampled_from(
    [b"(", b")", b"{", b"}", b"[", b"<", b"::", b"?.", b"#if X\n", b"#endif\n", b'"', b"'", b"`", b"/*", b"*/", b"end\n", b"=>", b"\xff",
     b"\xe2\x80\xae", b"\0", b"\r", b"namespace ", b"class ", b"func ", b"def ", b"<?php ", b"?>", b"use ", b"import ", b"if ", b"\\", b"$"]
)  # fmt: skip


@st.composite
def _edits(draw: Callable[..., object]) -> list[tuple[float, float, bytes]]:
    """Where to cut (as shares of the content), how much, and what to put there."""
    place, size = st.floats(0, 1), st.floats(0, 0.05)
    return draw(st.lists(st.tuples(place, size, st.lists(_SHARDS, max_size=4).map(b"".join)), min_size=1, max_size=6))


def _damaged(data: bytes, edits: list[tuple[float, float, bytes]]) -> bytes:
    for place, share, put in edits:
        start = int(place * len(data))
        data = data[:start] + put + data[start + int(share * len(data)) :]
    return data


def _read(file: str, data: bytes) -> Unit:
    return read(Content("", detect(file, (FIXTURES / file).read_bytes()), data), Limits())


@pytest.mark.parametrize("file", FILES)
def test_damaged_sources_are_read_the_same_twice_and_never_raise(file: str) -> None:
    sound = (FIXTURES / file).read_bytes()

    @settings(max_examples=25, deadline=None, derandomize=True, database=None)
    @given(_edits())
    def check(edits: list[tuple[float, float, bytes]]) -> None:
        data = _damaged(sound, edits)
        unit = _read(file, data)
        assert unit == _read(file, data)
        assert all(function.cyclomatic >= 1 and function.line <= function.end_line for function in unit.functions)
        assert unit.status is Status.SKIPPED or unit.metrics.cyclomatic >= 0

    check()


_DEEP = {
    "java": b"class K { int f() { return %s; } }",
    "go": b"package p\nfunc f() int { return %s }",
    "rust": b"fn f() -> i32 { %s }",
    "c": b"int f() { return %s; }",
    "cpp": b"int f() { return %s; }",
    "csharp": b"class K { int F() { return %s; } }",
    "ruby": b"def f\n%s\nend",
    "php": b"<?php function f() { return %s; }",
}


@pytest.mark.parametrize("language", sorted(_DEEP))
@pytest.mark.parametrize(
    "deep", [b"a" + b"+\na" * 50_000, b"(\n" * 50_000 + b"a" + b")\n" * 50_000, b"-\n" * 50_000 + b"a"]
)
def test_depth_is_bounded_in_every_language(language: str, deep: bytes) -> None:
    unit = read(Content("", Language(language), _DEEP[language] % deep), Limits())

    assert (unit.status, unit.reason) in [(Status.LEXICAL, "nesting"), (Status.PARTIAL, "syntax-error")]


@pytest.mark.parametrize("language", sorted(_DEEP))
def test_one_long_line_is_counted_but_not_parsed(language: str) -> None:
    unit = read(Content("", Language(language), b"a" * 20_000 + b"\n"), Limits())

    assert (unit.status, unit.reason, unit.metrics.lines) == (Status.LEXICAL, "long-line", 1)


@pytest.mark.parametrize("language", sorted(_DEEP))
def test_bytes_that_are_no_text_are_replaced_and_the_rest_is_read(language: str) -> None:
    body = b'# \xff\xfe\n"\xc3\x28"' if language == "ruby" else b'g("\xff\xfe \xc3\x28")'
    unit = read(Content("", Language(language), _DEEP[language] % body), Limits())

    assert [function.name.lower() for function in unit.functions] == ["f"]
    assert "invalid UTF-8 was replaced" in unit.notes


def test_many_wide_constructs_cost_no_more_than_their_number() -> None:
    """A switch with 5,000 cases and 5,000 chained conditions: no match of the query grows with what is beside it."""
    cases = b"".join(b"case %d: break;\n" % number for number in range(5_000))
    unit = read(Content("", Language("java"), b"class K { void f() { switch (a) {\n%s} } }" % cases), Limits())

    assert unit.functions[0].cyclomatic == 5_001


@pytest.mark.parametrize("language", sorted(PARSED - {"python", "javascript"}))
def test_a_language_loads_no_other_grammar(language: str) -> None:
    code = (
        f"import sys; from functions.analysis.engines.grammars import grammar; grammar({language!r}).load();"
        "print(*(name for name in sys.modules if name.startswith('tree_sitter_') and '.' not in name))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    names = {"csharp": "c_sharp", "tsx": "typescript", "c": "cpp"}

    assert set(loaded) <= {
        f"tree_sitter_{names.get(language, language)}",
        f"tree_sitter_{language}",
        *_PAIRS.get(language, ()),
    }


_PAIRS = {"cpp": ["tree_sitter_c"], "typescript": ["tree_sitter_javascript"], "tsx": ["tree_sitter_javascript"]}


def test_figures_are_the_same_in_every_process() -> None:
    """The parser's library hands out nodes in the order of addresses."""
    code = (
        "from pathlib import Path; from hashlib import sha256\n"
        "from functions.analysis.engines.structure import read; from functions.analysis.engines.unit import Content\n"
        "from functions.analysis.engines.languages import detect; from functions.analysis.engines.limits import Limits\n"
        f"files = sorted(Path({str(FIXTURES)!r}).iterdir())\n"
        "units = [read(Content('', detect(f.name, f.read_bytes()), f.read_bytes()), Limits()) for f in files]\n"
        "print(sha256(repr([(u.functions, u.classes, u.imports, u.calls, u.metrics) for u in units]).encode()).hexdigest())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        )
        for seed in ("1", "2")
    ]

    assert runs[0].stdout == runs[1].stdout != ""
