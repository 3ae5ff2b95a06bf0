"""What is wrong with a body, in the words of `$context.error.validationErrorString`.

API Gateway checks bodies with a validator of Java, whose sentences these are; clients of real APIs were seen to get them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema import ValidationError


def sentence(error: ValidationError) -> str:
    """Return the sentence about an error, that of our validator for a rule that is not known here."""
    say = _SENTENCES.get(str(error.validator))
    return say(error, error.instance) if say else str(error.message)


def _required(error: ValidationError, instance: Any) -> str:
    missing = sorted(name for name in _listed(error.validator_value) if name not in instance)
    return f"object has missing required properties ({_json(missing)})"


def _type(error: ValidationError, instance: Any) -> str:
    allowed = set(_listed(error.validator_value))
    allowed |= {"integer"} if "number" in allowed else set()
    return f"instance type ({_kind(instance)}) does not match any allowed primitive type (allowed: {_json(sorted(allowed))})"


def _kind(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def _unknown(error: ValidationError, instance: Any) -> str:
    schema: Any = error.schema
    others = _json(sorted(set(instance) - set(schema.get("properties", {}))))
    return f"object instance has properties which are not allowed by the schema: {others}"


def _minimum(error: ValidationError, instance: Any) -> str:
    limit, schema = error.validator_value, error.schema
    if isinstance(schema, dict) and schema.get("exclusiveMinimum") and instance == limit:
        return f"numeric instance is not strictly greater than the required minimum {limit}"
    return f"numeric instance is lower than the required minimum (minimum: {limit}, found: {instance})"


def _maximum(error: ValidationError, instance: Any) -> str:
    limit, schema = error.validator_value, error.schema
    if isinstance(schema, dict) and schema.get("exclusiveMaximum") and instance == limit:
        return f"numeric instance is not strictly lower than the required maximum {limit}"
    return f"numeric instance is greater than the required maximum (maximum: {limit}, found: {instance})"


def _enum(error: ValidationError, instance: Any) -> str:
    return f"instance value ({_json(instance)}) not found in enum (possible values: {_json(error.validator_value)})"


def _one_of(error: ValidationError, instance: Any) -> str:
    among = len(_listed(error.validator_value))
    failed = {each.relative_schema_path[0] for each in error.context or ()}
    matched = among - len(failed) if failed else among
    return f"instance failed to match exactly one schema (matched {matched} out of {among})"


_SENTENCES: dict[str, Callable[[ValidationError, Any], str]] = {
    "required": _required,
    "type": _type,
    "additionalProperties": _unknown,
    "minimum": _minimum,
    "maximum": _maximum,
    "enum": _enum,
    "oneOf": _one_of,
    "pattern": lambda error, found: f'ECMA 262 regex "{error.validator_value}" does not match input string "{found}"',
    "uniqueItems": lambda error, found: "array must not contain duplicate elements",
    "multipleOf": lambda error, found: f"remainder of division is not zero ({found} / {error.validator_value})",
    "minLength": lambda error, found: (
        f'string "{found}" is too short (length: {len(found)}, required minimum: {error.validator_value})'
    ),
    "maxLength": lambda error, found: (
        f'string "{found}" is too long (length: {len(found)}, maximum allowed: {error.validator_value})'
    ),
    "minItems": lambda error, found: (
        f"array is too short: must have at least {error.validator_value} elements but instance has {len(found)} elements"
    ),
    "maxItems": lambda error, found: (
        f"array is too long: must have at most {error.validator_value} elements but instance has {len(found)} elements"
    ),
    "minProperties": lambda error, found: (
        f"object has too few properties (found {len(found)} but schema requires at least {error.validator_value})"
    ),
    "maxProperties": lambda error, found: (
        f"object has too many properties (found {len(found)} but schema requires at most {error.validator_value})"
    ),
}


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
