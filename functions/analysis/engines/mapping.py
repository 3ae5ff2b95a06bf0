"""The rules as a page for people: `python -m functions.analysis.engines.mapping > docs/rules.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby

from functions.analysis.engines.engine import Rule
from functions.analysis.engines.engine_set import rules
from functions.analysis.engines.owasp import TITLES

_ENGINES = {
    "bandit": "Security of Python, found by [bandit](https://bandit.readthedocs.io/).",
    "coderev": "What needs no tool: functions that are hard to follow, syntax errors, invisible signs. All parsed languages.",
    "ruff": "Faults in Python, found by [ruff](https://docs.astral.sh/ruff/). Rules of taste are left out on purpose.",
    "secrets": "Credentials in any text, after the rules of [gitleaks](https://github.com/gitleaks/gitleaks).",
    "semgrep": (
        "Our own rules for [semgrep](https://semgrep.dev/), run only if the project's settings ask for it and the program is"
        " installed beside the analysis function; otherwise the analysis says so in its `notes`."
    ),
}
_HEAD = """# Rules

This page is made from the code (`python -m functions.analysis.engines.mapping`); `GET /v1/rules` gives the same.

## The scale

| Severity | Means | SARIF level | `security-severity` |
|---|---|---|---|
| critical | a live credential, or code that whoever sends a request can run | error | 9.0 to 10 |
| high | fails or can be exploited when it is reached | error | 7.0 to 8.9 |
| medium | probably a defect | warning | 4.0 to 6.9 |
| low | a smell | note | 0.1 to 3.9 |
| info | a remark | note | 0 |

Confidence says how often a rule is right: high, medium, low. The severity of a rule below is the worst that it gives; bandit's
findings that it is itself unsure of are one step lower, and made-up secrets in tests are low unless only an issuer can have made
them. A project can switch rules off and give them severities of its own, by name (`ruff/F401`) or by engine (`bandit/*`).

Weaknesses are numbers of the [CWE](https://cwe.mitre.org/); categories are those of the
[OWASP Top 10 of 2021](https://owasp.org/Top10/2021/) that list the weakness, where one does.

## Other sources

* A project's own rules are `custom/<id>`. ast-grep's error, warning, info and hint are high, medium, low and info; our own words
  are taken too. `metadata.cwe` names the weakness.
* Findings of other tools, imported as SARIF 2.1.0, are `foreign/<tool>/<rule>`. `security-severity` decides as in the table above;
  without it error is high, warning medium, note low and none info. The weakness is read from tags (`external/cwe/cwe-079`,
  `CWE-79`), taxa and relationships; `precision` becomes confidence.
"""


def page() -> str:
    """The whole page as Markdown; the same for the same rules."""
    return "\n".join((_HEAD, *_sections(list(rules().values()))))


def _sections(listed: Sequence[Rule]) -> Iterator[str]:
    for engine, of_engine in groupby(listed, key=lambda rule: rule.engine):
        yield f"## {engine}\n\n{_ENGINES[engine]}\n"
        yield "| Rule | Title | Severity | Confidence | CWE | OWASP | Why it matters |\n|---|---|---|---|---|---|---|"
        yield from map(_row, of_engine)
        yield ""


def _row(rule: Rule) -> str:
    weakness = f"[{rule.cwe}](https://cwe.mitre.org/data/definitions/{rule.cwe}.html)" if rule.cwe else ""
    category = f"{rule.owasp[:3]} {TITLES[rule.owasp]}" if rule.owasp else ""
    words = (
        _escaped(rule.title),
        rule.severity.value,
        rule.confidence.value,
        weakness,
        category,
        _escaped(rule.reason),
    )
    return f"| `{rule.id}` | {' | '.join(words)} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("__", "\\_\\_")


if __name__ == "__main__":
    sys.stdout.write(page())
