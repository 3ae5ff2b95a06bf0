"""HTTP APIs and function URLs in a template: what they say, what is warned about, what is refused."""

from __future__ import annotations

import pytest

from emulator.template import TemplateError
from emulator.template.http_model import HttpCors, HttpRoute, JwtAuthorizer, LambdaAuthorizer, Throttle
from tests.unit.emulator.http import gateway
from tests.unit.emulator.test_template import FUNCTION, read, refusal

JWT = "{ JwtConfiguration: { issuer: 'https://id.example', audience: [a] }, IdentitySource: $request.header.Authorization }"
LAMBDA = "{ FunctionArn: !GetAtt Guard.Arn, AuthorizerPayloadFormatVersion: '2.0' }"


def routes(tmp_path, events, api=""):
    return {each.key: each for each in gateway(tmp_path, api=api, events=events).template.http.routes}


def refused(tmp_path, **given):
    with pytest.raises(TemplateError) as caught:
        gateway(tmp_path, **given)
    return str(caught.value)


def auth(authorizers, **more):
    lines = "".join(f"\n  {name}: {value}" for name, value in more.items())
    inner = "".join(f"\n    {name}: {value}" for name, value in authorizers.items())
    return f"Auth:\n  Authorizers:{inner}{lines}"


def test_an_event_without_api_and_path_is_the_default_route_of_the_implicit_api(tmp_path):
    template = read(tmp_path, FUNCTION + "      Events: { All: { Type: HttpApi } }\n")

    assert template.http.routes == (HttpRoute("ANY", "$default", "One"),)
    assert template.http.apis["ServerlessHttpApi"].stage == "$default"


def test_globals_reach_every_api(tmp_path):
    body = (
        "  Own: { Type: AWS::Serverless::HttpApi }\n" + FUNCTION + "Globals: { HttpApi: { CorsConfiguration: true } }\n"
    )

    apis = read(tmp_path, body).http.apis

    assert apis["Own"].cors == apis["ServerlessHttpApi"].cors == HttpCors(origins=("*",))


def test_a_route_has_its_own_format_timeout_and_limits(tmp_path):
    found = routes(
        tmp_path,
        """
        Own: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /own, Method: get, PayloadFormatVersion: 1.0, TimeoutInMillis: 500, RouteSettings: { ThrottlingBurstLimit: 2 } } }
        Set: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /set, Method: GET } }
        Rest: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /rest, Method: "*" } }
        """,
        api="""
        DefaultRouteSettings: { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 }
        RouteSettings: { "GET /set": { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 } }
        """,
    )

    own, rest = found["GET /own"], found["ANY /rest"]
    assert (own.version, own.timeout_s, own.throttle) == ("1.0", 0.5, Throttle(10_000.0, 2))
    assert found["GET /set"].throttle == Throttle(1.0, 1)
    assert (rest.version, rest.timeout_s, rest.throttle) == ("2.0", 30.0, Throttle(5.0, 10))


def test_the_default_authorizer_applies_unless_a_route_says_otherwise(tmp_path):
    found = routes(
        tmp_path,
        """
        A: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /a, Method: GET } }
        B: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /b, Method: GET, Auth: { AuthorizationScopes: [own] } } }
        C: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /c, Method: GET, Auth: { Authorizer: AWS_IAM } } }
        """,
        api=auth(
            {"Jwt": JWT.replace("}, Id", "}, AuthorizationScopes: [all], Id")},
            DefaultAuthorizer="Jwt",
            EnableIamAuthorizer="true",
        ),
    )

    assert [(each.authorizer, each.scopes) for each in found.values()] == [
        (None, ()),
        ("Jwt", ("all",)),
        ("Jwt", ("own",)),
        ("AWS_IAM", ()),
    ]


