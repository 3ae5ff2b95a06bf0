"""Semgrep with our own rules: its answer is read as its contract says, and its absence is said."""

from __future__ import annotations

import json
import os
import shutil
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from functions.analysis.engines import executable
from functions.analysis.engines.choice import Choice
from functions.analysis.engines.engine_set import engine_set
from functions.analysis.engines.limits import Limits
from functions.analysis.engines.semgrep_pack import RULES, said
from functions.analysis.engines.shard import Blob, Runner
from functions.analysis.model import FileResult

ON = Choice.of(semgrep=True)
FOUND = {
    "javascript-eval-of-input": ("a.js", "function f(x) {\n  eval(x); eval('1');\n}\n"),
    "javascript-shell-command": ("a.js", "child_process.exec(`ls ${x}`);\n"),
    "javascript-inner-html": ("a.ts", "e.innerHTML = x; e.innerHTML = '<b>';\n"),
    "javascript-tls-unchecked": ("a.js", "const o = {rejectUnauthorized: false};\n"),
    "javascript-weak-random-token": ("a.js", "const token = Math.random().toString(36);\n"),
    "java-sql-concatenation": ("A.java", 'class A { void f() { s.executeQuery("select " + x); } }\n'),
    "java-object-stream": ("A.java", "class A { void f(ObjectInputStream in) { in.readObject(); } }\n"),
    "java-trust-all": ("A.java", "class A { public void checkServerTrusted(X[] a, String b) { } }\n"),
    "go-tls-unchecked": ("a.go", "package a\n\nvar c = tls.Config{InsecureSkipVerify: true}\n"),
    "go-shell-command": ("a.go", 'package a\n\nfunc f(x string) { exec.Command("sh", "-c", x) }\n'),
    "ruby-eval-of-input": ("a.rb", "eval(params[:x])\n"),
    "php-include-of-input": ("a.php", '<?php include($_GET["x"]); ?>\n'),
    "c-unbounded-copy": ("a.c", "void f(char *a, char *b) { strcpy(a, b); }\n"),
}
real = pytest.mark.skipif(not executable.version(), reason="semgrep is not installed here")


def run(*files: tuple[str, str]) -> list[FileResult]:
    with Runner(choice=ON) as runner:
        return runner.run([Blob(path, sha256(text.encode()).hexdigest(), text.encode()) for path, text in files])


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A program of that name which speaks as semgrep does."""
    program = folder / executable.NAME
    program.write_text(f'#!/bin/sh\nif [ "$1" = --version ]; then echo 9.9.9; exit 0; fi\n{script}\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", os.pathsep.join((str(folder), os.defpath)))


def runs(process: int) -> bool:
    """Whether a process is there and has not ended; nobody may have asked for its end yet."""
    about = Path(f"/proc/{process}/stat")
    return about.exists() and about.read_text().rpartition(")")[2].split()[0] != "Z"


def row(rule: str, path: str) -> dict[str, object]:
    place = {"start": {"line": 2, "col": 3}, "end": {"line": 2, "col": 10}}
    return {"check_id": f"pack.{rule}", "path": path, "extra": {"message": "told"}, **place}


def test_its_answer_becomes_findings_of_the_files(tmp_path, monkeypatch):
    answer = {"results": [row("go-shell-command", "f000001.go"), row("unknown", "f000000.js")], "errors": []}
    installed(tmp_path, monkeypatch, f"cat <<'END'\n{json.dumps(answer)}\nEND")

    first, second, text = run(("a.js", "f()\n"), ("b.go", "package a\n\nvar x = 1\n"), ("c.txt", "x\n"))

    assert (first.findings, text.findings, text.notes) == ((), (), ())
    (found,) = second.findings
    assert (found.rule, found.line, found.column, found.end_column) == ("semgrep/go-shell-command", 2, 3, 10)
    assert (found.message, found.cwe, found.owasp) == ("told", 78, "A03:2021")


def test_it_sees_no_environment_and_may_not_ask_around(tmp_path, monkeypatch):
    monkeypatch.setenv("JWT_SECRET_KEY", "do-not-tell")
    installed(tmp_path, monkeypatch, f'(env; echo "$@") > {tmp_path}/seen; echo \'{{"results": []}}\'')

    run(("a.js", "f()\n"))

    seen = (tmp_path / "seen").read_text()
    assert "do-not-tell" not in seen
    assert "--metrics off --disable-version-check" in seen
    assert "SEMGREP_SEND_METRICS=off" in seen


@pytest.mark.parametrize("script", ["exit 2", "echo no json", "echo '{\"results\": [{}]}'", "kill -9 $$"])
def test_its_failure_is_said_and_the_others_keep_their_findings(tmp_path, monkeypatch, script):
    installed(tmp_path, monkeypatch, script)

    (result,) = run(("a.js", "x = 'ghp_" + "a8Kd92mXo1QwErTyUiOpLkJhGfDsZx345678'\n"))

    assert [one.rule for one in result.findings] == ["secrets/github-token"]
    assert result.notes == ("semgrep failed on this part of the version",)
    assert result.engine_set.endswith("-incomplete")


def test_one_that_takes_too_long_is_ended_with_what_it_started(tmp_path, monkeypatch):
    installed(tmp_path, monkeypatch, f"sleep 300 & echo $! > {tmp_path}/pid; wait")

    with Runner(limits=Limits(semgrep_share=0.02), choice=ON) as runner:
        (result,) = runner.run([Blob("a.js", sha256(b"f()\n").hexdigest(), b"f()\n")])

        assert result.notes == ("semgrep took too long on this part of the version",)
        assert not runs(int((tmp_path / "pid").read_text()))


def test_where_it_is_not_installed_the_notes_say_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    result, test = run(("a.js", "f()\n"), ("test_a.js", "f()\n"))

    assert result.notes == ("semgrep is not installed: its rules were not run",)
    assert (result.engine_set, test.notes) == (engine_set(ON), ())


def test_its_version_is_part_of_the_engine_set(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    without = engine_set(ON)
    installed(tmp_path, monkeypatch, "")

    assert len({without, engine_set(ON), engine_set()}) == 3


def test_every_rule_of_the_pack_has_something_to_find():
    assert set(said()) == set(FOUND) == {rule.id.partition("/")[2] for rule in RULES}


@real
def test_the_real_one_finds_each_with_its_rule():
    files = [(path.replace(".", f"{number}.", 1), text) for number, (path, text) in enumerate(FOUND.values())]

    results = run(*files)

    found = [{one.rule for one in result.findings if one.rule.startswith("semgrep/")} for result in results]
    assert found == [{f"semgrep/{name}"} for name in FOUND]
    assert shutil.which(executable.NAME)
