"""Event patterns: the examples of AWS's documentation, and the corners that its own library fixes."""

from __future__ import annotations

import json

import pytest

from emulator.patterns import BadPattern, Filters, Pattern

EVENT = {
    "version": "0",
    "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "account": "111122223333",
    "time": "2017-12-22T18:43:48Z",
    "region": "us-west-1",
    "resources": ["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"],
    "detail": {
        "instance-id": "i-1234567890abcdef0",
        "state": "terminated",
        "source-ip": "10.0.0.123",
        "c-count": 5,
        "d-count": 3,
        "x-limit": 301.8,
        "empty": "",
        "nothing": None,
        "flag": True,
        "path": "dir1/dir2/dir3",
        "file": "image.PNG",
        "v6": "2001:db8::17",
    },
}


def matches(detail: object) -> bool:
    return Pattern({"detail": detail}).matches(EVENT)


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["aws.ec2"], "detail": {"state": ["running", "terminated"]}},
        {"resources": ["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0", "another"]},
        {"time": [{"prefix": "2017-12-22"}]},
        {"detail-type": [{"prefix": {"equals-ignore-case": "ec2 INSTANCE"}}]},
        {"detail": {"file": [{"suffix": ".PNG"}]}},
        {"detail": {"file": [{"suffix": {"equals-ignore-case": ".png"}}]}},
        {"detail-type": [{"equals-ignore-case": "ec2 instance STATE-change notification"}]},
        {"detail": {"state": [{"anything-but": "initializing"}]}},
        {"detail": {"state": [{"anything-but": ["stopped", "overloaded"]}]}},
        {"detail": {"x-limit": [{"anything-but": [100, 200, 300]}]}},
        {"detail": {"state": [{"anything-but": {"prefix": "init"}}]}},
        {"detail": {"state": [{"anything-but": {"prefix": ["init", "error"]}}]}},
        {"detail": {"file": [{"anything-but": {"suffix": [".txt", ".rtf"]}}]}},
        {"detail": {"state": [{"anything-but": {"equals-ignore-case": ["initializing", "stopped"]}}]}},
        {"detail": {"path": [{"anything-but": {"wildcard": "*/lib/*"}}]}},
        {"detail": {"path": [{"anything-but": {"wildcard": ["*/lib/*", "*/bin/*"]}}]}},
        {"detail": {"x-limit": [{"numeric": ["=", 3.018e2]}], "c-count": [{"numeric": [">", 0, "<=", 5]}]}},
        {"detail": {"source-ip": [{"cidr": "10.0.0.0/24"}], "v6": [{"cidr": "2001:db8::/32"}]}},
        {"detail": {"c-count": [{"exists": True}], "e-count": [{"exists": False}], "nothing": [{"exists": True}]}},
        {"detail": {"path": [{"wildcard": "dir1/*/dir3"}]}},
        {"detail": {"empty": [""], "nothing": [None], "flag": [True], "c-count": [5.0]}},
        {"detail": {"$or": [{"c-count": [{"numeric": [">", 9]}]}, {"d-count": [{"numeric": ["<", 10]}]}]}},
        {"source": ["aws.ec2"], "$or": [{"account": ["x"]}, {"region": ["us-west-1"], "version": ["0"]}]},
        {"detail": {"v6": ["2001:0db8:0::17"]}},
    ],
)
def test_the_examples_of_the_documentation_match(pattern):
    assert Pattern(json.dumps(pattern)).matches(EVENT)


@pytest.mark.parametrize(
    "detail",
    [
        {"state": ["Terminated"]},
        {"missing": [{"anything-but": "x"}]},
        {"missing": [{"exists": True}]},
        {"nothing": [""]},
        {"empty": [None]},
        {"flag": [1]},
        {"flag": ["true"]},
        {"c-count": ["5"]},
        {"c-count": [{"prefix": "5"}]},
        {"c-count": [{"anything-but": [5, 6]}]},
        {"state": [{"numeric": ["=", 5]}]},
        {"c-count": [{"numeric": [">", 0, "<", 5]}]},
        {"state": [{"anything-but": {"equals-ignore-case": "TERMINATED"}}]},
        {"source-ip": [{"cidr": "10.0.1.0/24"}]},
        {"state": [{"cidr": "10.0.1.0/24"}]},
        {"path": [{"wildcard": "dir1/*/dir"}]},
        {"path": [{"anything-but": {"wildcard": "*/dir2/*"}}]},
        {"$or": [{"state": ["x"]}, {"state": ["y"]}]},
        {"state": {"inner": ["terminated"]}},
    ],
)
def test_what_does_not_match(detail):
    assert not matches(detail)


