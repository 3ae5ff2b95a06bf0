"""Templates as strangers write them: what is wrong is named with its line, what SAM allows is read."""

from __future__ import annotations

import pytest

from emulator.template import TemplateError, load

FUNCTION = """Resources:
  One:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
"""


def refusal(tmp_path, text):
    file = tmp_path / "template.yaml"
    file.write_text(text)
    with pytest.raises(TemplateError) as refused:
        load(file)
    return str(refused.value).removeprefix(f"{file}:")


def event(kind="Api", path="/a", method="get"):
    return f'      Events:\n        Get: {{ Type: {kind}, Properties: {{ Path: "{path}", Method: {method} }} }}\n'


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("      CodeUri: nowhere\n", "7: One: CodeUri nowhere is no folder beside the template"),
        ("      Events: [Get]\n", "7: One: Events must be a mapping"),
        (event(path="hello"), "8: One.Get: the path hello does not begin with a slash"),
        (event(method="fetch"), "8: One.Get: the method FETCH is none of ANY, DELETE, GET"),
        (event("HttpApi", method="fetch"), "8: One.Get: the method FETCH is none of ANY, DELETE, GET"),
        (event(path="/{all+}/more"), "8: One.Get: the path /{all+}/more has a variable that is no whole segment"),
        (event(path="/x{id}"), "8: One.Get: the path /x{id} has a variable that is no whole segment"),
        (
            "  Two:\n    Type: AWS::Serverless::Function\n    Properties: { Handler: a.b, Runtime: python3.13, FunctionName: One }\n",
            "9: Two: One is called One too",
        ),
        (
            "  Shared: { Type: AWS::Serverless::LayerVersion, Properties: { ContentUri: nowhere } }\n",
            "7: Shared: ContentUri nowhere is no folder",
        ),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_with_its_line(tmp_path, more, said):
    assert refusal(tmp_path, FUNCTION + more).startswith(said)


@pytest.mark.parametrize("path", ["/", "/a/", "/{id}", "/a/{b}/{rest+}", "/{proxy+}", "/a.b-c_d:e"])
def test_paths_of_api_gateway_are_taken(tmp_path, path):
    file = tmp_path / "template.yaml"
    file.write_text(FUNCTION + event(path=path, method="any"))

    assert [(route.method, route.path) for route in load(file).routes] == [("ANY", path)]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("  Api: { Type: AWS::Serverless::Api, Properties: { StageName: p, Auth: [x] } }\n", "7: Api has a property"),
        ("  Api: { Type: AWS::Serverless::Api, Properties: { StageName: p, Cors: 5 } }\n", "7: Api has a property"),
        ("  Web: { Type: AWS::Serverless::HttpApi, Properties: { Auth: x } }\n", "7: Web has a property"),
        ("  Plan: { Type: AWS::ApiGateway::UsagePlan, Properties: { Quota: x } }\n", "7: Plan has a property"),
        ("  Key: { Type: AWS::ApiGateway::ApiKey, Properties: { Value: short } }\n", "7: Key: an API key has 20"),
        (
            "  Api: { Type: AWS::Serverless::Api, Properties: { StageName: p, Auth: { Authorizers: { Own: "
            + "{ FunctionArn: !GetAtt One.Arn, Identity: { ValidationExpression: '(' } } } } } }\n",
            "7: Api: authorizer Own has the ValidationExpression (: missing )",
        ),
        ("Globals: { Function: [] }\n", "7: Globals: Function must be a mapping"),
        (
            "Globals: { Api: { Cors: { AllowOrigin: x, MaxAges: 1 } } }\n",
            "7: ServerlessRestApi: MaxAges is no property",
        ),
    ],
)
def test_a_value_of_the_wrong_kind_is_an_error_with_its_line(tmp_path, more, said):
    assert refusal(tmp_path, FUNCTION + more).startswith(said)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!Ref ServerlessRestApi", "ServerlessRestApi"),
        (
            "!Sub 'https://${ServerlessRestApi}.here/${ServerlessRestApiProdStage}'",
            "https://ServerlessRestApi.here/Prod",
        ),
        ("!Ref ServerlessHttpApi", "ServerlessHttpApi"),
        ("!Ref ApiliveStage", "live"),
        ("!Ref Api.Stage", "live"),
        ("!Ref Web.Stage", "$default"),
        ("!Ref WebApiGatewayDefaultStage", "$default"),
        ("!GetAtt Web.ApiEndpoint", "https://Web.execute-api.us-east-1.amazonaws.com"),
        ("!GetAtt Api.RootResourceId", "ApiRoot"),
        ("!Ref ApiUsagePlan", "ApiUsagePlan"),
        ("!Ref Api.ApiKey", "ApiApiKey"),
        ("!Ref OneAliaslive", "arn:aws:lambda:us-east-1:000000000000:function:One:live"),
        ("!Ref OneUrl", "arn:aws:lambda:us-east-1:000000000000:function:One"),
        ("!GetAtt OneRole.Arn", "arn:aws:iam::000000000000:role/OneRole"),
    ],
)
def test_what_sam_generates_can_be_referred_to(tmp_path, expression, value):
    file = tmp_path / "template.yaml"
    file.write_text(
        f"""{FUNCTION}      AutoPublishAlias: live
      FunctionUrlConfig: {{ AuthType: NONE }}
      Environment: {{ Variables: {{ FOUND: {expression} }} }}
  Api:
    Type: AWS::Serverless::Api
    Properties: {{ StageName: live, Auth: {{ UsagePlan: {{ CreateUsagePlan: PER_API }} }} }}
  Web: {{ Type: AWS::Serverless::HttpApi }}
"""
    )

    assert load(file).functions["One"].environment["FOUND"] == value


def test_a_function_learns_the_url_of_another(tmp_path):
    file = tmp_path / "template.yaml"
    file.write_text(
        FUNCTION
        + "      Environment: { Variables: { FOUND: !GetAtt TwoUrl.FunctionUrl } }\n"
        + "  Two:\n    Type: AWS::Serverless::Function\n"
        + "    Properties: { Handler: a.b, Runtime: python3.13, FunctionUrlConfig: { AuthType: NONE } }\n"
    )
    template = load(file)

    assert template.functions["One"].environment["FOUND"].startswith(f"https://{template.http.urls[0].id}.lambda-url.")


def test_a_key_joins_the_plan_that_sam_generates(tmp_path):
    file = tmp_path / "template.yaml"
    file.write_text(
        f"""{FUNCTION}      Events:
        Get: {{ Type: Api, Properties: {{ Path: /, Method: get, RestApiId: !Ref Api }} }}
  Api:
    Type: AWS::Serverless::Api
    Properties: {{ StageName: live, Auth: {{ ApiKeyRequired: true, UsagePlan: {{ CreateUsagePlan: PER_API }} }} }}
  Own: {{ Type: AWS::ApiGateway::ApiKey, Properties: {{ Enabled: true, Value: abcdefghijklmnopqrst }} }}
  Join:
    Type: AWS::ApiGateway::UsagePlanKey
    Properties: {{ KeyId: !Ref Own, KeyType: API_KEY, UsagePlanId: !Ref ApiUsagePlan }}
"""
    )
    (plan,) = load(file).usage.plans

    assert plan.keys == ("ApiApiKey", "Own")
