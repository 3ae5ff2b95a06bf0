"""The identity of a finding within a file: rule, the line's text without its spacing, and which of the equal ones it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256

from functions.analysis.model import Finding


def stamp(findings: Iterable[Finding], data: bytes) -> list[Finding]:
    """Return the findings in order of place, each with its fingerprint; line numbers do not enter it.

    A finding that brings a fingerprint brings the text to use in place of its line: a secret must not be guessed from a hash.
    """
    rows = data.split(b"\n")
    seen: Counter[bytes] = Counter()
    stamped = []
    for finding in sorted(findings, key=lambda found: (found.line, found.column, found.rule)):
        text = finding.fingerprint.encode() or (rows[finding.line - 1] if finding.line <= len(rows) else b"")
        identity = finding.rule.encode() + b"\0" + b"".join(text.split())
        stamped.append(replace(finding, fingerprint=_digest(identity, seen[identity])))
        seen[identity] += 1
    return stamped


def _digest(identity: bytes, occurrence: int) -> str:
    return sha256(identity + b"\0%d" % occurrence).hexdigest()[:32]
