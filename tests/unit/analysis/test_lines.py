"""Lines: every line is code, comment or blank, in every language and with every line end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.analysis.engines.languages import Language
from functions.analysis.engines.limits import Limits
from functions.analysis.engines.structure import read
from functions.analysis.engines.unit import Content
from functions.analysis.model import Metrics

_PIECES = st.sampled_from(["x = 1", "# note", "    # deep", "", "   ", '"""doc"""', "f(a)", "'''a", "b'''", "é = 2"])


def _lines(data: bytes, language: str = "python") -> Metrics:
    return read(Content("", Language(language), data), Limits()).metrics


def _counts(metrics: Metrics) -> tuple[int, int, int, int]:
    return metrics.lines, metrics.code, metrics.comment, metrics.blank


@given(st.lists(_PIECES), st.sampled_from(["python", "ruby", "c", "text", "javascript"]))
def test_kinds_of_lines_add_up(pieces: list[str], language: str) -> None:
    metrics = _lines("\n".join(pieces).encode(), language)

    assert metrics.code + metrics.comment + metrics.blank == metrics.lines
    assert min(_counts(metrics)) >= 0


@given(st.lists(_PIECES))
def test_line_ends_and_byte_order_mark_change_nothing(pieces: list[str]) -> None:
    text = "".join(piece + "\n" for piece in pieces)

    plain = _counts(_lines(text.encode()))

    assert _counts(_lines(text.replace("\n", "\r\n").encode())) == plain
    assert _counts(_lines(b"\xef\xbb\xbf" + text.encode())) == plain
    assert plain[0] == len(pieces)


@given(st.binary(max_size=400))
def test_any_bytes_are_read(data: bytes) -> None:
    metrics = _lines(data)

    assert metrics.code + metrics.comment + metrics.blank in (metrics.lines, 0)


@pytest.mark.parametrize(
    ("language", "source", "expected"),
    [
        ("python", '"""Doc\n\nmore."""\n# c\nx = """a\n# not a comment\n"""  # c\n', (7, 3, 3, 1)),
        ("javascript", "/* a\n b */ x\n// c\n\ny // d\n", (5, 2, 2, 1)),
        ("c", "/* a\n\n b */\nint x; // c\n// d\n", (5, 1, 3, 1)),
        ("shell", "#!/bin/sh\n# c\necho '#'\n", (3, 1, 2, 0)),
        ("html", "<!-- a\nb -->\n<p>\n", (3, 1, 2, 0)),
        ("text", "# not a comment\n", (1, 1, 0, 0)),
    ],
)
def test_lines_of_samples(language: str, source: str, expected: tuple[int, int, int, int]) -> None:
    assert _counts(_lines(source.encode(), language)) == expected
