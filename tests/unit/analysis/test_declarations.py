"""Symbols, imports and calls of small samples in the languages with declarations."""

from __future__ import annotations

import pytest

from functions.analysis.engines.grammars import grammar
from functions.analysis.engines.outline import Outline, outline


def _outline(language: str, source: str) -> Outline:
    return outline(source.encode(), grammar(language), 1_000)


def _scopes(language: str, source: str) -> list[tuple[str, str]]:
    return [
        (scope.qualified_name, str(scope.kind or "class"))
        for scope in _outline(language, source).scopes
        if scope.listed
    ]


@pytest.mark.parametrize(
    ("language", "source", "scopes"),
    [
        (
            "java",
            (
                "class A { A() {} abstract void n(); <T> void m() { new B() { void k() {} }; class L { void l() {} } } class I {} }\n"
                "record R(int a) { R {} }\nenum E { X { void x() {} }; }\n@interface Q {}"
            ),
            (
                "A:class A.A:method A.m:method A.m.(anonymous 1).k:method A.m.L:class A.m.L.l:method A.I:class R:class R.R:method "
                "E:class E.x:method Q:class"
            ),
        ),
        (
            "go",
            "type S struct{}\nfunc (s *S) M() { go func() { x(func() {}) }() }\nfunc (G[T]) N() {}\nvar V = func() {}\nfunc f() {}",
            "S:class S.M:method S.M.(anonymous 1):closure S.M.(anonymous 1).(anonymous 1):closure G.N:method V:function f:function",
        ),
        (
            "rust",
            (
                "struct S; trait T { fn d() {} fn e(); }\nimpl<X> S { fn n() { fn i() {} } }\nimpl T for a::S<Y> { fn d() {} }\n"
                "mod m { pub fn f() {} struct K; }"
            ),
            "S:class T:class T.d:method S.n:method S.n.i:closure a.S.d:method m.f:function m.K:class",
        ),
        (
            "c",
            "struct s { int a; }; struct s *f(struct s *x) { return x; }\nint (*g(void))(int) { return 0; }\nint h(void);",
            "s:class f:function g:function",
        ),
        (
            "cpp",
            (
                "namespace a::b { class EXPORTED K : public L { K() {} ~K() {} bool operator==(K o) { return 1; } operator int() { return 1; } "
                "void d(); struct I {}; }; }\nvoid a::b::K::d() { auto x = [] {}; }\nnamespace { void s() {} }\ntemplate <class T> T id(T x) { return x; }"
            ),
            (
                "a.b.K:class a.b.K.K:method a.b.K.~K:method a.b.K.operator==:method a.b.K.operator int:method a.b.K.I:class a.b.K.d:method "
                "(anonymous 1).s:function id:function"
            ),
        ),
        (
            "csharp",
            (
                "namespace A.B;\nclass K { K() {} ~K() {} int P { get { return 1; } set; } int Q => 1; void M() { void L() {} } "
                "public static K operator +(K a, K b) { return a; } int this[int i] { get => 1; } }\ninterface I { void M(); }\n"
                "record R(int A);\nenum E { X }\nstruct S {}"
            ),
            (
                "A.B.K:class A.B.K.K:method A.B.K.~K:method A.B.K.P.get:method A.B.K.M:method A.B.K.M.L:closure "
                "A.B.K.operator +:method A.B.K.this.get:method A.B.I:class A.B.R:class A.B.E:class A.B.S:class"
            ),
        ),
        (
            "ruby",
            (
                "module A::B\n  class K\n    def m; end\n    def self.s; end\n    class << self\n      def t = 1\n    end\n"
                "    def ==(o); end\n  end\nend\ndef f; end"
            ),
            "A.B:class A.B.K:class A.B.K.m:method A.B.K.s:method A.B.K.t:method A.B.K.==:method f:function",
        ),
        (
            "php",
            (
                "<?php\nnamespace A\\B;\nclass K { function m() { new class { function z() {} }; } abstract function n(); }\n"
                "interface I {} trait T { function t() {} } enum E { case X; }\nnamespace C;\nfunction f() { function g() {} }"
            ),
            (
                "A.B.K:class A.B.K.m:method A.B.K.m.(anonymous 1).z:method A.B.I:class A.B.T:class A.B.T.t:method A.B.E:class "
                "C.f:function C.f.g:closure"
            ),
        ),
    ],
)
def test_functions_and_classes_have_full_names_and_kinds(language: str, source: str, scopes: str) -> None:
    assert " ".join(f"{name}:{kind}" for name, kind in _scopes(language, source)) == scopes


