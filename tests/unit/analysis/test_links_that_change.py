"""Which files must be tied again after an edit: whoever's links differ is found by the names and files it asked for."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import PurePosixPath

import pytest

from functions.analysis.resolution.linking import Linked
from functions.analysis.resolution.modules import stem
from functions.analysis.resolution.names import names_of
from tests.unit.analysis.versions import link, listed, outlined, unit

_JAVA = {
    "a/A.java": "package a;\nimport b.B;\nimport b.*;\nclass A extends B { void f() { B.g(); C.h(); D.i(); help(); } }\n",
    "a/D.java": "package a;\nclass D { static void i() {} }\n",
    "b/B.java": "package b;\npublic class B extends C { static void g() {} }\n",
    "b/C.java": "package b;\npublic class C { static void h() {} void help() {} }\n",
    "t/a/A.java": "package a;\nclass A { void f() { D.i(); } }\n",
}
_GO = {
    "cmd/main.go": 'package main\nimport "x.org/y/store"\nfunc main() { store.Open(); help() }\n',
    "cmd/help.go": "package main\nfunc help() {}\n",
    "store/a.go": "package store\ntype S struct { T }\nfunc Open() { open() }\nfunc (s *S) M() { s.N() }\n",
    "store/b.go": "package store\ntype T struct{}\nfunc open() {}\nfunc (t *T) N() {}\n",
    "old/store/a.go": "package store\nfunc Open() {}\n",
}
_RUST = {
    "src/lib.rs": "mod a;\nmod b;\npub use b::deep;\nfn f() { a::g(); b::c::h() }\n",
    "src/a.rs": "use crate::b::c::h;\nuse crate::deep;\npub fn g() { h(); deep() }\n",
    "src/b/mod.rs": "pub mod c;\npub use self::c::deep;\n",
    "src/b/c.rs": "pub fn h() {}\npub fn deep() {}\n",
}
_C = {
    "main.c": '#include "a.h"\nint main(void) { a(); b(); c(); }\n',
    "a.h": '#include "lib/b.h"\nint a(void);\n',
    "a.c": "int a(void) { return 1; }\n",
    "lib/b.h": '#include "c.h"\nint b(void);\n',
    "lib/b.c": "int b(void) { return 1; }\n",
    "lib/c.h": "int c(void);\n",
    "lib/c.c": "int c(void) { return 1; }\n",
}
_CSHARP = {
    "A.cs": "using N.M;\nusing T = N.O.Text;\nnamespace N;\nclass A : Base { void F() { Tool.G(); T.H(); Stop(); } }\n",
    "Base.cs": "namespace N { class Base : Root { } }\n",
    "Root.cs": "namespace N { class Root { protected void Stop() {} } }\n",
    "M/Tool.cs": "namespace N.M { class Tool { public static void G() {} } }\n",
    "O/Text.cs": "namespace N.O { class Text { public static void H() {} } }\n",
}
_RUBY = {
    "lib/a.rb": "require 'b'\nrequire_relative 'c/d'\nmodule M\n  class A < Base\n    def f\n      D.g()\n      stop()\n      top(1)\n    end\n  end\nend\n",
    "lib/b.rb": "def top(a); end\n",
    "lib/base.rb": "module M\n  class Base\n    include Extra\n  end\nend\n",
    "lib/extra.rb": "module M\n  module Extra\n    def stop; end\n  end\nend\n",
    "lib/c/d.rb": "module M\n  class D\n    def self.g; end\n  end\nend\n",
}
_PHP = {
    "src/A.php": "<?php\nnamespace N;\nuse N\\M\\B;\nrequire 'fn.php';\nclass A extends Base { function f() { B::g(); C::h(); $this->stop(); top(); } }\n",
    "src/Base.php": "<?php\nnamespace N;\nclass Base { use Stops; }\n",
    "src/Stops.php": "<?php\nnamespace N;\ntrait Stops { function stop() {} }\n",
    "src/M/B.php": "<?php\nnamespace N\\M;\nclass B { static function g() {} }\n",
    "src/C.php": "<?php\nnamespace N;\nclass C { static function h() {} }\n",
    "src/fn.php": "<?php\nfunction top() {}\n",
}
VERSIONS = {"java": _JAVA, "go": _GO, "rust": _RUST, "c": _C, "csharp": _CSHARP, "ruby": _RUBY, "php": _PHP}


def _concerned(before: Mapping[str, Linked], came: set[str], gone: set[str], noticed: set[str]) -> set[str]:
    """As the graph is kept: by the files that were asked, and by the stems of what came and went."""
    direct = _using(before, gone) | _with_stems(before, {stem(path) for path in came | gone})
    return _using(before, noticed) | direct | _using(before, direct)


def _using(linked: Mapping[str, Linked], paths: set[str]) -> set[str]:
    return {path for path, one in linked.items() if one.consulted & paths}


def _with_stems(linked: Mapping[str, Linked], stems: set[str]) -> set[str]:
    return {path for path, one in linked.items() if one.stems & stems}


def _edited(draw: random.Random, language: str, files: dict[str, str]) -> dict[str, str]:
    """Remove a file, bring one back, move one or change its names."""
    after = dict(files)
    path = draw.choice(sorted(VERSIONS[language]))
    match draw.randrange(4):
        case 0:
            after.pop(path, None)
        case 1:
            after[path] = VERSIONS[language][path]
        case 2 if path in after:
            name = PurePosixPath(path).name
            after[draw.choice([name, f"moved/{name}", f"b/{name}"])] = after.pop(path)
        case _ if path in after:
            after[path] = after[path].replace("g(", "gg(") if draw.random() < 0.5 else VERSIONS[language][path]
    return after


@pytest.mark.parametrize("language", sorted(VERSIONS))
def test_whose_links_differ_after_an_edit_was_told_to_look_again(language: str) -> None:
    draw = random.Random(language)
    files = dict(VERSIONS[language])
    before, looked_again = link(files), 0
    for _ in range(80):
        after = _edited(draw, language, files)
        linked = link(after)
        kept = files.keys() & after.keys()
        changed = {path for path in kept if files[path] != after[path]}
        noticed = {path for path in changed if _visible(path, files[path]) != _visible(path, after[path])}
        came, gone = after.keys() - files.keys(), files.keys() - after.keys()
        differing = {path for path in kept - changed if linked[path] != before[path]}
        assert differing <= _concerned(before, came, gone, noticed), (language, came, gone, changed)
        files, before, looked_again = after, linked, looked_again + len(differing)
    assert looked_again >= 3


def _visible(path: str, text: str) -> object:
    return names_of(listed(outlined(unit(path, text)))).visible
