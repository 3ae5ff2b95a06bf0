"""Lambda and IAM authorizers of HTTP APIs, and CORS around them."""

from __future__ import annotations

import pytest
from aws_lambda_powertools.utilities.data_classes.api_gateway_authorizer_event import APIGatewayAuthorizerEventV2

from emulator.clock import ManualClock
from tests.unit.emulator.http import gateway, of

ROUTES = """
Item: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: "/items/{id}", Method: GET } }
Other: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /other, Method: GET } }
Old: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /old, Method: GET, PayloadFormatVersion: "1.0" } }
"""
ARN = "arn:aws:execute-api:us-east-1:000000000000:Api/$default/GET"
KEY = {"X-Key": "k"}


def guarded(tmp_path, guard, *, version="2.0", simple=True, identity="{ Headers: [X-Key] }", clock=None, **given):
    api = f"""
    StageVariables: {{ colour: blue }}
    Auth:
      DefaultAuthorizer: Own
      Authorizers:
        Own:
          FunctionArn: !GetAtt Guard.Arn
          AuthorizerPayloadFormatVersion: "{version}"
          EnableSimpleResponses: {str(simple).lower()}
          Identity: {identity}
    """
    return gateway(tmp_path, api=api, events=ROUTES, guard=guard, clock=clock, **given)


def policy(*resources, effect="Allow", context=None, principal="p"):
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": list(resources)}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": principal, "policyDocument": document, **({} if context is None else {"context": context})}


def test_an_authorizer_of_format_2_is_asked_as_aws_asks(tmp_path):
    http = guarded(tmp_path, lambda event: {"isAuthorized": True}, identity="{ Headers: [X-Key], QueryStrings: [q] }")

    http.send("GET", "/items/7?q=1&q=2", headers={**KEY, "Cookie": "a=1"})

    asked = http.functions.asked["Guard"][0]
    assert sorted(asked) == [
        "cookies", "headers", "identitySource", "pathParameters", "queryStringParameters", "rawPath", "rawQueryString",
        "requestContext", "routeArn", "routeKey", "stageVariables", "type", "version",
    ]  # fmt: skip
    parsed = APIGatewayAuthorizerEventV2(asked)
    assert (parsed.version, parsed.get("type"), parsed.route_arn) == ("2.0", "REQUEST", f"{ARN}/items/7")
    assert (parsed.identity_source, parsed.route_key) == (["k", "1,2"], "GET /items/{id}")
    assert (parsed.parsed_arn.stage, parsed.parsed_arn.resource) == ("$default", "items/7")
    assert (parsed.path_parameters, parsed.stage_variables) == ({"id": "7"}, {"colour": "blue"})


def test_an_authorizer_of_format_1_is_asked_as_aws_asks(tmp_path):
    identity = "{ Headers: [X-Key], StageVariables: [colour], Context: [routeKey] }"
    http = guarded(tmp_path, lambda event: policy("*"), version="1.0", simple=False, identity=identity)

    event = http.event("GET", "/items/7", headers=KEY)

    asked = http.functions.asked["Guard"][0]
    assert (asked["version"], asked["type"], asked["methodArn"]) == ("1.0", "REQUEST", f"{ARN}/items/7")
    assert asked["identitySource"] == asked["authorizationToken"] == "k,blue,GET /items/{id}"
    assert (asked["resource"], asked["path"], asked["httpMethod"]) == ("/items/{id}", "/items/7", "GET")
    assert {"body", "isBase64Encoded"}.isdisjoint(asked)
    assert event["requestContext"]["authorizer"] == {"lambda": {"principalId": "p"}}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"isAuthorized": True}, 200),
        ({"isAuthorized": False}, 403),
        ({"isAuthorized": "true"}, 500),
        ({}, 500),
        ("yes", 500),
        (policy("*"), 500),
        ({"isAuthorized": True, "context": "x"}, 500),
        (b"{", 500),
    ],
)
def test_a_simple_response_is_a_decision(tmp_path, answer, status):
    response = guarded(tmp_path, lambda event: answer).send("GET", "/other", headers=KEY)

    assert response.status == status
    bodies = {200: b"ok", 403: b'{"message":"Forbidden"}', 500: b'{"message":"Internal Server Error"}'}
    assert response.body == bodies[status]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (policy("*"), 200),
        (policy(f"{ARN}/other"), 200),
        (policy("arn:aws:execute-api:*:*:*/*/GET/o?her"), 200),
        (policy(f"{ARN}/items/*"), 403),
        (policy("*", effect="Deny"), 403),
        ({"principalId": "p", "policyDocument": {"Statement": []}}, 403),
        ({"principalId": "p"}, 500),
        ({"principalId": "p", "policyDocument": {"Statement": "all"}}, 500),
        ({"isAuthorized": True}, 500),
    ],
)
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_a_policy_is_held_against_the_route(tmp_path, version, answer, status):
    http = guarded(tmp_path, lambda event: answer, version=version, simple=False)

    assert http.send("GET", "/other", headers=KEY).status == status


