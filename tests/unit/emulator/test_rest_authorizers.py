"""Lambda authorizers and signed requests, on a clock that a test turns."""

from __future__ import annotations

import pytest
from aws_lambda_powertools.utilities.data_classes.api_gateway_authorizer_event import (
    APIGatewayAuthorizerRequestEvent,
    APIGatewayAuthorizerTokenEvent,
)

from emulator.aws.signatures import BadSignature, Caller
from emulator.clock import ManualClock
from emulator.template import TemplateError
from emulator.testing import Client
from tests.unit.emulator.rest import client, echo, policy

TOKEN = """
Variables: { tenant: blue }
Auth:
  DefaultAuthorizer: Guard
  Authorizers: { Guard: { FunctionArn: !GetAtt Guard.Arn, SETTINGS } }
"""
PROXY = 'Proxy: { Type: Api, Properties: { RestApiId: !Ref Api, Path: "/items/{proxy+}", Method: any } }'
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/us-east-1/execute-api/aws4_request,"
    f" SignedHeaders=host;x-amz-date, Signature={'a' * 64}"
)


class Guard:
    """An authorizer that answers the same each time, and counts."""

    def __init__(self, answer=None):
        self.asked, self.answer = [], policy() if answer is None else answer

    def __call__(self, event, context):
        self.asked.append(event)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer(event) if callable(self.answer) else self.answer


def guarded(tmp_path, guard, settings="Identity: { Header: Authorization }", clock=None, events=PROXY):
    return client(tmp_path, api=TOKEN.replace("SETTINGS", settings), events=events, guard=guard, clock=clock)


def asked(gateway, token="t", path="/echo", **headers):
    sent = {"Authorization": token} if token is not None else {}
    return gateway.request("GET", path, headers={**sent, **headers})


def test_a_token_authorizer_is_asked_with_token_and_method(tmp_path):
    guard = Guard()
    assert asked(guarded(tmp_path, guard), "Bearer x", path="/items/a%20b/").status == 200

    arn = "arn:aws:execute-api:us-east-1:000000000000:Api/live/GET/items/a%20b/"
    assert guard.asked == [{"type": "TOKEN", "methodArn": arn, "authorizationToken": "Bearer x"}]


def test_a_request_authorizer_is_asked_with_the_request_but_its_body(tmp_path):
    guard = Guard()
    gateway = guarded(tmp_path, guard, "FunctionPayloadType: REQUEST, Identity: { QueryStrings: [q] }")
    gateway.request("POST", "/items/7?q=1", body="secret", headers={"X-A": "b", "X-Api-Key": "k"})
    (event,) = guard.asked

    assert (event["type"], event["methodArn"].rpartition("Api/live/")[2]) == ("REQUEST", "POST/items/7")
    assert (event["resource"], event["path"], event["httpMethod"]) == ("/items/{proxy+}", "/items/7", "POST")
    assert (event["headers"]["X-A"], event["multiValueHeaders"]["X-A"]) == ("b", ["b"])
    assert event["queryStringParameters"] == {"q": "1"}
    assert (event["pathParameters"], event["stageVariables"]) == ({"proxy": "7"}, {"tenant": "blue"})
    assert event["requestContext"]["identity"]["apiKey"] == "k"
    assert "authorizer" not in event["requestContext"]
    assert not {"body", "isBase64Encoded"} & set(event)


def test_an_authorizer_is_told_of_all_headers_and_absent_maps_are_empty(tmp_path):
    """As in the event that Powertools for TypeScript recorded on AWS (apigw-rest/authorizer-request.json)."""
    guard, sent = Guard(), {"Content-Length": "0"}
    function = asked(client(tmp_path), None, **sent).json
    asked(guarded(tmp_path, guard, "FunctionPayloadType: REQUEST, Identity: { ReauthorizeEvery: 0 }"), None, **sent)
    (event,) = guard.asked

    assert (event["headers"]["Content-Length"], event["multiValueHeaders"]["Content-Length"]) == ("0", ["0"])
    assert "Content-Length" not in function["headers"]
    for name in ("queryStringParameters", "multiValueQueryStringParameters", "pathParameters"):
        assert (event[name], function[name]) == ({}, None)


