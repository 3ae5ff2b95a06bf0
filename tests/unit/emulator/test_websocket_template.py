"""WebSocket APIs in a template: API Gateway's own resources, and SAM's one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator.template import Template, TemplateError, load

PLAIN = Path(__file__).parents[2] / "emulator" / "apps" / "websocket" / "template.yaml"
HEAD = """
Transform: AWS::Serverless-2016-10-31
Globals: { Function: { Runtime: python3.13, CodeUri: . } }
Resources:
  Talk:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.talk
      Tags: { domain: talks }
      Environment:
        Variables:
          ENDPOINT: !Sub "https://${Chat}.execute-api.${AWS::Region}.amazonaws.com/live"
          %(more)s
  Guard: { Type: AWS::Serverless::Function, Properties: { Handler: app.guard } }
"""
SERVERLESS = """
  Chat:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.kind
      StageName: live
      StageVariables: { colour: red }
      Auth: { AuthType: CUSTOM, AuthArn: !GetAtt Guard.Arn, IdentitySource: [route.request.header.X-Key] }
      Routes:
        $connect: { FunctionArn: !GetAtt Talk.Arn }
        ask: { FunctionArn: !GetAtt Talk.Arn, IntegrationTimeout: 500, RouteResponseSelectionExpression: $default }
"""
V2 = """
  Chat: { Type: AWS::ApiGatewayV2::Api, Properties: { Name: chat, ProtocolType: WEBSOCKET%(api)s } }
  Live: { Type: AWS::ApiGatewayV2::Stage, Properties: { ApiId: !Ref Chat, StageName: live%(stage)s } }
  Work:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Chat
      IntegrationType: %(kind)s
      IntegrationUri: %(uri)s
  Connect:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Chat, RouteKey: $connect, Target: !Sub "integrations/${Work}"%(route)s }
