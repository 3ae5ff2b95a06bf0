"""Which language a file is in and what its name says about it. The path ends here: engines see only the answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from functions.analysis.engines.words import words
from functions.analysis.model import Form


@dataclass(frozen=True, slots=True)
class Language:
    """`key` names language and form; together with the content it decides a result."""

    name: str
    form: Form = Form.MODULE

    @property
    def key(self) -> str:
        return f"{self.name}:{self.form}"


PARSED = frozenset(words("python javascript typescript tsx java go rust c cpp csharp ruby php"))
"""Languages with a parser; all others get lines and lexical metrics."""

_TABLE = """
python: py pyi pyw
javascript: js mjs cjs jsx
typescript: ts mts cts
tsx: tsx
java: java
kotlin: kt kts
scala: scala sc
groovy: groovy gradle
c: c h
cpp: cc cpp cxx hh hpp hxx ino
csharp: cs
fsharp: fs fsx
go: go
rust: rs
swift: swift
objective-c: m mm
dart: dart
zig: zig
php: php phtml
ruby: rb rake gemspec
perl: pl pm
lua: lua
r: r
julia: jl
elixir: ex exs
erlang: erl hrl
haskell: hs
ocaml: ml mli
clojure: clj cljs cljc edn
lisp: lisp el scm
shell: sh bash zsh ksh
powershell: ps1 psm1
batch: bat cmd
sql: sql
html: html htm xhtml
xml: xml xsd xsl svg
css: css
scss: scss sass less
vue: vue
svelte: svelte
json: json jsonl ipynb map
yaml: yaml yml
toml: toml
ini: ini cfg conf properties env
markdown: md markdown
restructuredtext: rst
text: txt text
terraform: tf tfvars hcl
protobuf: proto
graphql: graphql gql
rego: rego
solidity: sol
assembly: s asm
cmake: cmake
cython: pyx pxd
"""
BY_EXTENSION = {
    extension: name
    for name, _, extensions in (line.partition(": ") for line in _TABLE.strip().splitlines())
    for extension in extensions.split()
}
_BY_NAME = {
    "makefile": "make",
    "gnumakefile": "make",
    "dockerfile": "dockerfile",
    "containerfile": "dockerfile",
    "cmakelists.txt": "cmake",
    "rakefile": "ruby",
    "gemfile": "ruby",
    "jenkinsfile": "groovy",
    "sconstruct": "python",
    "wscript": "python",
    ".bashrc": "shell",
    ".env": "ini",
}
_SHEBANG = re.compile(rb"\A#![^\n]*?\b(python|node|deno|bun|bash|zsh|ksh|dash|sh|ruby|perl|php|lua|Rscript)[\d.]*\b")
_INTERPRETERS = {
    b"python": "python",
    b"node": "javascript",
    b"deno": "typescript",
    b"bun": "typescript",
    b"ruby": "ruby",
    b"perl": "perl",
    b"php": "php",
    b"lua": "lua",
    b"Rscript": "r",
}
_CPP = re.compile(
    rb"^[ \t]*(?:class\s+\w|namespace\b|template\s*<|using\s+(?:namespace\s|\w+\s*=|\w+::)|public\s*:|private\s*:|protected\s*:|#[ \t]*include[ \t]*<c?[a-z_]+>"
    rb"|(?:virtual|explicit|constexpr|friend)\b)",
    re.MULTILINE,
)
_HEADER_BYTES = 64_000
_TEST_NAME = re.compile(r"(?:^test_|_test\.|_spec\.rb$|\.(?:test|spec)\.|^conftest\.py$)")
_TEST_CLASS = re.compile(r"(?:Tests?|TestCase|IT)\.(?:java|cs|php)$")
_TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "testing", "spec", "specs"})
_PACKAGE_NAMES = frozenset({"__init__.py", "index.js", "index.ts", "index.mjs", "index.tsx", "index.jsx"})


def detect(path: str, data: bytes) -> Language:
    """Decide by name, extension, then shebang; what stays unknown is `text`, read lexically."""
    pure = PurePosixPath(path)
    file_name = pure.name.lower()
    extension = file_name.rpartition(".")[2] if "." in file_name else ""
    name = _BY_NAME.get(file_name) or BY_EXTENSION.get(extension) or _by_shebang(data)
    if extension == "h" and _CPP.search(data, 0, _HEADER_BYTES):
        name = "cpp"
    return Language(name, _form(pure, file_name))


def _by_shebang(data: bytes) -> str:
    found = _SHEBANG.match(data[:200])
    return _INTERPRETERS.get(found[1], "shell") if found else "text"


def _form(pure: PurePosixPath, file_name: str) -> Form:
    if file_name.endswith((".pyi", ".d.ts", ".d.mts", ".d.cts")):
        return Form.STUB
    named = _TEST_NAME.search(file_name) or _TEST_CLASS.search(pure.name)
    if named or _TEST_FOLDERS.intersection(pure.parts[:-1]):
        return Form.TEST
    return Form.PACKAGE if file_name in _PACKAGE_NAMES else Form.MODULE