def test_powertools_reads_both_questions(tmp_path):
    guard = Guard()
    asked(guarded(tmp_path, guard), "Bearer x", path="/items/7")
    asked(guarded(tmp_path, guard, "FunctionPayloadType: REQUEST, Identity: { Headers: [X-A] }"), None, **{"X-A": "a"})
    token, request = APIGatewayAuthorizerTokenEvent(guard.asked[0]), APIGatewayAuthorizerRequestEvent(guard.asked[1])

    assert (token.authorization_token, token.parsed_arn.http_method, token.parsed_arn.resource) == (
        "Bearer x",
        "GET",
        "items/7",
    )
    assert (request.headers["X-A"], request.path, request.stage_variables) == ("a", "/echo", {"tenant": "blue"})
    assert (request.parsed_arn.stage, request.request_context.resource_path) == ("live", "/echo")


def test_the_function_gets_principal_and_context_as_text_and_the_time_it_took(tmp_path):
    answer = policy(context={"text": "a", "number": 7, "part": 1.5, "yes": True, "no": False})
    found = asked(guarded(tmp_path, Guard(answer))).json["requestContext"]["authorizer"]

    assert isinstance(found.pop("integrationLatency"), int)
    assert found == {"principalId": "ada", "text": "a", "number": "7", "part": "1.5", "yes": "true", "no": "false"}


@pytest.mark.parametrize(
    ("answer", "status", "body", "error"),
    [
        (Exception("Unauthorized"), 401, {"message": "Unauthorized"}, "UnauthorizedException"),
        (Exception("unauthorized"), 500, {"message": None}, "AuthorizerConfigurationException"),
        (RuntimeError("broken"), 500, {"message": None}, "AuthorizerConfigurationException"),
        (
            policy("Deny"),
            403,
            {"Message": "User is not authorized to access this resource with an explicit deny"},
            "AccessDeniedException",
        ),
        (
            policy(resource="arn:aws:execute-api:*:*:other/*"),
            403,
            {"Message": "User is not authorized to access this resource"},
            "AccessDeniedException",
        ),
        ({"policyDocument": policy()["policyDocument"]}, 500, {"message": None}, "AuthorizerConfigurationException"),
        ({"principalId": "ada"}, 500, {"message": None}, "AuthorizerConfigurationException"),
        (policy(context={"list": [1]}), 500, {"message": None}, "AuthorizerConfigurationException"),
        (policy(context="text"), 500, {"message": None}, "AuthorizerConfigurationException"),
        (policy(resource="x" * 513), 500, {"message": None}, "AuthorizerConfigurationException"),
        (policy("Maybe"), 500, {"message": None}, "AuthorizerConfigurationException"),
        ("text", 500, {"message": None}, "AuthorizerConfigurationException"),
        ({"isAuthorized": True}, 500, {"message": None}, "AuthorizerConfigurationException"),
    ],
)
def test_refusals_are_those_of_aws(tmp_path, answer, status, body, error):
    reply = asked(guarded(tmp_path, Guard(answer)))

    assert (reply.status, reply.json) == (status, body)
    assert reply.headers["x-amzn-errortype"] == error


@pytest.mark.parametrize("token", [None, ""])
def test_a_missing_token_is_a_401_without_a_call(tmp_path, token):
    guard = Guard()
    reply = asked(guarded(tmp_path, guard), token)

    assert (reply.status, reply.json, guard.asked) == (401, {"message": "Unauthorized"}, [])


def test_a_token_must_match_the_whole_expression(tmp_path):
    guard = Guard()
    gateway = guarded(tmp_path, guard, "Identity: { Header: X-Token, ValidationExpression: '[a-z]+' }")

    assert [asked(gateway, None, **{"x-token": token}).status for token in ("abc", "abc1", "1abc")] == [200, 401, 401]
    assert [event["authorizationToken"] for event in guard.asked] == ["abc"]


SOURCES = (
    "FunctionPayloadType: REQUEST, Identity: { Headers: [X-A], QueryStrings: [q], StageVariables: [tenant],"
    " Context: [identity.sourceIp] }"
)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/echo?q=1", {"X-A": "a"}, 200),
        ("/echo?q=1", {}, 401),
        ("/echo", {"X-A": "a"}, 401),
        ("/echo?q=", {"X-A": "a"}, 401),
    ],
)
def test_with_caching_each_identity_source_must_be_there(tmp_path, path, headers, status):
    guard = Guard()
    reply = asked(guarded(tmp_path, guard, SOURCES), None, path, **headers)

    assert (reply.status, len(guard.asked)) == (status, int(status == 200))