"""
URI = '!Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Talk.Arn}/invocations"'


def read(tmp_path: Path, text: str, more: str = "", **given: Any) -> Template:
    file = tmp_path / "template.yaml"
    file.write_text(HEAD % {"more": more} + text)
    return load(file, **given)


def v2(
    api: str = "", stage: str = "", kind: str = "AWS_PROXY", uri: str = URI, *, route: str = "", more: str = ""
) -> str:
    return V2 % {"api": api, "stage": stage, "kind": kind, "uri": uri, "route": route} + more


def test_the_resources_of_api_gateway_add_up_to_an_api():
    api = load(PLAIN).sockets["Chat"]

    assert (api.selection, api.stages[0].name, api.stages[0].variables) == (
        "$request.body.action",
        "live",
        {"tone": "calm"},
    )
    assert {key: (route.function, route.two_way) for key, route in api.routes.items()} == {
        "$connect": ("meet", False),
        "$disconnect": ("meet", False),
        "$default": ("talk", False),
        "ask": ("talk", True),
        "misbehave": ("misbehave", False),
        "slow": ("slow", False),
        "reply": ("reply", False),
    }
    assert api.routes["slow"].timeout_s == 0.3


def test_an_authorizer_names_its_function_and_its_sources():
    api = load(PLAIN).sockets["Guarded"]

    assert api.authorizer is not None
    assert (api.authorizer.function, api.authorizer.sources) == (
        "guard",
        ("route.request.header.X-Key", "route.request.querystring.room"),
    )


def test_the_resource_of_sam_is_the_same_in_short(tmp_path):
    api = read(tmp_path, SERVERLESS).sockets["Chat"]

    assert (api.selection, api.stages[0].name, api.stages[0].variables) == (
        "$request.body.kind",
        "live",
        {"colour": "red"},
    )
    assert api.routes["ask"].two_way
    assert api.routes["ask"].timeout_s == 0.5
    assert api.authorizer is not None
    assert api.authorizer.function == "Guard"


def test_ref_and_get_att_of_an_api_give_its_address(tmp_path):
    url = 'URL: !Sub "${Chat.ApiEndpoint}/${Chat.Stage}"'

    told = read(tmp_path, SERVERLESS, url).functions["Talk"].environment
    assert told["ENDPOINT"] == "https://Chat.execute-api.us-east-1.amazonaws.com/live"
    assert told["URL"] == "wss://Chat.execute-api.us-east-1.amazonaws.com/live"
    assert read(tmp_path, SERVERLESS, "STAGE: !Ref Chat.Stage").functions["Talk"].environment["STAGE"] == "live"


def test_domains_keep_the_apis_that_they_serve_and_their_authorizers(tmp_path):
    kept = read(tmp_path, SERVERLESS).only(("talks",))

    assert set(kept.functions) == {"Talk", "Guard"}
    assert set(kept.sockets) == {"Chat"}


def test_an_http_api_and_limits_are_named_as_left_out(tmp_path):
    text = v2(
        stage=", DefaultRouteSettings: { ThrottlingRateLimit: 1 }",
        more="  Web: { Type: AWS::ApiGatewayV2::Api, Properties: { Name: web, ProtocolType: HTTP } }\n",
    )

    assert set(read(tmp_path, text).warnings) >= {
        "Web: AWS::ApiGatewayV2::Api with the protocol HTTP is not emulated",
        "Live: ThrottlingRateLimit is not emulated",
    }
    with pytest.raises(TemplateError, match="ThrottlingRateLimit is not emulated"):
        read(tmp_path, text, strict=True)


def test_an_api_without_a_stage_is_told(tmp_path):
    only_api = "  Chat: { Type: AWS::ApiGatewayV2::Api, Properties: { Name: chat, ProtocolType: WEBSOCKET } }\n"

    assert "Chat has no AWS::ApiGatewayV2::Stage, so nobody can connect to it" in read(tmp_path, only_api).warnings


def test_a_mock_integration_calls_nothing(tmp_path):
    assert read(tmp_path, v2(kind="MOCK", uri='""')).sockets["Chat"].routes["$connect"].function is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (v2(kind="HTTP_PROXY"), "Work: integrations of type HTTP_PROXY are not supported by the emulator"),
        (v2(uri="arn:aws:s3:::x"), "Work: arn:aws:s3:::x is not the address of a Lambda function"),
        (v2(uri='""'), "Work names no function to call"),
        (v2(route=", AuthorizationType: CUSTOM, AuthorizerId: Nobody"), "names the authorizer Nobody, which is not declared"),
        (v2(uri='!Sub "arn:aws:lambda:us-east-1:1:function:gone"'), "Chat: gone is called, which is not declared"),
        (SERVERLESS.replace("IntegrationTimeout: 500", "IntegrationTimeout: 30000"), "must be between 50 and 29000"),
        (SERVERLESS.replace("StageName: live", "StageName: $default"), "cannot be named \\$default"),
        (SERVERLESS.replace("        ask:", "        a-b:"), "the route key a-b must be alphanumeric"),
        (SERVERLESS.replace("AuthType: CUSTOM", "AuthType: SOME"), "AuthType is not one of AWS_IAM, CUSTOM or NONE"),
        (SERVERLESS.replace("$connect:", "other:"), "authorization needs a route \\$connect"),
        (SERVERLESS.replace("RouteSelectionExpression: $request.body.kind", ""), "Chat has no RouteSelectionExpression"),
    ],
)  # fmt: skip
def test_what_aws_refuses_is_refused_with_a_sentence(tmp_path, text, said):
    with pytest.raises(TemplateError, match=said):
        read(tmp_path, text)


def test_a_route_other_than_connect_takes_no_authorizer(tmp_path):
    text = v2().replace("RouteKey: $connect", "RouteKey: other, AuthorizationType: CUSTOM")

    with pytest.raises(TemplateError, match=r"only the route \$connect"):
        read(tmp_path, text)
