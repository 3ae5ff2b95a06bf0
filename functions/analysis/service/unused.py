"""Candidates for dead code: symbols that nothing is seen to call, import or derive from.

Only names are looked at, so that each is a candidate with its reason and never a verdict. Methods that others may
call on a receiver of unknown type stay out, and a name that its own file says twice is used there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from functions.analysis.graph import Symbol, SymbolNode
from functions.analysis.lifecycle import Analysis
from functions.analysis.parts import is_test
from functions.analysis.ports import Deps
from functions.analysis.reach import LINKS
from functions.analysis.resolution.names import PYTHON, SCRIPTS
from functions.analysis.service.contents import contents
from functions.analysis.service.exploring import Seen
from functions.analysis.stores import Asked
from kernel.identity import Caller

MOST = 100
_CONSIDERED = 2_000
_READ = 60  # files whose text is looked through
_LARGEST = 1024 * 1024
_KINDS = ("function", "class", "method")
_ENTRIES = frozenset(("main", "app", "handler", "lambda_handler", "application", "setup", "run", "cli"))
_ENTRY_FILES = frozenset(("__main__.py", "conftest.py", "setup.py", "manage.py", "wsgi.py", "asgi.py", "noxfile.py"))
_LANGUAGES = frozenset((PYTHON, *SCRIPTS))


class Candidate(NamedTuple):
    path: str
    symbol: str
    kind: str
    line: int
    end_line: int
    confidence: str  # high: its name says that it is private
    reason: str


class Unused(NamedTuple):
    """`looked_at` are the languages in which uses can be told well enough."""

    items: list[Candidate]
    looked_at: list[str]
    truncated: bool


def unused(deps: Deps, caller: Caller, seen: Seen) -> Unused:
    """Private ones first; texts are those of the version that the graph is of. Raises Unavailable."""
    asked = deps.graph.ask(seen.view)
    with deps.work(caller) as work:
        analysis = work.analyses.get(seen.analysis_id)
    found = asked.unused(_KINDS, _CONSIDERED)
    likely = _not_imported(asked, [one for one in found if _is_likely(one)])
    likely.sort(key=lambda one: (not _is_private(one.name), one.path, one.line, one.name))
    kept = _said_once(deps, analysis, likely)
    items = [_candidate(one) for one in kept[:MOST]]
    return Unused(items, sorted(_LANGUAGES), len(found) >= _CONSIDERED or len(kept) > MOST)


def _is_likely(one: SymbolNode) -> bool:
    file, name = one.path.rpartition("/")[2], one.name.rpartition(".")[2]
    if is_test(one.path) or file in _ENTRY_FILES or name in _ENTRIES or file.endswith(".pyi"):
        return False
    if name.startswith("__") and name.endswith("__"):
        return False
    return _is_private(one.name) if one.kind == "method" else "." not in one.name


def _is_private(name: str) -> bool:
    return name.rpartition(".")[2].startswith(("_", "#"))


def _not_imported(asked: Asked, found: list[SymbolNode]) -> list[SymbolNode]:
    paths = sorted({one.path for one in found})
    bound: dict[str, set[str]] = defaultdict(set)
    for link in asked.into([Symbol(path) for path in paths], LINKS):
        bound[link.target_path].update(link.names)
    return [one for one in found if one.kind == "method" or not {one.name, "*"} & bound[one.path]]


def _said_once(deps: Deps, analysis: Analysis, likely: Iterable[SymbolNode]) -> list[SymbolNode]:
    """Those whose name stands only where they are defined, in files that can be read."""
    likely = list(likely)
    paths = list(dict.fromkeys(one.path for one in likely))[:_READ]
    texts = {path: data.decode(errors="replace") for path, data in _texts(deps, analysis, paths).items()}
    return [one for one in likely if one.path in texts and _times(texts[one.path], one.name) == 1]


def _texts(deps: Deps, analysis: Analysis, paths: list[str]) -> Mapping[str, bytes]:
    return contents(deps, analysis, frozenset(paths), largest=_LARGEST)


def _times(text: str, name: str) -> int:
    return len(re.findall(rf"(?<![\w$]){re.escape(name.rpartition('.')[2])}(?![\w$])", text))


def _candidate(one: SymbolNode) -> Candidate:
    private = _is_private(one.name)
    reason = "no call, import or base class that could be resolved means it, and its file names it only once"
    if not private:
        reason += "; code outside this project may use it"
    return Candidate(one.path, one.name, one.kind, one.line, one.end_line, "high" if private else "medium", reason)