def test_a_source_that_the_stage_lacks_is_missing_too(tmp_path):
    assert (
        asked(
            guarded(tmp_path, Guard(), SOURCES.replace("[tenant]", "[other]")), None, "/echo?q=1", **{"X-A": "a"}
        ).status
        == 401
    )


def test_without_caching_the_authorizer_decides_about_missing_sources(tmp_path):
    guard = Guard()
    settings = "FunctionPayloadType: REQUEST, Identity: { Headers: [X-A], ReauthorizeEvery: 0 }"

    assert asked(guarded(tmp_path, guard, settings), None).status == 200
    assert len(guard.asked) == 1


def test_an_answer_is_kept_for_300_seconds_a_token(tmp_path):
    clock, guard = ManualClock(), Guard()
    gateway = guarded(tmp_path, guard, clock=clock)
    for token in ("a", "a", "b"):
        asked(gateway, token)
    assert len(guard.asked) == 2

    clock.advance(299)
    assert asked(gateway, "a").json["requestContext"]["authorizer"]["integrationLatency"] == 0
    assert len(guard.asked) == 2
    clock.advance(2)
    asked(gateway, "a")
    assert len(guard.asked) == 3


def test_reauthorize_every_sets_how_long(tmp_path):
    clock, guard = ManualClock(), Guard()
    gateway = guarded(tmp_path, guard, "Identity: { ReauthorizeEvery: 10 }", clock)
    for seconds in (0, 9, 2, 0):
        clock.advance(seconds)
        asked(gateway)

    assert len(guard.asked) == 2
    never = Guard()
    gateway = guarded(tmp_path, never, "Identity: { ReauthorizeEvery: 0 }")
    assert [asked(gateway).status for _ in range(2)] == [200, 200]
    assert len(never.asked) == 2


def test_a_cached_policy_for_one_path_denies_another_as_on_aws(tmp_path):
    guard = Guard(lambda event: policy(resource=event["methodArn"]))
    gateway = guarded(tmp_path, guard)

    assert [asked(gateway, path=path).status for path in ("/items/1", "/items/2", "/items/1")] == [200, 403, 200]
    assert len(guard.asked) == 1


def test_a_denial_is_kept_but_a_failure_is_not(tmp_path):
    guard = Guard(policy("Deny"))
    gateway = guarded(tmp_path, guard)
    assert [asked(gateway).status for _ in range(2)] == [403, 403]
    assert len(guard.asked) == 1

    for failure in (Exception("Unauthorized"), RuntimeError("broken")):
        guard = Guard(failure)
        gateway = guarded(tmp_path, guard)
        assert asked(gateway).status == asked(gateway).status
        assert len(guard.asked) == 2


def test_conditions_of_a_policy_look_at_the_request(tmp_path):
    document = policy()
    document["policyDocument"]["Statement"][0]["Condition"] = {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}
    assert asked(guarded(tmp_path, Guard(document))).status == 200

    document["policyDocument"]["Statement"][0]["Condition"] = {"StringEquals": {"aws:UserAgent": "curl"}}
    gateway = guarded(tmp_path, Guard(document))
    assert [asked(gateway, **{"User-Agent": agent}).status for agent in ("curl", "wget")] == [200, 403]


def test_a_path_that_makes_the_method_s_arn_too_long_is_a_414(tmp_path):
    reply = asked(guarded(tmp_path, Guard()), path="/items/" + "x" * 1600)

    assert (reply.status, reply.json) == (414, {"message": "Request URI too long"})


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ("FunctionPayloadType: REQUEST", "needs an Identity with at least one of Headers, QueryStrings"),
        ("FunctionPayloadType: OTHER", "payload type OTHER, known are TOKEN and REQUEST"),
        ("Identity: { ReauthorizeEvery: 3601 }", "ReauthorizeEvery 3601, allowed are 0 to 3600"),
        ("UserPoolArn: 'arn:aws:cognito-idp:x'", "is a Cognito user pool, which is not emulated"),
    ],
)
def test_an_authorizer_that_cannot_work_is_refused(tmp_path, settings, sentence):
    with pytest.raises(TemplateError, match=sentence):
        guarded(tmp_path, Guard(), settings)