@pytest.mark.parametrize("value", [7, None, False])
def test_anything_but_a_text_is_also_every_value_that_is_no_text(value):
    for unwanted in ("a", {"prefix": "a"}, {"suffix": ["a"]}, {"wildcard": "a*"}, {"equals-ignore-case": "a"}):
        assert Pattern({"v": [{"anything-but": unwanted}]}).matches({"v": value})


@pytest.mark.parametrize(
    ("wildcard", "value", "wanted"),
    [
        ("a*b", "ab", True),
        ("a*b", "a\nb", True),
        ("*", "", True),
        (r"a\*b", "a*b", True),
        (r"a\*b", "axb", False),
        (r"a\\b", r"a\b", True),
        ("a.b", "axb", False),
        ("a?b", "axb", False),
    ],
)
def test_a_wildcard_is_a_star_and_nothing_else(wildcard, value, wanted):
    assert Pattern({"v": [{"wildcard": wildcard}]}).matches({"v": value}) is wanted


EMPLOYEES = {
    "employees": [{"firstName": "Anna", "lastName": "Smith"}, {"firstName": "Peter", "lastName": "Jones"}],
    "nested": [[{"a": 1}, {"a": 2}], [{"a": 3, "b": 4}]],
    "tags": [["x"], "y", []],
}


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ({"employees": {"firstName": ["Anna"]}}, True),
        ({"employees": {"firstName": ["Anna"], "lastName": ["Smith"]}}, True),
        ({"employees": {"firstName": ["Anna"], "lastName": ["Jones"]}}, False),
        ({"nested": {"a": [3], "b": [4]}}, True),
        ({"nested": {"a": [1], "b": [4]}}, False),
        ({"nested": {"a": [1], "b": [{"exists": False}]}}, True),
        ({"nested": {"a": [3], "b": [{"exists": False}]}}, False),
        ({"tags": ["x"]}, True),
        ({"tags": ["y"]}, True),
        ({"tags": [{"anything-but": "x"}]}, True),
        ({"tags": [{"anything-but": ["x", "y"]}]}, False),
    ],
)
def test_lists_are_looked_through_one_element_at_a_time(pattern, wanted):
    assert Pattern(pattern).matches(EMPLOYEES) is wanted


def test_an_empty_list_or_map_is_no_value():
    for value in ([], {}, {"below": 1}):
        assert Pattern({"v": [{"exists": False}]}).matches({"v": value})
        assert not Pattern({"v": [None]}).matches({"v": value})


