"""The OpenAPI document is valid, is what the routes say, and says it for every route."""

from __future__ import annotations

import json

from openapi_spec_validator import validate

from infra import openapi


def test_the_document_is_valid_openapi():
    validate(json.loads(openapi.text()))


def test_the_checked_in_document_is_the_present_one():
    assert openapi.DOCUMENT.read_text() == openapi.text()


def test_no_two_schemas_of_the_domains_share_a_name():
    """pydantic tells those apart by the modules that they are in, which no client should see."""
    names = json.loads(openapi.text())["components"]["schemas"]

    assert [name for name in names if "__" in name] == []


def test_every_operation_has_a_summary_and_says_how_it_fails():
    document = json.loads(openapi.text())
    operations = [operation for path in document["paths"].values() for operation in path.values()]

    assert all(operation["summary"] for operation in operations)
    assert all("default" in operation["responses"] for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)
