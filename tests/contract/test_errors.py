"""Every failure a caller can see has a status and a code of its own."""

from __future__ import annotations

from kernel import errors
from kernel.problems import STATUS


def test_each_kind_of_failure_has_a_status():
    assert set(STATUS) == set(errors.DomainError.__subclasses__())


def test_codes_are_unique():
    codes = [kind.code for kind in errors.DomainError.__subclasses__()]

    assert len(codes) == len(set(codes))