def test_the_context_keeps_its_types(tmp_path):
    context = {"n": 1, "b": True, "list": ["a"], "map": {"c": None}}
    http = guarded(tmp_path, lambda event: {"isAuthorized": True, "context": context})

    assert http.event("GET", "/other", headers=KEY)["requestContext"]["authorizer"] == {"lambda": context}
    assert http.event("GET", "/old", headers=KEY)["requestContext"]["authorizer"] == context


def test_without_a_context_it_is_null(tmp_path):
    http = guarded(tmp_path, lambda event: {"isAuthorized": True})

    assert http.event("GET", "/other", headers=KEY)["requestContext"]["authorizer"] == {"lambda": None}


@pytest.mark.parametrize("headers", [{}, {"X-Key": ""}])
def test_a_missing_identity_source_is_unauthorized_without_a_call(tmp_path, headers):
    http = guarded(tmp_path, lambda event: {"isAuthorized": True}, identity="{ Headers: [X-Key], ReauthorizeEvery: 0 }")

    response = http.send("GET", "/other", headers=headers)

    assert (response.status, response.body) == (401, b'{"message":"Unauthorized"}')
    assert http.functions.asked["Guard"] == []


@pytest.mark.parametrize(("message", "status"), [("Unauthorized", 401), ("other", 500)])
def test_an_authorizer_that_raises(tmp_path, message, status):
    def guard(event):
        raise ValueError(message)

    assert guarded(tmp_path, guard).send("GET", "/other", headers=KEY).status == status


def test_an_answer_is_remembered_by_its_identity_for_five_minutes(tmp_path):
    clock = ManualClock()
    http = guarded(tmp_path, lambda event: {"isAuthorized": event["identitySource"] == ["k"]}, clock=clock)

    def status(key, path="/other"):
        return http.send("GET", path, headers={"X-Key": key}).status

    assert [status("k"), status("k", "/items/1"), status("no"), status("no")] == [200, 200, 403, 403]
    assert len(http.functions.asked["Guard"]) == 2
    clock.advance(299)
    assert (status("k"), len(http.functions.asked["Guard"])) == (200, 2)
    clock.advance(2)
    assert (status("k"), len(http.functions.asked["Guard"])) == (200, 3)


def test_a_remembered_policy_is_held_against_each_route(tmp_path):
    http = guarded(tmp_path, lambda event: policy(event["routeArn"]), simple=False)

    assert http.send("GET", "/other", headers=KEY).status == 200
    assert http.send("GET", "/items/1", headers=KEY).status == 403
    assert len(http.functions.asked["Guard"]) == 1


@pytest.mark.parametrize("identity", ["{ Headers: [X-Key], ReauthorizeEvery: 0 }", "{ ReauthorizeEvery: 60 }"])
def test_without_a_time_or_an_identity_source_nothing_is_remembered(tmp_path, identity):
    http = guarded(tmp_path, lambda event: {"isAuthorized": True}, identity=identity)

    for _ in range(2):
        assert http.send("GET", "/other", headers=KEY).status == 200

    assert len(http.functions.asked["Guard"]) == 2


def test_failures_are_not_remembered(tmp_path):
    answers = [{}, {"isAuthorized": True}]
    http = guarded(tmp_path, lambda event: answers.pop(0))

    assert [http.send("GET", "/other", headers=KEY).status for _ in range(2)] == [500, 200]


SIGNED = (
    "AWS4-HMAC-SHA256 Credential=AKID/20231114/us-east-1/{}/aws4_request, SignedHeaders=host;x-amz-date, Signature="
    + "0" * 64
)


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (SIGNED.format("execute-api"), 200),
        (SIGNED.format("lambda"), 403),
        ("AWS4-HMAC-SHA256 Credential=AKID", 403),
        ("Bearer x", 403),
        (None, 403),
    ],
)
def test_iam_asks_for_a_signature_of_the_service(tmp_path, authorization, status):
    http = gateway(
        tmp_path,
        api="Auth: { EnableIamAuthorizer: true }",
        events="I: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /i, Method: GET, Auth: { Authorizer: AWS_IAM } } }",
    )
    headers = {"X-Amz-Date": "20231114T221320Z", **({"Authorization": authorization} if authorization else {})}

    response = http.send("GET", "/i", headers=headers)

    assert response.status == status
    if status == 403:
        assert response.body == b'{"message":"Forbidden"}'
    else:
        iam = http.functions.asked["Echo"][-1]["requestContext"]["authorizer"]["iam"]
        assert sorted(iam) == [
            "accessKey", "accountId", "callerId", "cognitoIdentity", "principalOrgId", "userArn", "userId",
        ]  # fmt: skip
        assert iam["accessKey"] == "AKID"


CORS = "CorsConfiguration: { AllowOrigins: ['https://a.example', 'http://*'], AllowMethods: [GET], AllowHeaders: [x-a], MaxAge: 5 }"


def preflighted(http, path, origin="https://a.example", **headers):
    return http.send("OPTIONS", path, headers={"Origin": origin, "Access-Control-Request-Method": "GET", **headers})


