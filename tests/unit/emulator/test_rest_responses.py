"""Gateway responses, CORS preflights, and what a template's API may say."""

from __future__ import annotations

import json

import pytest

from emulator.rest import refusals
from emulator.rest.front import Front
from emulator.rest.gateway_responses import refuse
from emulator.rest.refusals import Refusal
from emulator.template import Api, ApiRoute, GatewayResponse, TemplateError, load
from tests.unit.emulator.rest import client, policy

TYPES = {
    "ACCESS_DENIED": 403,
    "API_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_FAILURE": 500,
    "BAD_REQUEST_BODY": 400,
    "BAD_REQUEST_PARAMETERS": 400,
    "EXPIRED_TOKEN": 403,
    "INTEGRATION_TIMEOUT": 504,
    "INVALID_API_KEY": 403,
    "INVALID_SIGNATURE": 403,
    "MISSING_AUTHENTICATION_TOKEN": 403,
    "QUOTA_EXCEEDED": 429,
    "REQUEST_TOO_LARGE": 413,
    "RESOURCE_NOT_FOUND": 404,
    "THROTTLED": 429,
    "UNAUTHORIZED": 401,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "WAF_FILTERED": 403,
}


def test_each_type_has_the_status_of_aws():
    known = {each.kind: each.status for each in vars(refusals).values() if isinstance(each, Refusal)}

    assert {kind: known.get(kind) for kind in TYPES} == TYPES


def test_without_a_declaration_the_answer_is_that_of_aws():
    response = refuse(refusals.FORBIDDEN, Api())

    assert (response.status, response.body) == (403, b'{"message":"Forbidden"}')
    assert response.headers == [("Content-Type", "application/json"), ("x-amzn-ErrorType", "ForbiddenException")]


@pytest.mark.parametrize(
    ("declared", "status"),
    [
        ({"THROTTLED": GatewayResponse(503)}, 503),
        ({"DEFAULT_4XX": GatewayResponse(400)}, 400),
        ({"THROTTLED": GatewayResponse(), "DEFAULT_4XX": GatewayResponse(400)}, 429),
        ({"DEFAULT_5XX": GatewayResponse(400)}, 429),
    ],
)
def test_a_type_wins_over_its_family(declared, status):
    assert refuse(refusals.THROTTLED, Api(gateway_responses=declared)).status == status


RESPONSES = """
Variables: { color: blue }
GatewayResponses:
  MISSING_AUTHENTICATION_TOKEN:
    StatusCode: 404
    ResponseParameters:
      Headers:
        Access-Control-Allow-Origin: "'*'"
        X-Request: context.requestId
        X-Color: stageVariables.color
        X-Asked: method.request.header.X-Ask
        X-Query: method.request.querystring.q
        X-None: context.nothing
    ResponseTemplates:
      application/json: >-
        {"id":"$context.requestId","path":"$context.path","ip":"$context.identity.sourceIp","api":"$context.apiId",
        "type":"$context.error.responseType","say":$context.error.messageString,"plain":"$context.error.message",
        "color":"$stageVariables.color","gone":"$context.nothing.at.all","stage":"$context.stage","cost":"$5"}
      application/xml: <error>$context.error.message</error>
"""


def test_a_template_and_headers_are_filled_from_the_request(tmp_path):
    reply = client(tmp_path, api=RESPONSES).request("GET", '/no"where?q=1', headers={"X-Ask": "a"})

    assert (reply.status, reply.headers["content-type"]) == (404, "application/json")
    assert reply.json == {
        "id": reply.headers["x-amzn-requestid"],
        "path": '/no"where',
        "ip": "127.0.0.1",
        "api": "Api",
        "type": "MISSING_AUTHENTICATION_TOKEN",
        "say": "Missing Authentication Token",
        "plain": "Missing Authentication Token",
        "color": "blue",
        "gone": "",
        "stage": "live",
        "cost": "$5",
    }
    headers = {name: reply.headers.get(name) for name in ("x-request", "x-color", "x-asked", "x-query", "x-none")}
    assert headers == {
        "x-request": reply.json["id"], "x-color": "blue", "x-asked": "a", "x-query": "1", "x-none": None,
    }  # fmt: skip
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"