def test_authorizers_are_read_in_both_kinds(tmp_path):
    identity = (
        "Identity: { Headers: [A], QueryStrings: [b], StageVariables: [c], Context: [routeKey], ReauthorizeEvery: 0 }"
    )
    api = auth({"Jwt": JWT, "Own": LAMBDA.replace("'2.0' }", f"1.0, {identity} }}")})

    found = gateway(tmp_path, api=api).template.http.apis["Api"].authorizers

    assert found["Jwt"] == JwtAuthorizer("Jwt", "https://id.example", ("a",), "$request.header.Authorization")
    sources = ("$request.header.A", "$request.querystring.b", "$stageVariables.c", "$context.routeKey")
    assert found["Own"] == LambdaAuthorizer("Own", "Guard", "1.0", sources=sources, ttl_s=0)


@pytest.mark.parametrize(
    ("api", "sentence"),
    [
        (auth({"J": JWT}, DefaultAuthorizer="K"), "Api: the default authorizer K is not among its Authorizers"),
        (auth({"J": "{}"}), "Api: authorizer J has neither a JwtConfiguration nor a FunctionArn"),
        (auth({"J": "nothing"}), "Api: Auth.Authorizers is not a map of authorizers"),
        (auth({"J": "{ JwtConfiguration: { issuer: x } }"}), "Api: authorizer J has a JwtConfiguration without issuer or audience"),
        (auth({"J": JWT.replace("https", "http")}), "Api: authorizer J has the issuer http://id.example; it must be an https address, or one of this machine"),
        (auth({"J": JWT.replace(", IdentitySource: $request.header.Authorization", "")}), "Api: authorizer J has no IdentitySource"),
        (auth({"L": "{ FunctionArn: !GetAtt Guard.Arn }"}), "Api: authorizer L has no AuthorizerPayloadFormatVersion of 1.0 or 2.0"),
        (auth({"L": "{ FunctionArn: other, AuthorizerPayloadFormatVersion: 2.0 }"}), "Api: authorizer L calls other, which is not declared"),
        (auth({"L": LAMBDA.replace("'2.0'", "1.0, EnableSimpleResponses: true")}), "Api: authorizer L enables simple responses, which need AuthorizerPayloadFormatVersion 2.0"),
        (auth({"L": LAMBDA.replace("'2.0'", "2.0, Identity: { ReauthorizeEvery: 3601 }")}), "Api: authorizer L has ReauthorizeEvery 3601; it is from 0 to 3600 seconds"),
        ("CorsConfiguration: { AllowOrigins: ['*'], AllowCredentials: true }", "Api: AllowCredentials cannot be true when AllowOrigins holds '*'"),
        ("StageVariables: [a]", "Api has a property of the wrong kind"),
    ],
)  # fmt: skip
def test_an_api_that_aws_refuses_is_refused(tmp_path, api, sentence):
    assert sentence in refused(tmp_path, api=api)


@pytest.mark.parametrize(
    ("properties", "sentence"),
    [
        ("ApiId: Other", "Echo.A: the HTTP API Other is not declared"),
        ("ApiId: !Ref Api, Path: /a", "Echo.A has no Method"),
        ("ApiId: !Ref Api, Method: GET", "Echo.A has no Path"),
        ("ApiId: !Ref Api, Path: a, Method: GET", "Echo.A: the path a does not begin with a slash"),
        ("ApiId: !Ref Api, Path: '/{a+}/b', Method: GET", "Echo.A: a greedy variable must be at the end of the path /{a+}/b"),
        ("ApiId: !Ref Api, Path: /echo, Method: ANY", "Api: ANY /echo is declared twice, by Echo and Echo"),
        ("ApiId: !Ref Api, Path: /a, Method: GET, PayloadFormatVersion: '3.0'", "Echo.A: PayloadFormatVersion is 1.0 or 2.0, not 3.0"),
        ("ApiId: !Ref Api, Path: /a, Method: GET, TimeoutInMillis: 30001", "Echo.A: TimeoutInMillis is from 50 to 30000, not 30001"),
        ("ApiId: !Ref Api, Path: /a, Method: GET, Auth: { Authorizer: X }", "Echo.A: the authorizer X is not among those of Api"),
        ("ApiId: !Ref Api, Path: /a, Method: GET, Auth: { Authorizer: AWS_IAM }", "Echo.A asks for AWS_IAM, but Api does not set EnableIamAuthorizer"),
        ("ApiId: !Ref Api, Path: /a, Method: GET, Auth: { Authorizer: L, AuthorizationScopes: [a] }", "Echo.A: only a JWT authorizer takes AuthorizationScopes"),
    ],
)  # fmt: skip
def test_a_route_that_aws_refuses_is_refused(tmp_path, properties, sentence):
    event = f"A: {{ Type: HttpApi, Properties: {{ {properties} }} }}"

    assert sentence in refused(tmp_path, api=auth({"L": LAMBDA}), events=event)


