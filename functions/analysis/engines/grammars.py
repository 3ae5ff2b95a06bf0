"""The grammars that are built in, by the name of the language."""

from __future__ import annotations

from functions.analysis.engines.ecmascript import JAVASCRIPT, TSX, TYPESCRIPT
from functions.analysis.engines.grammar import Grammar
from functions.analysis.engines.python import PYTHON

GRAMMARS: dict[str, Grammar] = {grammar.name: grammar for grammar in (PYTHON, JAVASCRIPT, TYPESCRIPT, TSX)}
