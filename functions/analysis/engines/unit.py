"""One content on its way through the engines."""

from __future__ import annotations

from dataclasses import dataclass, field

from functions.analysis.engines.languages import Language
from functions.analysis.engines.text import Text
from functions.analysis.model import Call, Class, Constant, Finding, Function, Import, Metrics, Status


@dataclass(frozen=True, slots=True)
class Content:
    """What an engine may know of a file: no path, only which of the project's own rules are not meant for it (`away`)."""

    sha256: str
    language: Language
    data: bytes
    away: frozenset[str] = frozenset()


@dataclass(slots=True)
class Unit:
    """A content while it is analysed; engines add to it."""

    content: Content
    text: Text = field(default_factory=lambda: Text(b""))
    status: Status = Status.PARSED
    reason: str = ""
    code: bytes = b""  # the text without comments, with all of its line ends
    generated: bool = False
    notes: list[str] = field(default_factory=list)
    metrics: Metrics = field(default_factory=Metrics)
    functions: list[Function] = field(default_factory=list)
    classes: list[Class] = field(default_factory=list)
    constants: list[Constant] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    errors: list[tuple[int, int, int, int]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)  # never leave the child
    incomplete: bool = False  # an engine ran out of time on it

    @property
    def readable(self) -> bool:
        """Whether there is text that engines may look at."""
        return self.status is not Status.SKIPPED

    @property
    def parsed(self) -> bool:
        return self.status in (Status.PARSED, Status.PARTIAL)

    @property
    def python(self) -> bool:
        """Whether engines of Python have something to criticise."""
        return self.parsed and self.content.language.name == "python" and not self.generated