@pytest.mark.parametrize(
    ("language", "source", "bases"),
    [
        ("java", "class A<T> extends B.C<T> implements I, p.J<X<Y>> {} interface K extends L, M<N> {}", [("B.C", "I", "p.J"), ("L", "M")]),
        ("go", "type S struct { Base; *pkg.Other; G[int]; x int }\ntype I interface { io.Reader; M() }", [("Base", "pkg.Other", "G"), ("io.Reader",)]),
        ("rust", "trait T: A + b::B<C> {}\nstruct S; impl x::D for S {} impl S {}", [("A", "b.B"), ("x.D",)]),
        ("cpp", "class K : public A<T>, virtual private ns::B { }; struct S {};", [("A", "ns.B"), ()]),
        ("csharp", "class K<T> : Base<T>, N.I where T : class {} record R(int A) : Q(A);", [("Base", "N.I"), ("Q",)]),
        ("ruby", "class K < A::B\n  include M, N\n  extend O\nend\nmodule P; end", [("A.B", "M", "N", "O"), ()]),
        ("php", "<?php class K extends B implements I, \\N\\J { use T, U; } interface X extends Y, Z {}", [("B", "I", "N.J", "T", "U"), ("Y", "Z")]),
    ],
)  # fmt: skip
def test_classes_name_their_bases(language: str, source: str, bases: list[tuple[str, ...]]) -> None:
    assert [scope.bases for scope in _outline(language, source).scopes if scope.kind is None and scope.listed] == bases


@pytest.mark.parametrize(
    ("language", "source", "imports"),
    [
        (
            "java",
            "package a.b;\nimport c.D;\nimport e.*;\nimport static f.G.h;\nimport static f.G.*;",
            [("a.b", "*", "", -1), ("c", "D", "", 0), ("e", "*", "", 0), ("f.G", "h", "", 0), ("f.G", "*", "", 0)],
        ),
        (
            "go",
            'import ("fmt"; m "x/y/v2"; . "z"; _ "q")\nimport `os`',
            [("fmt", "", "", 0), ("x/y/v2", "", "m", 0), ("z", "*", "", 0), ("q", "", "_", 0), ("os", "", "", 0)],
        ),
        (
            "rust",
            "use a::{b, c as d, e::{self, f::*}};\nuse crate::x;\npub use super::y as z;\nextern crate q;\nmod m;",
            [("a", "b", "", 0), ("a", "c", "", 0), ("a", "e", "", 0), ("a.e.f", "*", "", 0), ("crate", "x", "", 0),
             ("super", "y", "", 0), ("q", "", "q", 0), ("self.m", "", "m", 0)],
        ),
        (
            "cpp",
            '#include <vector>\n#include "a/b.h"\nusing namespace c::d;\nusing e::F;',
            [("vector", "", "", 0), ("a/b.h", "", "", 1), ("c.d", "*", "", -1), ("e", "F", "", -1)],
        ),
        (
            "csharp",
            "using A.B;\nglobal using C;\nusing static D.E;\nusing F = G.H<int>;",
            [("A.B", "*", "", 0), ("C", "*", "", 0), ("D.E", "*", "", 0), ("G.H", "", "F", 0)],
        ),
        (
            "ruby",
            "require 'a/b'\nrequire_relative \"../c\"\nload './d.rb'\nputs 'e'",
            [("a/b", "", "", 0), ("../c", "", "", 1), ("./d.rb", "", "", 1)],
        ),
        (
            "php",
            ("<?php\nuse A\\B; use C\\D as E; use function F\\g; use H\\{I, J as K};\nrequire 'x.php'; require_once __DIR__ . '/y.php';\n"
            "include $z; include('w/v.php');"),
            [("A", "B", "", 0), ("C", "D", "", 0), ("F", "g", "", 0), ("H", "I", "", 0), ("H", "J", "", 0),
             ("x.php", "", "", 1), ("y.php", "", "", 1), ("w/v.php", "", "", 1)],
        ),
    ],
)  # fmt: skip
def test_imports_of_all_kinds(language: str, source: str, imports: list[tuple[str, str, str, int]]) -> None:
    found = _outline(language, source).imports

    assert [(one.module, "".join(name for name, _ in one.names), one.alias, one.level) for one in found] == imports


