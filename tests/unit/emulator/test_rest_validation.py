"""Request validation: what the gateway refuses before a function runs."""

from __future__ import annotations

import json

import pytest

from emulator.template import TemplateError
from tests.unit.emulator.rest import client

API = """
Models:
  Person:
    type: object
    required: [name, age]
    properties:
      name: { type: string, minLength: 2 }
      age: { type: integer, minimum: 0 }
      home: { $ref: "#/definitions/Place" }
  Place: { type: object, required: [city], properties: { city: { type: string } } }
  Linked: { type: array, items: { $ref: "https://apigateway.amazonaws.com/restapis/abc/models/Place" } }
GatewayResponses:
  BAD_REQUEST_BODY:
    ResponseTemplates: { application/json: '{"why":"$context.error.validationErrorString","say":$context.error.messageString}' }
"""
EVENTS = """
Post:
  Type: Api
  Properties:
    RestApiId: !Ref Api
    Path: /people
    Method: post
    RequestModel: { Model: Person, Required: true, ValidateBody: true }
Linked:
  Type: Api
  Properties: { RestApiId: !Ref Api, Path: /linked, Method: post, RequestModel: { Model: linked, ValidateBody: true } }
Item:
  Type: Api
  Properties:
    RestApiId: !Ref Api
    Path: /{test}
    Method: get
    RequestModel: { Model: Person, ValidateParameters: true }
    RequestParameters:
      - method.request.querystring.qs1: { Required: true }
      - method.request.header.x-header-param: { Required: true }
      - method.request.path.issuer: { Required: true }
      - method.request.querystring.free
Unchecked:
  Type: Api
  Properties:
    RestApiId: !Ref Api
    Path: /unchecked
    Method: post
    RequestModel: { Model: Person }
    RequestParameters: [{ method.request.querystring.q: { Required: true } }]
"""


@pytest.fixture
def gateway(tmp_path):
    return client(tmp_path, api=API, events=EVENTS)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"name": "ada"}', 'object has missing required properties (["age"])'),
        ("", 'object has missing required properties (["age","name"])'),
        ("[]", 'instance type (array) does not match any allowed primitive type (allowed: ["object"])'),
        (
            '{"name": "ada", "age": "7"}',
            'instance type (string) does not match any allowed primitive type (allowed: ["integer"])',
        ),
        ('{"name": "ada", "age": 7, "home": {}}', 'object has missing required properties (["city"])'),
        ('{"name": "a", "age": 7}', "is too short (length: 1"),
        ("not json", ""),
    ],
)
def test_a_body_that_does_not_fit_its_model_is_a_400(gateway, body, why):
    reply = gateway.request("POST", "/people", body=body)

    assert reply.status == 400
    assert reply.headers["x-amzn-errortype"] == "BadRequestException"
    assert reply.json["say"] == "Invalid request body"
    assert why in reply.json["why"]


def test_the_default_answer_to_a_bad_body(tmp_path):
    gateway = client(tmp_path, api=API.split("GatewayResponses")[0], events=EVENTS)

    assert gateway.request("POST", "/people", body="[]").body == b'{"message":"Invalid request body"}'


def test_a_body_that_fits_reaches_the_function(gateway):
    fitting = {"name": "ada", "age": 7, "home": {"city": "London"}, "more": 1}

    assert json.loads(gateway.request("POST", "/people", body=fitting).json["body"]) == fitting
    assert gateway.request("POST", "/linked", body=[{"city": "London"}]).status == 200
    assert gateway.request("POST", "/linked", body=[{}]).status == 400


def test_a_body_of_another_type_has_no_model(gateway):
    headers = {"Content-Type": "text/plain"}

    assert gateway.request("POST", "/people", body="anything", headers=headers).status == 200
    assert (
        gateway.request("POST", "/people", body="[]", headers={"Content-Type": "application/json; a=b"}).status == 400
    )


def test_missing_parameters_are_named_in_the_order_of_their_full_names(gateway):
    reply = gateway.request("GET", "/7")

    assert (reply.status, reply.headers["x-amzn-errortype"]) == (400, "BadRequestException")
    assert reply.json == {"message": "Missing required request parameters: [x-header-param, issuer, qs1]"}


@pytest.mark.parametrize(
    ("path", "headers", "missing"),
    [
        ("/a?qs1=1", {}, "[x-header-param]"),
        ("/a", {"X-Header-Param": "1"}, "[qs1]"),
        ("/a?qs1=", {"x-header-param": "1"}, "[qs1]"),
        ("/a?QS1=1", {"x-header-param": ""}, "[x-header-param, qs1]"),
    ],
)
def test_parameters_must_be_there_and_not_blank(tmp_path, path, headers, missing):
    gateway = client(tmp_path, api=API, events=EVENTS.replace("/{test}", "/{issuer}"))
    reply = gateway.request("GET", path, headers=headers)

    assert reply.json == {"message": f"Missing required request parameters: {missing}"}
    assert gateway.request("GET", "/a?qs1=1", headers={"x-header-param": "1"}).status == 200


def test_without_validate_nothing_is_checked(gateway):
    assert gateway.request("POST", "/unchecked", body="[]").status == 200


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        (EVENTS.replace("Model: Person", "Model: Nobody"), "the model Nobody is not among the Models of Api"),
        (EVENTS.replace("method.request.path.issuer", "method.request.body.x"), "method.request.body.x is no"),
        (
            'A: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /echo, Method: ANY } }',
            "ANY /echo is declared more than once",
        ),
    ],
)  # fmt: skip
def test_what_sam_refuses_is_refused_when_the_template_is_read(tmp_path, events, sentence):
    with pytest.raises(TemplateError, match=sentence.replace("[", r"\[")):
        client(tmp_path, api=API, events=events)