def test_a_preflight_needs_no_route_and_no_authorizer(tmp_path):
    events = "A: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /a, Method: GET } }"
    api = (
        CORS
        + "\nAuth: { DefaultAuthorizer: O, Authorizers: { O: { FunctionArn: !GetAtt Guard.Arn, AuthorizerPayloadFormatVersion: 2.0, Identity: { Headers: [X-Key] } } } }"
    )
    http = gateway(tmp_path, api=api, events=events)

    response = preflighted(http, "/a")

    assert (response.status, response.body) == (204, b"")
    assert of(response, "access-control-allow-origin") == ["https://a.example"]
    assert of(response, "access-control-allow-methods") == ["GET"]
    assert of(response, "access-control-allow-headers") == ["x-a"]
    assert of(response, "access-control-max-age") == ["5"]
    assert http.functions.asked["Echo"] == []
    refused = http.send("GET", "/a", headers={"Origin": "https://a.example"})
    assert (refused.status, of(refused, "access-control-allow-origin")) == (401, ["https://a.example"])


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [("https://a.example", True), ("http://any.example:8080", True), ("https://b.example", False), ("null", False)],
)
def test_cors_headers_are_sent_to_allowed_origins_only(tmp_path, origin, allowed):
    own = {"Access-Control-Allow-Origin": "*", "access-control-allow-methods": "PUT", "x-own": "1"}
    http = gateway(tmp_path, api=CORS, echo=lambda event: {"statusCode": 200, "headers": own})

    simple, preflight = http.send("GET", "/echo", headers={"Origin": origin}), preflighted(http, "/echo", origin)

    for response in (simple, preflight):
        assert of(response, "access-control-allow-origin") == ([origin] if allowed else [])
    assert (preflight.status, of(simple, "access-control-allow-methods"), of(simple, "x-own")) == (204, [], ["1"])


def test_without_cors_rules_the_function_answers_options(tmp_path):
    http = gateway(tmp_path, echo=lambda event: {"statusCode": 200, "headers": {"access-control-allow-origin": "*"}})

    assert of(preflighted(http, "/echo"), "access-control-allow-origin") == ["*"]
    assert preflighted(http, "/other") is None


def test_a_default_route_with_an_authorizer_keeps_preflights_out(tmp_path):
    """See "Configuring CORS for an HTTP API with a $default route and an authorizer" in the developer guide."""
    all_routes = "All: { Type: HttpApi, Properties: { ApiId: !Ref Api } }"
    open_route = 'Open: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: "/{proxy+}", Method: OPTIONS, Auth: { Authorizer: NONE } } }'
    api = CORS + "\nAuth: { EnableIamAuthorizer: true, DefaultAuthorizer: AWS_IAM }"

    closed = preflighted(gateway(tmp_path, api=api, events=all_routes), "/x")
    opened = preflighted(gateway(tmp_path, api=api, events=f"{all_routes}\n{open_route}"), "/x")

    assert (closed.status, opened.status) == (403, 204)


def test_a_function_url_keeps_the_functions_cors_headers_beside_its_own(tmp_path):
    cors = "Cors: { AllowOrigins: ['https://a.example'], AllowMethods: [GET], AllowHeaders: [x-a], ExposeHeaders: [x-o], AllowCredentials: true, MaxAge: 5 }"
    own = {"access-control-allow-origin": "https://own.example", "Access-Control-Expose-Headers": "x-own"}
    http = gateway(
        tmp_path,
        function=f"FunctionUrlConfig: {{ AuthType: NONE, {cors} }}",
        echo=lambda event: {"statusCode": 200, "headers": own},
    )
    host = {"host": f"{http.template.http.urls[0].id}.lambda-url.localhost", "Origin": "https://a.example"}

    simple = http.send("GET", "/", headers=host)

    assert of(simple, "access-control-allow-origin") == ["https://own.example", "https://a.example"]
    assert of(simple, "access-control-expose-headers") == ["x-own,x-o"]
    assert (of(simple, "access-control-allow-credentials"), of(simple, "vary")) == (["true"], ["Origin"])
    foreign = http.send("GET", "/", headers={**host, "Origin": "https://b.example"})
    assert of(foreign, "access-control-allow-origin") == ["https://own.example"]


@pytest.mark.parametrize(
    ("method", "headers", "granted"),
    [("GET", "x-a", True), ("GET", "", True), ("GET", "X-A, x-b", False), ("PUT", "", False)],
)
def test_a_function_url_grants_a_preflight_whole_or_not_at_all(tmp_path, method, headers, granted):
    cors = "Cors: { AllowOrigins: ['*'], AllowMethods: [GET], AllowHeaders: [x-a] }"
    http = gateway(tmp_path, function=f"FunctionUrlConfig: {{ AuthType: NONE, {cors} }}")
    given = {
        "host": f"{http.template.http.urls[0].id}.lambda-url.localhost",
        "Origin": "https://a.example",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }

    response = http.send("OPTIONS", "/", headers=given)

    assert (response.status, of(response, "access-control-allow-origin")) == (200, ["*"] if granted else [])
    assert http.functions.asked["Echo"] == []