@pytest.mark.parametrize(
    ("language", "source", "calls"),
    [
        ("java", "class K { void f() { g(); this.h(1); a.b.c(); x().y(); new D<E>(); super.z(); K::m; } }", "g this.h a.b.c x ?.y D super.z"),
        ("go", "func (k *K) f() { g(); k.h(); a.b.C(1); x().y(); k.d.e() }", "g self.h a.b.C ?.y x self.d.e"),
        ("rust", "fn f() { g(); self.h(); a::b::c::<T>(1); x().y(); P { a: 1 }; v.w() }", "g self.h a.b.c ?.y x P ?.w"),
        ("c", "void f() { g(); a->b(1); (*p)(2); }", "g ?.b"),
        ("cpp", "void f() { g<T>(); this->h(); a::b::c(1); x.y(); new D(); }", "g this.h a.b.c ?.y D"),
        ("csharp", "class K { void f() { g(); this.h(1); a.b.c<int>(); x()?.y(); new D<E>(); base.z(); } }", "g this.h a.b.c x ?.y D base.z"),
        ("ruby", "def f\ng(1)\nself.h\nA::B.c\nx.y\nz().w\n@v.u\nok?(1)\nend", "g self.h A.B.c x.y ?.w z v.u ok?"),
        ("php", "<?php function f() { g(); $this->h(); A\\B::c(); self::d(); parent::e(); $x->y(); z()->w(); new D(); \\N\\i(); }",
         "g this.h A.B.c self.d parent.e $x.y z ?.w D N.i"),
    ],
)  # fmt: skip
def test_calls_are_dotted_and_name_what_may_be_found(language: str, source: str, calls: str) -> None:
    assert [callee for callee, _, _ in _outline(language, source).calls] == calls.split()


@pytest.mark.parametrize(
    ("language", "source", "constants"),
    [
        ("java", "class K { static final int MAX = 1; int NO = 2; } interface I { int MIN = 3; }", ["MAX", "MIN"]),
        ("go", "const MAX = 1\nconst ( A = 1; b = 2 )\nfunc f() { const NO = 1 }", ["MAX", "A"]),
        ("rust", "const MAX: u8 = 1; static MIN: u8 = 2; fn f() { const NO: u8 = 1; }", ["MAX", "MIN"]),
        ("c", "#define MAX 1\nstatic const int MIN = 2;", ["MAX", "MIN"]),
        ("cpp", "namespace a { constexpr int MAX = 1; }", ["MAX"]),
        ("csharp", "class K { const int MAX = 1; int NO = 2; }", ["MAX"]),
        ("ruby", "MAX = 1\nclass K\n  MIN = 2\nend", ["MAX", "MIN"]),
        ("php", "<?php const MAX = 1; class K { const MIN = 2; }", ["MAX", "MIN"]),
    ],
)
def test_constants_are_names_in_capitals(language: str, source: str, constants: list[str]) -> None:
    assert [constant.name for constant in _outline(language, source).constants] == constants
