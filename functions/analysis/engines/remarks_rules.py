"""The rules of our own that need no tool."""

from __future__ import annotations

from functions.analysis.engines.rule_tables import read
from functions.analysis.engines.scale import SYNTAX_ERROR, Weight
from functions.analysis.model import Confidence, Severity

_WEIGHTS = {
    "complex-function": Weight(Severity.HIGH, Confidence.HIGH),
    "long-function": Weight(Severity.LOW, Confidence.HIGH),
    "parameters": Weight(Severity.INFO, Confidence.HIGH),
    "syntax-error": SYNTAX_ERROR,
    "bidirectional-text": Weight(Severity.HIGH, Confidence.MEDIUM),
}
_TEXT = """
complex-function | 1121 | complex function | Code with many nested decisions is where faults are made and missed in review
long-function | 1120 | long function | A function of hundreds of lines cannot be understood or tested as one thing
parameters | 1064 | many parameters | Callers mix up arguments in long lists
syntax-error | - | syntax error | Nothing after it can be relied on, and other rules see only a part of the file
bidirectional-text | 1007 | bidirectional control character | The code that runs is not the code that is shown (CVE-2021-42574)
"""
RULES = read("coderev", _TEXT, _WEIGHTS.__getitem__)
