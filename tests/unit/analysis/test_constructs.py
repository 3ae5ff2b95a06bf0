"""What each construct adds to cyclomatic and cognitive complexity in the languages with declarations."""

from __future__ import annotations

import pytest

from functions.analysis.engines.grammars import grammar
from functions.analysis.engines.outline import Outline, outline


def _outline(language: str, source: str) -> Outline:
    return outline(source.encode(), grammar(language), 1_000)


_FRAMES = {
    "java": "class K { void f(int a, T b) { %s } }",
    "go": "func f(a int, b T) { %s }",
    "rust": "fn f(a: i32, b: T) { %s }",
    "c": "void f(int a, T b) { %s }",
    "cpp": "void f(int a, T b) { %s }",
    "csharp": "class K { void f(int a, T b) { %s } }",
    "ruby": "def f(a, b)\n%s\nend",
    "php": "<?php function f($a, $b) { %s }",
}


@pytest.mark.parametrize(
    ("language", "body", "cyclomatic", "cognitive"),
    [
        *((one, "if (a) {} else if (b) {} else {}", 3, 3) for one in ("java", "c", "cpp", "csharp")),
        *((one, "if (a) { if (b) {} } else { if (c) {} }", 4, 6) for one in ("java", "c", "cpp", "csharp")),
        *((one, "if (a) {} else if (b) { if (c) {} }", 4, 5) for one in ("java", "c", "cpp", "csharp")),
        *((one, "for (;;) { while (a) { do {} while (b); } }", 4, 6) for one in ("java", "c", "cpp", "csharp")),
        *((one, "switch (a) { case 1: case 2: g(); break; default: }", 3, 1) for one in ("java", "c", "cpp", "csharp")),
        *((one, "x = a && b && c || d;", 4, 2) for one in ("java", "c", "cpp", "csharp")),
        *((one, "x = a ? b : c ? d : e;", 3, 3) for one in ("java", "c", "cpp", "csharp")),
        *((one, "f(a, b);", 1, 1) for one in ("java", "c", "cpp", "csharp")),
        ("java", "for (T t : b) { continue; } try {} catch (E e) {} finally {}", 3, 2),
        ("java", "out: while (a) { break out; }", 2, 2),
        ("java", "g(x -> { if (x) {} });", 2, 2),
        ("java", "this.f(1, 2); super.f(1, 2);", 1, 1),
        ("java", "int x = switch (a) { case 1, 2 -> 3; case 4 -> 5; default -> 6; };", 3, 1),
        ("go", "if a {} else if b {} else {}", 3, 3),
        ("go", "for i := range x { switch a { case 1, 2: case 3: default: } }", 4, 3),
        ("go", "select { case <-c: default: }; goto end", 2, 2),
        ("go", "g(func() { if a && b {} })", 1, 3),
        ("go", "switch x := a.(type) { case int: case nil: }", 3, 1),
        ("rust", "if a {} else if let Some(x) = b {} else {}", 3, 3),
        ("rust", "match a { 1 => {}, 2 if b => {}, _ => {} }", 4, 1),
        ("rust", "match a {}", 1, 1),
        ("rust", "match a { // one\n 1 => {} }", 1, 1),
        ("rust", "loop { while a { break 'out; } }", 2, 4),
        ("rust", "let Some(x) = a else { return }; g()?;", 3, 1),
        ("rust", "g(|x| if x { 1 } else { 2 }); assert!(a && b);", 3, 3),
        ("rust", "if a && let Some(x) = b {}", 3, 1),
        ("c", "if (a) goto end; end: return;", 2, 2),
        ("c", "#if A || B\n g();\n#elif C\n#endif\n#ifdef D\n#endif\n#ifndef E\n#endif\n", 4, 0),
        ("cpp", "for (auto x : b) {} try {} catch (E& e) {} catch (...) {}", 4, 3),
        ("cpp", "g([&](int x) { if (x) {} }); this->f(1, 2);", 2, 3),
        ("csharp", "foreach (var x in b) {} try {} catch (E e) when (x) {}", 3, 2),
        ("csharp", "x = a ?? b; x ??= c; x?.Do(); int? n = null;", 4, 1),
        ("csharp", "x = a switch { 1 => 2, > 3 and < 5 => 4, _ => 5 };", 3, 1),
        ("csharp", "g(x => { if (x) {} }); goto end;", 2, 3),
        ("ruby", "if a then b elsif c then d else e end", 3, 3),
        ("ruby", "x if a\nx unless b\nwhile c do end\nuntil d do end", 5, 4),
        ("ruby", "case a\nwhen 1, 2 then b\nwhen 3 then c\nelse d\nend", 3, 1),
        ("ruby", "begin\nrescue E\nrescue\nensure\nend", 3, 2),
        ("ruby", "x = a && b || c\ny ||= a ? b : c", 5, 3),
        ("ruby", "a.each { |x| b if x }\nf(1, 2)", 2, 3),
        ("php", "if ($a) {} elseif ($b) {} else if ($c) {} else {}", 4, 4),
        ("php", "foreach ($a as $b) { while ($c) { continue 2; } }", 3, 4),
        ("php", "$x = match ($a) { 1, 2 => 3, 4 => 5, default => 6 };", 3, 1),
        ("php", "switch ($a) { case 1: case 2: break; default: }", 3, 1),
        ("php", "try {} catch (E | F $e) {} $x = $a ?: ($b && $c);", 4, 3),
        ("php", "g(function ($x) { if ($x) {} }); f(1, 2);", 2, 3),
    ],
)
def test_complexity_by_construct(language: str, body: str, cyclomatic: int, cognitive: int) -> None:
    found = _outline(language, _FRAMES[language] % body)
    function = next(scope for scope in found.scopes if scope.name == "f")

    assert not found.errors
    assert (function.cyclomatic, function.cognitive, function.parameters) == (cyclomatic, cognitive, 2)