IAM = "Auth: { DefaultAuthorizer: AWS_IAM }"
OPEN = "Open: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /open, Method: get, Auth: { Authorizer: NONE } } }"


def signed(gateway, authorization, path="/echo"):
    return asked(gateway, authorization, path, **{"X-Amz-Date": "20261123T150405Z"})


def test_a_signed_request_tells_the_function_who_called(tmp_path):
    gateway = client(tmp_path, api=IAM, events=OPEN)
    event = signed(gateway, SIGNED).json
    context = event["requestContext"]

    assert "Authorization" not in event["headers"]
    assert "X-Amz-Date" in event["headers"]

    assert context["identity"]["accessKey"] == context["identity"]["caller"] == "AKIDEXAMPLE"
    assert context["identity"]["userArn"] == "arn:aws:iam::000000000000:user/local"
    assert context["identity"]["accountId"] == "000000000000"
    assert "authorizer" not in context
    assert gateway.request("GET", "/open").status == 200


def test_one_route_may_ask_for_a_signature(tmp_path):
    gateway = client(tmp_path, events=OPEN.replace("NONE", "AWS_IAM"))

    assert [asked(gateway, None, path).status for path in ("/open", "/echo")] == [403, 200]
    assert signed(gateway, SIGNED, "/open").status == 200


def test_a_missing_signature_is_a_403(tmp_path):
    reply = client(tmp_path, api=IAM).request("GET", "/echo")

    assert (reply.status, reply.json) == (403, {"message": "Missing Authentication Token"})
    assert reply.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"


@pytest.mark.parametrize(
    ("authorization", "said", "error"),
    [
        (
            "token",
            "'token' not a valid key=value pair (missing equal-sign) in Authorization header: 'token'.",
            "IncompleteSignatureException",
        ),
        ("Bearer a=b", "Authorization header requires 'Credential' parameter.", "IncompleteSignatureException"),
        (SIGNED.replace("/aws4_request", ""), "Credential", "IncompleteSignatureException"),
        (
            SIGNED.replace("execute-api", "lambda"),
            "Credential should be scoped to correct service: 'execute-api'.",
            "InvalidSignatureException",
        ),
    ],
)
def test_an_incomplete_or_foreign_signature_is_a_403(tmp_path, authorization, said, error):
    reply = signed(client(tmp_path, api=IAM), authorization)

    assert reply.status == 403
    assert said in reply.json["message"]
    assert reply.headers["x-amzn-errortype"] == error


def test_the_signature_may_be_in_the_query(tmp_path):
    credential = "X-Amz-Credential=AKID/20261123/us-east-1/execute-api/aws4_request&X-Amz-SignedHeaders=host"
    query = f"X-Amz-Algorithm=AWS4-HMAC-SHA256&{credential}&X-Amz-Date=20261123T150405Z&X-Amz-Signature={'b' * 64}"
    found = client(tmp_path, api=IAM).request("GET", f"/echo?{query}&X-Amz-Expires=60")

    assert found.json["requestContext"]["identity"]["accessKey"] == "AKID"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("InvalidSignatureException", "INVALID_SIGNATURE"),
        ("ExpiredTokenException", "EXPIRED_TOKEN"),
        ("UnrecognizedClientException", "INVALID_SIGNATURE"),
    ],
)
def test_whoever_verifies_signatures_has_the_last_word(tmp_path, code, kind):
    api = IAM + f"\nGatewayResponses: {{ {kind}: {{ StatusCode: 418 }} }}"
    template = client(tmp_path, api=api).template

    def verify(request):
        if "good" not in request.header("authorization"):
            raise BadSignature(code, "not you")
        return Caller("AKID", "execute-api", "us-east-1")

    gateway = Client(template, {"handlers.echo": echo}, verify=verify)

    assert asked(gateway, SIGNED + "good").json["requestContext"]["identity"]["caller"] == "AKID"
    refused = asked(gateway, SIGNED)
    assert (refused.status, refused.json) == (418, {"message": "not you"})
    assert refused.headers["x-amzn-errortype"] == code
