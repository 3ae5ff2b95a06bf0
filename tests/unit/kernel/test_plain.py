from __future__ import annotations

import pytest
from chalice.app import MultiDict

from kernel.errors import Invalid
from kernel.plain import says_twice, sent, single


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"a":{"b":1},"b":1}', b'[{"a":1},{"a":1}]', b'{"a":"\\ud800"}'])
def test_each_name_once_is_plain(body):
    assert not says_twice(body)


@pytest.mark.parametrize(
    "body", [b'{"a":1,"a":1}', b'{"a":{"b":1,"b":2}}', b'[{"a":1,"\\u0061":2}]', b"[" * 100_000 + b"]" * 100_000]
)
def test_a_name_given_twice_and_what_cannot_be_told_is_not(body):
    assert says_twice(body)


def test_a_query_parameter_has_one_value():
    assert single(None) == {}
    assert single(MultiDict({"a": ["1"], "b": [""]})) == {"a": "1", "b": ""}
    with pytest.raises(Invalid) as refused:
        single(MultiDict({"limit": ["1", "1"]}))
    assert refused.value.details == {"names": ["limit"]}


def test_a_body_is_its_bytes():
    assert (sent(None), sent(""), sent("é"), sent(b"\xff")) == (b"", b"", "é".encode(), b"\xff")