def test_a_name_with_a_dot_is_two_names():
    assert Pattern({"a.b": [1]}).matches({"a": {"b": 1}})
    assert Pattern({"a": {"b": [1]}}).matches({"a.b": 1})


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "not an object"),
        ({}, "Empty objects"),
        ({"a": "x"}, "must be an object or an array"),
        ({"a": []}, "Empty arrays"),
        ({"a": [[1]]}, "Match value"),
        ({"a": [{}]}, "expression name not found"),
        ({"a": [{"prefix": "x", "suffix": "y"}]}, "Only one key"),
        ({"a": [{"like": "x"}]}, "Unrecognized match type like"),
        ({"a": [{"prefix": 1}]}, "must be a string"),
        ({"a": [{"prefix": ["x"]}]}, "must be a string"),
        ({"a": [{"prefix": {"suffix": "x"}}]}, "Unsupported prefix"),
        ({"a": [{"exists": 1}]}, "either true or false"),
        ({"a": [{"anything-but": []}]}, "Empty arrays"),
        ({"a": [{"anything-but": [1, "a"]}]}, "mixed type"),
        ({"a": [{"anything-but": None}]}, "mixed type"),
        ({"a": [{"anything-but": {"prefix": ""}}]}, "Null prefix/suffix"),
        ({"a": [{"anything-but": {"prefix": {"equals-ignore-case": "x"}}}]}, "must be a string"),
        ({"a": [{"anything-but": {"numeric": ["=", 1]}}]}, "Unsupported anything-but"),
        ({"a": [{"wildcard": "a**b"}]}, "Consecutive wildcard characters at pos 1"),
        ({"a": [{"wildcard": r"a\qb"}]}, "Invalid escape character at pos 1"),
        ({"a": [{"wildcard": "a\\"}]}, "Invalid escape character at pos 1"),
        ({"a": [{"cidr": "10.0.0.0"}]}, "one '/' required"),
        ({"a": [{"cidr": "bad/64"}]}, "Malformed CIDR"),
        ({"a": [{"numeric": []}]}, "Invalid member"),
        ({"a": [{"numeric": [">", 0, ">", 1]}]}, "Bad numeric range operator"),
        ({"a": [{"numeric": ["<", 2, ">", 0]}]}, "Too many elements"),
        ({"a": [{"numeric": [">", 3, "<", 1]}]}, "Bottom must be less than top"),
        ({"a": [{"numeric": [">", "1"]}]}, "must be numeric"),
        ({"a": [{"numeric": ["!=", 1]}]}, "Unrecognized numeric"),
        ({"a": [{"numeric": [">", 5000000001]}]}, "between -5.0E9 and 5.0E9"),
        ({"$or": [{"a": ["x"]}]}, "at least 2"),
        ({"$or": [1, 2]}, "Only JSON object"),
        ({"$or": {"a": ["x"]}}, "must be an Array"),
        ({"$or": [{"prefix": ["x"]}, {"a": ["x"]}]}, "reserved"),
        ({f"g{n}": {"$or": [{"a": [1]}, {"b": [1]}]} for n in range(12)}, "combinations"),
    ],
)
def test_what_is_not_a_pattern_is_refused_with_the_reason(pattern, reason):
    with pytest.raises(BadPattern, match=reason):
        Pattern(pattern)


JSON_VALUE = b'{"device_ID": "AB1234", "session": {"start_time": "yyyy-mm-ddThh:mm:ss", "duration": 162}}'
BEGINS_WITH_AB = '{ "value" : { "device_ID" : [ { "prefix": "AB" } ] } }'
EXACTLY_HELLO = '{ "value" : [ "hello" ] }'


@pytest.mark.parametrize(
    ("filters", "value", "wanted"),
    [
        ([BEGINS_WITH_AB], JSON_VALUE, True),
        ([BEGINS_WITH_AB], b'{"device_ID": "XY"}', False),
        ([BEGINS_WITH_AB], b"AB1234", False),
        ([BEGINS_WITH_AB], None, False),
        (['{"value": {"device_ID": [{"exists": false}]}}'], b"text", False),
        (['{"value": {"device_ID": [{"exists": false}]}}'], b'{"other": 1}', True),
        (['{"value": {"a": [1]}}'], b'[{"a": 1}]', True),
        ([EXACTLY_HELLO], b"hello", True),
        ([EXACTLY_HELLO], b"hello!", False),
        ([EXACTLY_HELLO], b'{"a": "hello"}', False),
        (['{"value": [{"anything-but": "hello"}]}'], JSON_VALUE, False),
        (['{"value": [{"prefix": "1"}]}'], b"12", True),
        (['{"value": [{"exists": false}]}'], None, True),
        ([EXACTLY_HELLO, BEGINS_WITH_AB], JSON_VALUE, True),
        (['{"$or": [{"value": {"a": [1]}}, {"value": {"b": [2]}}]}'], b'{"b": 2}', True),
        ([], b"anything", True),
    ],
)
def test_filters_look_at_the_value_in_the_form_of_their_pattern(filters, value, wanted):
    assert Filters(filters).wants(value) is wanted


def test_filters_ask_for_nothing_but_the_value():
    with pytest.raises(BadPattern, match="value only"):
        Filters(['{"key": ["a"]}'])
