"""The identity of a finding within a file: rule, the line's text without its spacing, and which of the equal ones it is.

Beside it stands the identity of its surroundings, so that equal lines can be told apart and an edited line is found
again. Both are functions of the content alone, and neither is made of a secret.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

from functions.analysis.model import Finding

AROUND = 3  # lines above and below that are not blank
_MASK = b"***"
_REACH = 40  # lines looked through for those


def stamp(findings: Iterable[Finding], data: bytes, secrets: Sequence[str] = ()) -> list[Finding]:
    """Return the findings in order of place, each with fingerprint and context; line numbers do not enter them.

    A finding that brings a fingerprint brings the text to use in place of its line. Where `secrets` stand, a mask
    stands in for them: a hash of a line would let anyone try passwords against it.
    """
    rows = _masked(data, secrets).split(b"\n")
    listed = sorted(findings, key=lambda found: (found.line, found.column, found.rule))
    return [
        replace(finding, context=context(rows, finding.line))
        for finding in _numbered((found, found.fingerprint.encode() or _row(rows, found.line)) for found in listed)
    ]


def identified(findings: Iterable[Finding]) -> list[Finding]:
    """The same for findings that have no content to be read from: each brings what it is known by."""
    listed = sorted(findings, key=lambda found: (found.line, found.column, found.rule, found.fingerprint))
    return list(_numbered((found, found.fingerprint.encode(errors="replace")) for found in listed))


def context(rows: Sequence[bytes], line: int) -> str:
    """Of the nearest lines above and below, without blanks and spacing; nothing if there are none or no line."""
    if not 1 <= line <= len(rows):
        return ""
    above = _near(rows[max(0, line - 1 - _REACH) : line - 1][::-1])
    below = _near(rows[line : line + _REACH])
    return _half(above) + _half(below) if above or below else ""


def _near(rows: Iterable[bytes]) -> list[bytes]:
    squeezed = (b"".join(row.split()) for row in rows)
    kept = (row for row in squeezed if row)
    return [row for row, _ in zip(kept, range(AROUND), strict=False)]


def _half(rows: Sequence[bytes]) -> str:
    return sha256(b"\n".join(rows)).hexdigest()[:8]


def _row(rows: Sequence[bytes], line: int) -> bytes:
    return rows[line - 1] if 1 <= line <= len(rows) else b""


def _masked(data: bytes, secrets: Sequence[str]) -> bytes:
    """Longest first: a secret may hold another. A mask keeps the lines that a secret spans."""
    for secret in sorted({secret.encode() for secret in secrets if secret}, key=lambda one: (-len(one), one)):
        data = data.replace(secret, _MASK + b"\n" * secret.count(b"\n"))
    return data


def _numbered(texts: Iterable[tuple[Finding, bytes]]) -> Iterator[Finding]:
    seen: Counter[bytes] = Counter()
    for finding, text in texts:
        identity = finding.rule.encode() + b"\0" + b"".join(text.split())
        seen[identity] += 1
        yield replace(finding, fingerprint=f"{sha256(identity).hexdigest()[:32]}:{seen[identity]}")