def test_a_client_cannot_add_headers_through_a_parameter(tmp_path):
    reply = client(tmp_path, api=RESPONSES).request("GET", "/nowhere?q=1%0d%0aInjected:%20yes")

    assert "x-query" not in reply.headers


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/xml", "application/xml"),
        ("application/xml;q=0.5, application/json", "application/xml"),
        ("text/html, application/xml", "application/json"),
        ("*/*", "application/json"),
    ],
)
def test_the_first_type_that_the_client_accepts_picks_the_template(tmp_path, accept, kind):
    reply = client(tmp_path, api=RESPONSES).request("GET", "/nowhere", headers={"Accept": accept})

    assert reply.headers["content-type"] == kind
    assert (reply.body == b"<error>Missing Authentication Token</error>") is (kind == "application/xml")


def test_what_an_authorizer_said_can_be_told(tmp_path):
    api = """
    Auth: { DefaultAuthorizer: G, Authorizers: { G: { FunctionArn: !GetAtt Guard.Arn } } }
    GatewayResponses:
      INVALID_API_KEY: { ResponseTemplates: { application/json: '"$context.authorizer.who $context.authorizer.principalId"' } }
    """
    events = (
        "A: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /a, Method: get, Auth: { ApiKeyRequired: true } } }"
    )
    gateway = client(tmp_path, api=api, events=events, guard=lambda event, context: policy(context={"who": "eve"}))

    assert gateway.request("GET", "/a", headers={"Authorization": "x"}).json == "eve ada"


def test_a_message_is_null_where_aws_has_none():
    response = refuse(refusals.AUTHORIZER_FAILED, Api())

    assert (response.status, json.loads(response.body)) == (500, {"message": None})


CORS = "Cors: { AllowOrigin: \"'https://a.example'\", MORE }"
ROUTES = """
Get: { Type: Api, Properties: { RestApiId: !Ref Api, Path: "/f/{id}", Method: get } }
Put: { Type: Api, Properties: { RestApiId: !Ref Api, Path: "/f/{id}/", Method: put } }
Own: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /own, Method: options } }
"""


def preflight(gateway, path="/f/1"):
    return gateway.request("OPTIONS", path, headers={"Origin": "https://b.example"})


def test_a_preflight_is_answered_from_the_template(tmp_path):
    more = "AllowHeaders: \"'X-A,X-B'\", AllowMethods: \"'GET'\", MaxAge: \"'600'\", AllowCredentials: true"
    reply = preflight(client(tmp_path, api=CORS.replace("MORE", more), events=ROUTES))

    assert (reply.status, reply.body) == (200, b"{}\n")
    assert {name: value for name, value in reply.headers.items() if name.startswith(("access", "content"))} == {
        "content-type": "application/json",
        "access-control-allow-origin": "https://a.example",
        "access-control-allow-headers": "X-A,X-B",
        "access-control-allow-methods": "GET",
        "access-control-max-age": "600",
        "access-control-allow-credentials": "true",
    }
    assert reply.headers["x-amzn-requestid"]


def test_without_methods_those_of_the_path_are_told(tmp_path):
    gateway = client(tmp_path, api="Cors: \"'*'\"", events=ROUTES)

    assert preflight(gateway).headers["access-control-allow-methods"] == "GET,OPTIONS,PUT"
    assert (
        preflight(gateway, "/echo").headers["access-control-allow-methods"] == "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"
    )
    assert preflight(gateway).headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-headers" not in preflight(gateway).headers
    assert "access-control-max-age" not in preflight(gateway).headers


def test_a_declared_options_route_runs_its_function_and_any_does_not(tmp_path):
    gateway = client(tmp_path, api="Cors: \"'*'\"", events=ROUTES)

    assert preflight(gateway, "/own").json["httpMethod"] == "OPTIONS"
    assert preflight(gateway, "/echo").body == b"{}\n"
    assert preflight(gateway, "/nowhere").status == 403
    assert preflight(client(tmp_path, events=ROUTES), "/f/1").status == 403
    assert preflight(client(tmp_path, events=ROUTES), "/echo").json["httpMethod"] == "OPTIONS"


