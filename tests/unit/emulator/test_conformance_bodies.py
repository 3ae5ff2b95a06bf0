"""Why a body does not fit its model, in the words that clients of real APIs get."""

from __future__ import annotations

import json

import pytest

from emulator.rest.refusals import Refused
from emulator.rest.validation import Validator
from emulator.template.rest_model import RequestRules


def complaint(schema, body):
    validator = Validator(RequestRules("Model", True), {"Model": schema})
    with pytest.raises(Refused) as refused:
        validator.check(headers={}, query={}, path={}, body=json.dumps(body).encode())
    return refused.value.refusal.reason


@pytest.mark.parametrize(
    ("schema", "body", "said"),
    [
        ({"minimum": 18}, 17, "numeric instance is lower than the required minimum (minimum: 18, found: 17)"),
        (
            {"minimum": 18, "exclusiveMinimum": True},
            18,
            "numeric instance is not strictly greater than the required minimum 18",
        ),
        ({"maximum": 9}, 10, "numeric instance is greater than the required maximum (maximum: 9, found: 10)"),
        (
            {"maximum": 9, "exclusiveMaximum": True},
            9,
            "numeric instance is not strictly lower than the required maximum 9",
        ),
        ({"multipleOf": 2}, 3, "remainder of division is not zero (3 / 2)"),
        ({"minLength": 2}, "a", 'string "a" is too short (length: 1, required minimum: 2)'),
        ({"maxLength": 1}, "ab", 'string "ab" is too long (length: 2, maximum allowed: 1)'),
        ({"pattern": "^a+$"}, "b", 'ECMA 262 regex "^a+$" does not match input string "b"'),
        ({"enum": ["a", "b"]}, "c", 'instance value ("c") not found in enum (possible values: ["a","b"])'),
        ({"minItems": 2}, [1], "array is too short: must have at least 2 elements but instance has 1 elements"),
        ({"maxItems": 1}, [1, 2], "array is too long: must have at most 1 elements but instance has 2 elements"),
        ({"uniqueItems": True}, [1, 1], "array must not contain duplicate elements"),
        ({"minProperties": 1}, {}, "object has too few properties (found 0 but schema requires at least 1)"),
        ({"maxProperties": 0}, {"a": 1}, "object has too many properties (found 1 but schema requires at most 0)"),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"a": 1, "c": 1, "b": 2},
            'object instance has properties which are not allowed by the schema: ["b","c"]',
        ),
        (
            {"type": "number"},
            "1",
            'instance type (string) does not match any allowed primitive type (allowed: ["integer","number"])',
        ),
        (
            {"oneOf": [{"type": "string"}, {"type": "null"}]},
            7,
            "instance failed to match exactly one schema (matched 0 out of 2)",
        ),
        (
            {"oneOf": [{"type": "integer"}, {"minimum": 5}]},
            7,
            "instance failed to match exactly one schema (matched 2 out of 2)",
        ),
    ],
)
def test_what_is_wrong_is_said_as_aws_says_it(schema, body, said):
    assert complaint(schema, body) == f"[{said}]"
