"""One severity scale: which rules of each engine count, how bad they are and how often they are right.

Critical: a live credential. High: fails or is exploitable when reached. Medium: probably a defect. Low: a smell. Info: a remark.
Rules of taste are left out on purpose; a rule that is not named here is not run.
"""

from __future__ import annotations

from typing import NamedTuple

from functions.analysis.engines.words import words
from functions.analysis.model import Confidence, Form, Severity

_HIGH, _MEDIUM, _LOW, _INFO = Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO


class Weight(NamedTuple):
    severity: Severity
    confidence: Confidence


def _weights(severity: Severity, confidence: Confidence, codes: str) -> dict[str, Weight]:
    return dict.fromkeys(words(codes), Weight(severity, confidence))


RUFF: dict[str, Weight] = {
    **_weights(_HIGH, Confidence.HIGH, "F631 F634 F701 F702 F704 F706 F707 F823 B016 B030 PLE0117 PLE0118 PLE1142"),
    **_weights(_HIGH, Confidence.MEDIUM, "F821"),
    **_weights(
        _MEDIUM,
        Confidence.HIGH,
        "F501 F502 F503 F504 F505 F506 F507 F508 F509 F521 F522 F523 F524 F525 F601 F602 F632 F633 F811 F822 F901 "
        "B002 B003 B005 B006 B012 B020 B021 B022 B025 B029 B031 B032 B035 B039 PIE796 T100 "
        "PLE0100 PLE0101 PLE0115 PLE0116 PLE0237 PLE0241 PLE0302 PLE0704 PLE1132 PLE1205 PLE1206 PLE1300 PLE1307 "
        "PLE1310 PLE1507 PLE1519 PLE1520 PLE1700 PLW0128 PLW0129 PLW0133 PLW0177 PLW0245 PLW0406 PLW0711 PLW1501 "
        "PLW2101 RUF008 RUF016",
    ),
    **_weights(
        _MEDIUM,
        Confidence.MEDIUM,
        "B019 B023 RUF006 PLW1509 ASYNC100 ASYNC210 ASYNC220 ASYNC221 ASYNC222 ASYNC230 ASYNC251",
    ),
    **_weights(
        _LOW,
        Confidence.HIGH,
        "F402 F404 F841 F842 B004 B011 B014 B015 B017 B018 B026 B033 B034 E721 E722 W605 PIE794 PLW0127 PLW0131 "
        "PLW0211 PLW1508 PLR0124 RUF009 RUF034 YTT101 YTT102 YTT103 YTT201 YTT202 YTT203 YTT204 YTT301 YTT302 YTT303",
    ),
    **_weights(_INFO, Confidence.HIGH, "F401 F403"),
}

SYNTAX_ERROR = Weight(_LOW, Confidence.HIGH)

_BANDIT_SEVERITY = {"HIGH": _HIGH, "MEDIUM": _MEDIUM, "LOW": _LOW, "UNDEFINED": _INFO}
_CONFIDENCE = {"HIGH": Confidence.HIGH, "MEDIUM": Confidence.MEDIUM, "LOW": Confidence.LOW, "UNDEFINED": Confidence.LOW}

BANDIT_SKIPPED = frozenset(
    words(
        "B101 B105 B106 B107 B108 B110 B112 B311 B401 B402 B403 B404 B405 B406 B407 B408 B409 B411 B412 B413 B415 B603 B606 B607 B613"
    )
)
"""Rules of bandit that are not run: remarks on imports, asserts, random numbers, temporary folders and argument lists; passwords
and bidirectional signs have rules of our own."""
_BANDIT_LEVELS = {"B310": _LOW, "B324": _MEDIUM, **dict.fromkeys(words("B313 B314 B315 B316 B317 B318 B319"), _LOW)}
"""Where bandit's own level is a remark on an import rather than on a use."""

_SKIPPED_IN: dict[Form, tuple[str, ...]] = {
    Form.PACKAGE: ("ruff/F401", "ruff/F403"),
    Form.STUB: ("ruff/F401", "ruff/F403", "ruff/F811", "ruff/B018", "coderev/"),
    Form.TEST: (
        "ruff/F841",
        "ruff/B015",
        "ruff/B017",
        "ruff/B018",
        "bandit/",
        "coderev/complex",
        "coderev/long",
        "coderev/parameters",
    ),
}


def wanted(rule: str, form: Form) -> bool:
    """Whether a rule makes sense in a file of this form."""
    return not rule.startswith(_SKIPPED_IN.get(form, ("\0",)))


def bandit(code: str, severity: str, confidence: str) -> Weight:
    """Bandit's own levels on our scale; what it is not sure of drops by one step."""
    level, sure = _BANDIT_LEVELS.get(code, _BANDIT_SEVERITY[severity]), _CONFIDENCE[confidence]
    if sure is Confidence.LOW and level is not _INFO:
        level = list(Severity)[level.rank + 1]
    return Weight(level, sure)
