"""A repository of bad files, the same one for the same seed: what parsers, linters and stores choke on."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from itertools import count

Make = Callable[[random.Random], bytes]
LANGUAGES = (
    "py",
    "js",
    "ts",
    "tsx",
    "java",
    "go",
    "rs",
    "c",
    "cpp",
    "cs",
    "rb",
    "php",
    "json",
    "yaml",
    "md",
    "sh",
    "unknown",
)
BRACKETS = ("(", "[", "{", "[{a:", "f(", "(x,", "<", "{{")
WORDS = (
    "if",
    "else",
    "x",
    "=",
    "(",
    ")",
    "{",
    "}",
    ":",
    "\n",
    "    ",
    '"',
    "'",
    "#",
    "//",
    "/*",
    "*/",
    "def",
    "class",
    "@",
    "\\",
    "`",
)
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200f"
MOST_BYTES = 900_000


def _size(draw: random.Random, *sizes: int) -> int:
    """One of the sizes, smallest first: large ones are rare, so that a thousand files are read in seconds."""
    return draw.choices(sizes, weights=[25**-place for place in range(len(sizes))])[0]


def _deep(draw: random.Random) -> bytes:
    return (draw.choice(BRACKETS) * _size(draw, 190, 5_000, 100_000)).encode()[:MOST_BYTES]


def _deep_lines(draw: random.Random) -> bytes:
    opening = draw.choice(BRACKETS)
    return f"x = {opening}\n".encode() + f"{opening}\n".encode() * _size(draw, 150, 3_000, 60_000)


def _indented(draw: random.Random) -> bytes:
    depth = _size(draw, 90, 101, 1_200)
    return "".join(f"{' ' * level}if x:\n" for level in range(depth)).encode() + b" " * depth + b"pass\n"


def _chain(draw: random.Random) -> bytes:
    link = draw.choice(("+a", ".a", "()", "[0]", " if a else b", ", a", " and not a", "->a", "::a", " || a"))
    end = draw.choice(("", "\n"))
    return ("x = a" + (link + end) * _size(draw, 1_000, 20_000, 80_000)).encode()[:MOST_BYTES]


def _unary(draw: random.Random) -> bytes:
    return b"x = " + draw.choice((b"-", b"not ", b"!", b"~", b"*", b"&")) * _size(draw, 3_000, 100_000) + b"1\n"


def _branches(draw: random.Random) -> bytes:
    return b"if 1: pass\n" + b"elif 1: pass\n" * _size(draw, 500, 20_000)


def _one_line(draw: random.Random) -> bytes:
    text = draw.choice(("a", "a ", "a;", "a,", "'", '"', "\\", "(a)", "x=1;", "é", "\t"))
    return (text * _size(draw, 15_000, MOST_BYTES)).encode()[:MOST_BYTES]


def _bidirectional(draw: random.Random) -> bytes:
    lines = (
        f"x = '{draw.choice(BIDI) * draw.randint(1, 3)}' # {draw.choice(BIDI)}\n"
        for _ in range(_size(draw, 10, 30_000))
    )
    return "".join(lines).encode()[:MOST_BYTES]


def _nul(draw: random.Random) -> bytes:
    place = draw.choice((0, 10, 7_999, 8_001, 20_000))
    return b"x = 1\n" * (place // 6) + b"\0" * draw.randint(1, 50) + b"y = 2\n"


def _noise(draw: random.Random) -> bytes:
    return draw.randbytes(_size(draw, 10, 1_000, 100_000)).replace(b"\0", draw.choice((b"", b"\0", b" ")))


def _words(draw: random.Random) -> bytes:
    return " ".join(draw.choices(WORDS, k=_size(draw, 100, 2_000))).encode()


def _quine(draw: random.Random) -> bytes:
    text = "s = {0!r}\nprint(s.format(s))\n"
    return text.format(text).encode() * _size(draw, 1, 500)


def _encoding(draw: random.Random) -> bytes:
    name = draw.choice(
        ("latin-1", "utf-7", "hex", "rot13", "idna", "no-such", "utf-16", "cp037", "punycode", "zip", "mbcs", "x" * 300)
    )
    return f"# -*- coding: {name} -*-\nx = '".encode() + draw.randbytes(40).replace(b"\0", b"") + b"'\n"


def _wide(draw: random.Random) -> bytes:
    text = "x = 'é'\nimport os\n" * _size(draw, 1, 2_000)
    return text.encode(draw.choice(("utf-16", "utf-32", "utf-16-le", "utf-8-sig"))) + draw.choice(
        (b"", b"\xff", b"\xd8")
    )


def _truncated(draw: random.Random) -> bytes:
    return draw.choice(
        (b'x = "', b"x = '''", b"/* ", b"x = `${", b"<<EOF\n", b'"""', b"f'{", b'R"x(', b"=begin\n", b"<?php /*")
    ) + b"a b\n" * _size(draw, 100, 2_000)


def _ends(draw: random.Random) -> bytes:
    return b"".join(
        b"x = 1" + draw.choice((b"\n", b"\r", b"\r\n", b"\n\r", b"\x0b", b"\x0c", b"\xe2\x80\xa8", b"\x85"))
        for _ in range(_size(draw, 100, 2_000))
    )


def _archive(draw: random.Random) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.py", b"0" * _size(draw, 10, 5_000_000))
    return buffer.getvalue()


def _digits(draw: random.Random) -> bytes:
    return b"x = " + draw.choice((b"1", b"0x", b"1e", b"1_", b"0b1")) * _size(draw, 4_000, 9_000) + b"\n"


def _identifier(draw: random.Random) -> bytes:
    return (draw.choice(("a", "é", "а", "_", "A1")) * _size(draw, 9_000, 400_000)).encode() + b" = 1\n"


def _flood(draw: random.Random) -> bytes:
    line = draw.choice(
        (
            b"a\n",
            b"undefined()\n",
            b"import os\n",
            b"except:\n",
            b"eval(x)\n",
            b"def f(a=[]): 0\n",
            b"x == x\n",
            b"f(a, 'b')\n",
        )
    )
    return line * (_size(draw, 6_000, MOST_BYTES // 8) // len(line))


def _secrets(draw: random.Random) -> bytes:
    """What makes naive patterns for credentials slow: beginnings of tokens without an end."""
    piece = draw.choice(
        ("-eyJaaaaaaaaaa", "eyJaaaaaaaaaaa.", "sk-aaaaaaaaaaaaaaaaaa", "-sk-ant-api03-", "xoxb-1-1-1-", "aws aws aws_key ", "a://b:c",
         "password=", "server=a;", "key-", "-----BEGIN PRIVATE KEY-----", "AKIA", "authorization: basic ", "://:", "secret='a", "1:AA")
    )  # fmt: skip
    return (piece * (MOST_BYTES // len(piece)))[: _size(draw, 50_000, MOST_BYTES)].encode()


def _tokens(draw: random.Random) -> bytes:
    """Thousands of things that look like live credentials."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return "".join(
        f"k = 'AKIA{''.join(draw.choices(alphabet, k=16))}'\n" for _ in range(_size(draw, 200, 4_000))
    ).encode()


def _nothing(draw: random.Random) -> bytes:
    return draw.choice(
        (b"", b"\n" * 100_000, b" " * 5_000, b"\t\n" * 50_000, b"\xef\xbb\xbf", b"\xff\xfe", b"\x1a", b"\x0c" * 9_000)
    )


def _markers(draw: random.Random) -> bytes:
    return (
        draw.choice(
            (b"# noqa", b"# nosec ", b"# type: ignore\n", b"# ruff: noqa: ", b"#" + b" coding:" * 9, b"@generated ")
        )
        * 3_000
    )


def _generic(draw: random.Random) -> bytes:
    return b"type A = " + draw.choice((b"Map<", b"a<b,", b"(a: ", b"A|", b"keyof ")) * _size(draw, 100, 1_500) + b"x;\n"


def _classes(draw: random.Random) -> bytes:
    return b"".join(b"%sclass C%d:\n" % (b" " * n, n) for n in range(_size(draw, 80, 400))) + b" " * 500 + b"x = 1\n"


MAKERS: tuple[Make, ...] = (
    _deep, _deep_lines, _indented, _chain, _unary, _branches, _one_line, _bidirectional, _nul, _noise, _words, _quine, _encoding,
    _wide, _truncated, _ends, _archive, _digits, _identifier, _flood, _secrets, _tokens, _nothing, _markers, _generic, _classes,
)  # fmt: skip
_NAMES = (
    "{n}.{ext}", "line\nbreak{n}.{ext}", "tab\t{n}.{ext}", "-rf{n}.{ext}", "--config={n}.{ext}", "..{n}.{ext}", "a b'\"{n}.{ext}",
    "\u202e{n}.{ext}", "é{n}.{ext}", "$(id){n}.{ext}", "%s%n{n}.{ext}", "a/" * 60 + "{n}.{ext}", "con/{n}.{ext}", "{n}\\x.{ext}",
    "__init__{n}.{ext}", "test_{n}.{ext}", "x" * 200 + "{n}.{ext}", "<script>{n}.{ext}", "'; drop table x;--{n}.{ext}", "\x7f{n}.{ext}",
)  # fmt: skip


def repository(files: int = 1_000, *, seed: int = 4) -> Mapping[str, bytes]:
    """Path to content."""
    return dict(_each(files, random.Random(seed)))


def _each(files: int, draw: random.Random) -> Iterator[tuple[str, bytes]]:
    for number in count():
        if number == files:
            return
        name, extension = _NAMES[number % len(_NAMES)], LANGUAGES[number % len(LANGUAGES)]
        yield name.format(n=number, ext=extension), MAKERS[number % len(MAKERS)](draw)
