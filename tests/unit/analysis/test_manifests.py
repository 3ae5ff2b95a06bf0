"""Manifests and lock files: what each format says, and that a hostile one costs only itself."""

from __future__ import annotations

import json
import time

import pytest

from functions.analysis.dependencies import findings, packages
from functions.analysis.engines.limits import MIB, Limits
from functions.analysis.engines.manifests.kinds import kind_of
from functions.analysis.engines.manifests.reader import readings
from functions.analysis.engines.manifests.reading import Dependency, Reading
from functions.analysis.engines.manifests.request import read
from functions.analysis.licences import is_strong_copyleft


def reading(path: str, text: str) -> Reading:
    kind = kind_of(path)
    assert kind is not None
    return read(kind, text.encode())


def told(path: str, text: str) -> list[tuple[str, str, str, bool | None, bool]]:
    found = reading(path, text)
    assert found.problem == ""
    return [(one.name, one.version, one.scope, one.direct, one.pinned) for one in found.dependencies]


def judged(files: dict[str, str]) -> list[tuple[str, str, int]]:
    by_path = {path: reading(path, text) for path, text in files.items() if kind_of(path)}
    return [
        (path, found.rule.partition("/")[2], found.line)
        for path, listed in findings(by_path, files.keys()).items()
        for found in listed
    ]


def test_requirements_are_read_as_pip_reads_them():
    text = (
        "# remark\n-r other.txt\nDjango==4.2.1 \\\n    --hash=sha256:ab\nrequests>=2 ; python_version > '3'\n"
        "six == 1.*\nthing @ git+https://host/x@0123456789012345678901234567890123456789\n-e ./local\nbad bad bad\n"
    )

    assert told("requirements.txt", text) == [
        ("django", "4.2.1", "runtime", True, True),
        ("requests", "", "runtime", True, False),
        ("six", "", "runtime", True, False),
        ("thing", "", "runtime", True, True),
    ]


def test_pyproject_is_read_in_both_dialects():
    text = """
[project]
name = "shop"
version = "1.0"
license = "MIT"
dependencies = ["a==1.2", "b>=2"]
optional-dependencies = { extra = ["c"], test = ["d"] }
[dependency-groups]
dev = ["e==3"]
[tool.poetry.dependencies]
python = "^3.11"
f = "1.0"
g = { version = "^2", optional = true }
[tool.poetry.group.dev.dependencies]
h = "*"
"""
    found = reading("pyproject.toml", text)

    assert (found.name, found.version, found.licence, found.application) == ("shop", "1.0", "MIT", True)
    assert [(one.name, one.version, one.scope) for one in found.dependencies] == [
        ("a", "1.2", "runtime"), ("b", "", "runtime"), ("c", "", "optional"), ("d", "", "dev"), ("e", "3", "dev"),
        ("f", "1.0", "runtime"), ("g", "", "runtime"), ("h", "", "dev"),
    ]  # fmt: skip