def test_what_is_left_out_is_named(tmp_path):
    template = gateway(
        tmp_path,
        api="DefinitionBody: {}\nCorsConfiguration: { AllowAll: true }\n"
        + auth({"L": LAMBDA.replace("'2.0'", "2.0, Odd: 1, Identity: { Cookies: [a] }")}, Odd=1),
        events="A: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /a, Method: GET, Odd: 1, Auth: { Odd: 1 } } }",
        function="FunctionUrlConfig: { AuthType: NONE, InvokeMode: RESPONSE_STREAM, Odd: 1, Cors: { Odd: 1 } }",
    ).template

    assert [each for each in template.warnings if "python" not in each] == [
        "Api: DefinitionBody is not emulated",
        "Api: CorsConfiguration.AllowAll is not emulated",
        "Api: Auth.Odd is not emulated",
        "Api: Auth.Authorizers.L.Odd is not emulated",
        "Api: Auth.Authorizers.L.Identity.Cookies is not emulated",
        "Echo: FunctionUrlConfig.Odd is not emulated",
        "Echo: FunctionUrlConfig.Cors.Odd is not emulated",
        "Echo: FunctionUrlConfig.InvokeMode RESPONSE_STREAM is not emulated",
        "Echo.A: Odd is not emulated",
        "Echo.A: Auth.Odd is not emulated",
    ]


def test_a_function_url_has_an_id_that_stays_the_same(tmp_path):
    config = "      FunctionUrlConfig: { AuthType: AWS_IAM }\n"

    url = read(tmp_path, FUNCTION + config).http.urls[0]

    assert (url.function, url.auth, url.cors) == ("One", "AWS_IAM", None)
    assert len(url.id) == 32
    assert url == read(tmp_path, FUNCTION + config).http.urls[0]


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("{}", "One: FunctionUrlConfig needs an AuthType of NONE or AWS_IAM"),
        ("[]", "One: FunctionUrlConfig is not a map"),
        ("{ AuthType: NONE, InvokeMode: FAST }", "One: FunctionUrlConfig has the InvokeMode FAST, known are BUFFERED and RESPONSE_STREAM"),
        ("{ AuthType: NONE, Cors: [a] }", "One: FunctionUrlConfig has a property of the wrong kind"),
    ],
)  # fmt: skip
def test_a_function_url_that_aws_refuses_is_refused(tmp_path, config, sentence):
    assert sentence in refusal(tmp_path, FUNCTION + f"      FunctionUrlConfig: {config}\n")


def test_a_domain_keeps_its_routes_and_their_authorizers(tmp_path):
    template = gateway(
        tmp_path,
        api=auth({"L": LAMBDA}),
        events="A: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /a, Method: GET, Auth: { Authorizer: L } } }",
        function="Tags: { domain: shop }\nFunctionUrlConfig: { AuthType: NONE }",
    ).template

    kept = template.only(("shop",))

    assert set(kept.functions) == {"Echo", "Guard"}
    assert len(kept.http.routes) == 2
    assert kept.http.urls[0].function == "Echo"
