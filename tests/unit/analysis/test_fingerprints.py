"""What identifies a finding within its file: never its line number, and never a secret."""

from __future__ import annotations

from dataclasses import replace

from functions.analysis.engines.fingerprints import identified, stamp
from functions.analysis.model import Confidence, Finding, Severity

FOUND = Finding("r/x", "", "", Severity.LOW, Confidence.LOW, 3, 1, 3, 2, "")
SOURCE = b"a = 1\nb = 2\nbad()\nc = 3\nd = 4\n"


def test_lines_above_blank_lines_and_spacing_change_nothing():
    (one,) = stamp([FOUND], SOURCE)
    (other,) = stamp(
        [replace(FOUND, line=6)], b"x = 0\n\n" + SOURCE.replace(b"b = 2", b"  b  =  2\n").replace(b"bad", b"\tbad")
    )

    assert one.fingerprint == other.fingerprint
    assert one.context[8:] == other.context[8:]


def test_equal_lines_are_numbered_and_told_apart_by_their_surroundings():
    twice = stamp([FOUND, replace(FOUND, line=8)], SOURCE + b"e = 5\nf = 6\nbad()\n")

    digests = [one.fingerprint.partition(":") for one in twice]
    assert [number for _, _, number in digests] == ["1", "2"]
    assert digests[0][0] == digests[1][0]
    assert twice[0].context != twice[1].context


def test_a_finding_without_a_line_has_no_surroundings():
    (one,) = stamp([replace(FOUND, line=0)], SOURCE)
    (beyond,) = stamp([replace(FOUND, line=99)], b"")

    assert (one.context, beyond.context) == ("", "")
    assert one.fingerprint == beyond.fingerprint


def test_no_secret_can_be_guessed_from_a_line_or_its_surroundings():
    def with_secret(secret: str) -> list[Finding]:
        source = SOURCE.replace(b"b = 2", f"password = '{secret}'".encode())
        return stamp([FOUND, replace(FOUND, line=2)], source, [secret, secret[:4]])

    assert with_secret("hunter2hunter2") == with_secret("correct horse battery")


def test_findings_of_no_content_are_known_by_what_they_bring_in_any_order():
    listed = [replace(FOUND, fingerprint=name) for name in ("left-pad", "right-pad", "left-pad")]

    assert [one.fingerprint for one in identified(listed)] == [one.fingerprint for one in identified(listed[::-1])]
    assert len({one.fingerprint for one in identified(listed)}) == 3