LOCKS = {
    "poetry.lock": (
        ('[[package]]\nname = "A_b"\nversion = "1"\ngroups = ["main"]\n\n[[package]]\nname = "c"\nversion = "2"\n'
        'groups = ["dev"]\n'),
        [("a-b", "1", "runtime", None, True), ("c", "2", "dev", None, True)],
    ),
    "uv.lock": (
        ('[[package]]\nname = "shop"\nversion = "0"\nsource = { virtual = "." }\ndependencies = [{ name = "a" }]\n'
        '[package.dev-dependencies]\ndev = [{ name = "b" }]\n[[package]]\nname = "a"\nversion = "1"\n'
        '[[package]]\nname = "b"\nversion = "2"\n[[package]]\nname = "c"\nversion = "3"\n'),
        [("a", "1", "runtime", True, True), ("b", "2", "dev", True, True), ("c", "3", "runtime", False, True)],
    ),
    "Pipfile.lock": (
        json.dumps({"default": {"a": {"version": "==1"}}, "develop": {"b": {"version": "==2"}}}),
        [("a", "1", "runtime", None, True), ("b", "2", "dev", None, True)],
    ),
    "package-lock.json": (
        json.dumps(
            {
                "lockfileVersion": 3,
                "packages": {
                    "": {"dependencies": {"a": "^1"}},
                    "node_modules/a": {"version": "1.0.0", "license": "MIT"},
                    "node_modules/a/node_modules/@s/b": {"version": "2.0.0", "dev": True},
                    "node_modules/own": {"link": True},
                },
            }
        ),
        [("@s/b", "2.0.0", "dev", False, True), ("a", "1.0.0", "runtime", True, True)],
    ),
    "npm-shrinkwrap.json": (
        json.dumps({"dependencies": {"a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0"}}}}}),
        [("a", "1.0.0", "runtime", None, True), ("b", "2.0.0", "runtime", False, True)],
    ),
    "yarn.lock": (
        '# yarn lockfile v1\n\n"@s/a@^1", "@s/a@~1":\n  version "1.2.3"\n  resolved "https://r/a.tgz"\n\nb@2:\n  version "2"\n',
        [("@s/a", "1.2.3", "runtime", None, True), ("b", "2", "runtime", None, True)],
    ),
    "pnpm-lock.yaml": (
        ("lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: ^1\n        version: 1.0.0\n"
        "packages:\n  a@1.0.0:\n    resolution: {integrity: x}\n  '@s/b@2.0.0(a@1.0.0)':\n    dev: true\n  /c/3.0.0: {}\n"),
        [("@s/b", "2.0.0", "dev", False, True), ("a", "1.0.0", "runtime", True, True), ("c", "3.0.0", "runtime", False, True)],
    ),
    "go.mod": (
        "module example.org/shop\n\ngo 1.22\n\nrequire (\n\tgithub.com/a/b v1.2.3\n\tgolang.org/x/c v0.1.0 // indirect\n)\n",
        [("github.com/a/b", "v1.2.3", "runtime", True, True), ("golang.org/x/c", "v0.1.0", "runtime", False, True)],
    ),
    "Cargo.toml": (
        ('[package]\nname = "x"\n[dependencies]\na = "1"\nb = { version = "=2.0.1" }\nown = { path = "own" }\n'
        '[dev-dependencies]\nc = { git = "https://host/c", rev = "abc" }\n'),
        [("a", "", "runtime", True, False), ("b", "2.0.1", "runtime", True, True), ("c", "", "dev", True, True)],
    ),
    "Cargo.lock": (
        ('[[package]]\nname = "own"\nversion = "0"\ndependencies = ["a"]\n[[package]]\nname = "a"\nversion = "1"\n'
        'source = "registry"\n[[package]]\nname = "b"\nversion = "2"\nsource = "registry"\n'),
        [("a", "1", "runtime", True, True), ("b", "2", "runtime", False, True)],
    ),
    "pom.xml": (
        ('<project xmlns="http://maven.apache.org/POM/4.0.0"><properties><v>1.2</v></properties><dependencies>'
        "<dependency><groupId>g</groupId><artifactId>a</artifactId><version>${v}</version></dependency>"
        "<dependency><groupId>g</groupId><artifactId>b</artifactId><version>[1,2)</version><scope>test</scope></dependency>"
        "</dependencies></project>"),
        [("g:a", "1.2", "runtime", True, True), ("g:b", "", "dev", True, False)],
    ),
    "build.gradle": (
        "dependencies {\n  // implementation 'no:no:1'\n  implementation 'g:a:1.2'\n  testImplementation(\"g:b:1.+\")\n}\n",
        [("g:a", "1.2", "runtime", True, True), ("g:b", "", "dev", True, False)],
    ),
    "Gemfile.lock": (
        ("GEM\n  remote: https://rubygems.org/\n  specs:\n    rack (2.2.3)\n    rails (6.1)\n      rack (~> 2)\n\n"
        "DEPENDENCIES\n  rails (~> 6)\n"),
        [("rack", "2.2.3", "runtime", False, True), ("rails", "6.1", "runtime", True, True)],
    ),
    "composer.json": (
        json.dumps({"require": {"php": ">=8", "v/a": "1.2.3", "v/b": "^2"}, "require-dev": {"v/c": "*"}}),
        [("v/a", "1.2.3", "runtime", True, True), ("v/b", "", "runtime", True, False), ("v/c", "", "dev", True, False)],
    ),
    "composer.lock": (
        json.dumps({"packages": [{"name": "v/a", "version": "v1.2", "license": ["MIT"]}], "packages-dev": []}),
        [("v/a", "1.2", "runtime", None, True)],
    ),
    "app.csproj": (
        ('<Project><ItemGroup><PackageReference Include="A" Version="1.2"/><PackageReference Include="B" Version="2.*"/>'
        "</ItemGroup></Project>"),
        [("A", "1.2", "runtime", True, True), ("B", "", "runtime", True, False)],
    ),
    "packages.lock.json": (
        json.dumps({"dependencies": {"net8.0": {"A": {"type": "Direct", "resolved": "1"}, "B": {"type": "Transitive", "resolved": "2"}}}}),
        [("A", "1", "runtime", True, True), ("B", "2", "runtime", False, True)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("path", LOCKS)
def test_manifest_tells_names_versions_scopes_and_what_is_direct(path):
    text, expected = LOCKS[path]

    assert told(path, text) == expected


def test_licence_is_what_the_file_declares_and_unknown_otherwise():
    lock = {"packages": {"node_modules/a": {"version": "1.0.0", "license": "GPL-3.0-only"}, "node_modules/b": {"version": "2.0.0"}}}  # fmt: skip

    assert [one.licence for one in reading("package-lock.json", json.dumps(lock)).dependencies] == ["GPL-3.0-only", ""]


@pytest.mark.parametrize(
    ("licence", "strong"),
    [
        ("GPL-3.0-only", True),
        ("AGPL-3.0-or-later AND MIT", True),
        ("MIT OR GPL-2.0", False),
        ("(GPL-2.0 OR (LGPL-3.0 AND MIT))", False),
        ("GPL-2.0 WITH Classpath-exception-2.0", False),
        ("LGPL-2.1", False),
        ("GNU General Public License v3", True),
        ("GPLv2", True),
        ("MIT", False),
        ("", False),
        ("((((", False),
        ("(" * 400 + "GPL-2.0", False),
    ],
)
def test_strong_copyleft_is_what_no_alternative_avoids(licence, strong):
    assert is_strong_copyleft(licence) is strong


def test_unpinned_requirements_without_a_lock_file_are_one_finding():
    assert judged({"requirements.txt": "a==1\nb\nc>2\n"}) == [("requirements.txt", "unpinned", 2)]
    assert judged({"requirements.txt": "a==1\nb\n", "uv.lock": ""}) == []
    assert judged({"requirements.txt": "-c limits.txt\nb\n"}) == []


def test_application_without_a_lock_file_is_a_finding_and_a_library_is_none():
    application = json.dumps({"private": True, "dependencies": {"a": "^1"}})

    assert judged({"web/package.json": application}) == [("web/package.json", "lock-missing", 1)]
    assert judged({"web/package.json": application, "yarn.lock": "# yarn lockfile v1\n"}) == []
    assert judged({"package.json": json.dumps({"name": "lib", "dependencies": {"a": "^1"}})}) == []
    assert judged({"go.mod": "module x\nrequire a.org/b v1.0.0\n"}) == [("go.mod", "lock-missing", 2)]


def test_strong_copyleft_is_a_finding_unless_the_project_is_under_it_too():
    lock = json.dumps({"packages": {"": {}, "node_modules/a": {"version": "1.0.0", "license": "AGPL-3.0"}}})

    assert judged({"package-lock.json": lock}) == [("package-lock.json", "licence", 1)]
    own = json.dumps({"license": "AGPL-3.0", "dependencies": {"a": "1.0.0"}})
    assert judged({"package-lock.json": lock, "package.json": own}) == []


def test_address_without_encryption_is_a_finding_that_shows_no_credential():
    by_path = {"requirements.txt": reading("requirements.txt", "--index-url http://me:secret@host/simple\na==1\n")}
    ((found,),) = findings(by_path, by_path.keys()).values()

    assert (found.rule, found.line, "secret" in found.message) == ("dependencies/insecure-source", 1, False)
    assert judged({"requirements.txt": "x @ git+http://host/x\n"})[-1][1] == "insecure-source"
    assert judged({"package.json": json.dumps({"homepage": "http://host", "dependencies": {}})}) == []
    assert judged({"requirements.txt": "-i http://localhost:3141/simple\na==1\n"}) == []


def test_lock_file_learns_from_its_manifest_what_is_direct():
    files = {"package.json": json.dumps({"dependencies": {"b": "2"}}), "yarn.lock": LOCKS["yarn.lock"][0]}
    by_path = {path: reading(path, text) for path, text in files.items()}

    assert [(one.dependency.name, one.dependency.direct, one.paths) for one in packages(by_path, files.keys())] == [
        ("@s/a", False, ("yarn.lock",)),
        ("b", True, ("yarn.lock",)),
    ]


HOSTILE = {
    "many parts": ("uv.lock", "a." * 400_000 + "a = 1\n"),
    "deep arrays": ("Cargo.lock", "a = " + "[" * 100_000),
    "deep objects": ("package-lock.json", '{"a":' * 100_000),
    "entities": ("pom.xml", '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><project>&b;</project>'),
    "aliases": ("pnpm-lock.yaml", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"),
    "deep yaml": ("pnpm-lock.yaml", "[" * 10_000),
    "not text": ("composer.lock", "\0\ud800".encode("utf-8", "surrogatepass").decode("latin-1")),
    "a list": ("package.json", "[]"),
    "no xml": ("app.csproj", "<a><b></a>"),
    "no module": ("go.mod", "require\n" * 1000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_manifest_says_why_it_says_nothing(name):
    path, text = HOSTILE[name]
    before = time.monotonic()

    assert reading(path, text).problem != ""
    assert time.monotonic() - before < 2


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [[]], {"a": 1}, {"": {"": []}}])
@pytest.mark.parametrize("path", ["package.json", "package-lock.json", "composer.json", "composer.lock", "Pipfile.lock", "packages.lock.json"])  # fmt: skip
def test_values_of_another_shape_say_nothing(path, value):
    names = ("dependencies", "packages", "default", "require", "license", "licenses", "name", "version", "repositories")

    found = reading(path, json.dumps(dict.fromkeys(names, value)))

    assert all(isinstance(one, Dependency) and one.version in ("", "1", "x") for one in found.dependencies)


def test_manifest_that_kills_its_reader_costs_only_itself():
    limits = Limits(wall_s=20.0, cpu_s=20.0, memory_bytes=200 * MIB, output_bytes=200_000)
    large = json.dumps({"dependencies": {f"name{n}": "x" * 250 for n in range(2_000)}}).encode()
    fine = b'{"dependencies": {"a": "1.0.0"}}'

    found = readings(
        [("npm:read", fine), ("npm:read", large), ("npm:read", b" " * 5_000_000), ("npm:read", fine)], limits
    )

    assert [one["problem"] for one in found] == ["", "reading it ended in: output", "too large", ""]
    assert [len(Reading.of(one).dependencies) for one in found] == [1, 0, 0, 1]