@pytest.mark.parametrize(
    ("auth", "status"),
    [
        ("DefaultAuthorizer: G", 401),
        ("DefaultAuthorizer: G, AddDefaultAuthorizerToCorsPreflight: false", 200),
        ("ApiKeyRequired: true", 403),
        ("ApiKeyRequired: true, AddApiKeyRequiredToCorsPreflight: false", 200),
    ],
)
def test_a_preflight_needs_what_the_api_needs_unless_it_says_otherwise(tmp_path, auth, status):
    api = f"Cors: \"'*'\"\nAuth: {{ {auth}, Authorizers: {{ G: {{ FunctionArn: !GetAtt Guard.Arn }} }} }}"

    assert preflight(client(tmp_path, api=api, events=ROUTES)).status == status


@pytest.mark.parametrize(
    ("api", "sentence"),
    [
        ("DefinitionBody: { openapi: 3.0.1 }", r"Api: OpenAPI documents \(DefinitionBody\) are not emulated"),
        ("DefinitionUri: api.yaml", r"OpenAPI documents \(DefinitionUri\)"),
        ("Auth: { DefaultAuthorizer: Nobody }", "the default authorizer Nobody is not among its Authorizers"),
        ("Cors: { AllowOrigin: \"'*'\", AllowCredentials: true }", "AllowCredentials needs an AllowOrigin other than"),
        ("Cors: { AllowOrigins: \"'*'\" }", "AllowOrigins is no property of Cors"),
        ("GatewayResponses: { TEAPOT: { StatusCode: 418 } }", "TEAPOT is no type of gateway response"),
    ],
)
def test_an_api_that_cannot_be_served_is_refused_with_a_sentence(tmp_path, api, sentence):
    with pytest.raises(TemplateError, match=sentence):
        client(tmp_path, api=api)


def test_what_is_not_emulated_is_named_once_each(tmp_path):
    api = """
    CacheClusterEnabled: true
    CanarySetting: { PercentTraffic: 1 }
    MethodSettings: [{ ResourcePath: /*, HttpMethod: "*", CachingEnabled: true }]
    Auth: { ResourcePolicy: { IpRangeBlacklist: [1.2.3.4] } }
    """
    events = """
    A:
      Type: Api
      Properties: { RestApiId: !Ref Api, Path: /a, Method: get, ResponseTransferMode: STREAM, Auth: { ResourcePolicy: {} } }
    """
    warnings = client(tmp_path, api=api, events=events).template.warnings

    for name in (
        "Api: CacheClusterEnabled", "Api: CanarySetting", "Api: MethodSettings.CachingEnabled",
        "Api: Auth.ResourcePolicy", "Echo.A: ResponseTransferMode", "Echo.A: Auth.ResourcePolicy",
    ):  # fmt: skip
        assert warnings.count(f"{name} is not emulated") == 1


def test_properties_of_the_implicit_api_are_named_too(tmp_path):
    file = tmp_path / "template.yaml"
    file.write_text("Globals: { Api: { CacheClusterEnabled: true } }\nResources: {}\n")

    assert load(file).warnings == ("ServerlessRestApi: CacheClusterEnabled is not emulated",)


def test_a_body_over_the_limit_is_answered_with_the_api_s_own_words():
    declared = GatewayResponse(templates={"application/json": '{"id":"$context.requestId"}'})
    api = Api(gateway_responses={"REQUEST_TOO_LARGE": declared})
    response = Front((ApiRoute("GET", "/", "f"),), {api.name: api}, invoke=None).too_large()

    assert (response.status, json.loads(response.body)["id"]) == (413, dict(response.headers)["x-amzn-RequestId"])


def test_only_answers_of_functions_tell_their_trace(tmp_path):
    gateway = client(tmp_path)

    assert "x-amzn-trace-id" in gateway.request("GET", "/echo").headers
    refused = gateway.request("GET", "/nowhere").headers
    assert "x-amzn-trace-id" not in refused
    assert {"x-amzn-requestid", "x-amz-apigw-id"} <= set(refused)
