"""What an analysis says about one file: values only, a function of the content and never of the path."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Call: TypeAlias = tuple[str, str, int]
"""Callee as written (dotted; `?` stands for an expression), enclosing qualified name ("" at module level), line."""


class Severity(StrEnum):
    """The one scale of the product, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for critical to 4 for info, so that sorting puts the worst first."""
        return list(Severity).index(self)


class Confidence(StrEnum):
    """How often a finding of this rule is right."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Status(StrEnum):
    """How deep a file was read."""

    PARSED = "parsed"
    PARTIAL = "partial"  # parsed, with syntax errors: measured as far as it could be read
    LEXICAL = "lexical"  # lines and lexical metrics only
    SKIPPED = "skipped"  # not analysed; the reason says why


class Form(StrEnum):
    """What the name of a file says about the rules that make sense in it."""

    MODULE = "module"
    PACKAGE = "package"  # __init__.py, index.ts: imports there are exports
    STUB = "stub"  # .pyi, .d.ts
    TEST = "test"


class FunctionKind(StrEnum):
    FUNCTION = "function"
    METHOD = "method"
    CLOSURE = "closure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem at one place. Lines and columns start at 1, the end is exclusive in columns."""

    rule: str  # engine/code, for example ruff/F821
    title: str
    message: str
    severity: Severity
    confidence: Confidence
    line: int
    column: int
    end_line: int
    end_column: int
    fingerprint: str  # digest of rule and normalised line, which of the equal ones: survives moving, not editing
    cwe: int | None = None
    help: str = ""  # why it matters: an address or a sentence
    fix: str = ""  # what the tool proposes, in words
    owasp: str = ""  # category of the OWASP Top 10 of 2021, such as A03:2021
    context: str = ""  # of the lines above and below: two halves of eight hexadecimal digits, or nothing


@dataclass(frozen=True, slots=True)
class Function:
    """A function with its measures; `length` counts its lines, `parameters` all declared ones including self."""

    name: str
    qualified_name: str
    kind: FunctionKind
    line: int
    end_line: int
    parameters: int
    cyclomatic: int
    cognitive: int
    nesting: int

    @property
    def length(self) -> int:
        return self.end_line - self.line + 1


@dataclass(frozen=True, slots=True)
class Class:
    """A class; `bases` are written as in the source (dotted, without type arguments)."""

    name: str
    qualified_name: str
    line: int
    end_line: int
    bases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """A name in capitals bound at module level."""

    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Import:
    """`names` are (name, alias or ""); empty when the module itself is bound; `level` counts leading dots."""

    module: str
    names: tuple[tuple[str, str], ...]
    alias: str
    level: int
    line: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures of a file. Lines add up: total = code + comment + blank.

    Cyclomatic and cognitive are sums over the file, module level included; `maintainability` is 0 to 100 (None:
    no functions were parsed).
    """

    lines: int = 0
    code: int = 0
    comment: int = 0
    blank: int = 0
    functions: int = 0
    classes: int = 0
    cyclomatic: int = 0
    cognitive: int = 0
    max_cyclomatic: int = 0
    max_cognitive: int = 0
    max_nesting: int = 0
    maintainability: float | None = None


@dataclass(frozen=True, slots=True)
class FileResult:
    """Everything the engines say about one content in one language.

    `reason` is a code (see `engines.text.REASONS`), empty for parsed files; `notes` say what an engine could not do or had to repair.
    """

    sha256: str
    language: str
    form: Form
    engine_set: str
    status: Status
    size_bytes: int
    reason: str = ""
    generated: bool = False
    notes: tuple[str, ...] = ()
    metrics: Metrics = Metrics()
    functions: tuple[Function, ...] = ()
    classes: tuple[Class, ...] = ()
    constants: tuple[Constant, ...] = ()
    imports: tuple[Import, ...] = ()
    calls: tuple[Call, ...] = ()
    findings: tuple[Finding, ...] = ()
    tokens: bytes = b""  # packed by `engines.shingles` for the search for duplicates
