"""Drives bandit's own rules over a syntax tree, visiting only nodes on which one of the rules that are run could fire.

Bandit's visitor prepares a context and asks every rule at every node, which costs four times as much as the rest of an analysis.
The answers are the same; a test compares them on real code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from bandit.core import extension_loader, utils
from bandit.core.node_visitor import BanditNodeVisitor

from functions.analysis.engines.words import words

_CALLED = frozenset(
    words(
        "eval exec system popen popen2 popen3 popen4 Popen3 Popen4 getoutput getstatusoutput run call check_call check_output Popen "
        "extractall generate generate_private_key load exec_command set_missing_host_key_policy extra RawSQL listen "
        "from_pretrained load_dataset hf_hub_download snapshot_download repository_id Environment Template mark_safe Markup "
        "wrap_socket Context CommunityData UsmUserData"
    )
)
_ROOTS = frozenset(words("requests httpx hashlib crypt Crypto Cryptodome cryptography"))
_KEYWORDS = frozenset(("shell", "method", "ssl_version"))
_SQL = re.compile(rb"(?i:select|delete|insert|update)[\s\"'{%\\]")


@cache
def _last_names() -> frozenset[str]:
    """The last part of every name that a rule may look for."""
    listed = (name for rule in extension_loader.MANAGER.blacklist.get("Call", ()) for name in rule["qualnames"])
    return _CALLED | {name.rpartition(".")[2] for name in listed}


class Visitor(BanditNodeVisitor):
    """A visitor without recursion: source as deep as Python itself can parse is walked."""

    def generic_visit(self, node: ast.AST) -> None:
        nodes = [node]
        while nodes:
            node = nodes.pop()
            kind = node.__class__
            if kind in _VISITED and self._concerns(node):
                self.pre_visit(node)  # type: ignore[no-untyped-call]
                self.visit(node)  # type: ignore[no-untyped-call]
                self.namespace = ""
            nodes += reversed([*_children(node)])

    def prepare(self, data: bytes) -> None:
        self._sql = bool(_SQL.search(data))
        self._names = _last_names()

    def update_scores(self, scores: object) -> None:
        """Nobody reads the score; only the results count."""

    def _concerns(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Call):
            return self._concerns_call(node)
        if isinstance(node, ast.Constant):
            return isinstance(node.value, str) and (self._sql or node.value == "0.0.0.0")
        return True

    def _concerns_call(self, node: ast.Call) -> bool:
        name: str = utils.get_call_name(node, self.import_aliases)  # type: ignore[no-untyped-call]
        root, _, _ = name.partition(".")
        last = name.rpartition(".")[2]
        if last in self._names or root in _ROOTS or "chmod" in last:
            return True
        return any(keyword.arg in _KEYWORDS for keyword in node.keywords)


_VISITED = frozenset((ast.Call, ast.Constant, ast.Import, ast.ImportFrom, ast.FunctionDef))


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """The children in source order, each told its parent, which rules ask for."""
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            value._bandit_parent = node  # type: ignore[attr-defined]
            yield value
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, ast.AST):
                    item._bandit_parent = node  # type: ignore[attr-defined]
                    yield item
