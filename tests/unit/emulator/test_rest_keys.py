"""API keys, usage plans and throttles, on a clock that a test turns."""

from __future__ import annotations

import stat
from datetime import UTC, datetime

import pytest

from emulator.clock import ManualClock
from emulator.rest.throttles import period_of
from emulator.rest.usage import Meter
from emulator.template import TemplateError
from emulator.template.rest_model import ApiKey, Quota, Usage
from tests.unit.emulator.rest import client, policy

KEY = "0123456789abcdefghijklmnopqrst"
DAY = 86_400
NEEDED = "Auth: { ApiKeyRequired: true }"
PLAN = f"""
Key: {{ Type: AWS::ApiGateway::ApiKey, Properties: {{ Name: ada, Value: {KEY}, Enabled: true }} }}
Plan:
  Type: AWS::ApiGateway::UsagePlan
  Properties:
    UsagePlanName: plan
    ApiStages: [{{ ApiId: !Ref Api, Stage: !Ref Api.Stage }}]
    LIMITS
Member: {{ Type: AWS::ApiGateway::UsagePlanKey, Properties: {{ KeyId: !Ref Key, KeyType: API_KEY, UsagePlanId: !Ref Plan }} }}
"""

OPEN = PLAN.replace("LIMITS", "Description: none")


def gateway_with(tmp_path, limits="Description: none", api=NEEDED, **given):
    return client(tmp_path, api=api, extra=PLAN.replace("LIMITS", limits), **given)


def status(gateway, key=KEY, method="GET", path="/echo"):
    return gateway.request(method, path, headers={"x-api-key": key} if key else {}).status


def test_only_a_key_of_the_stage_s_plan_opens(tmp_path):
    gateway = gateway_with(tmp_path)
    refused = gateway.request("GET", "/echo")
    identity = gateway.request("GET", "/echo", headers={"X-API-Key": KEY}).json["requestContext"]["identity"]

    assert (refused.status, refused.json) == (403, {"message": "Forbidden"})
    assert refused.headers["x-amzn-errortype"] == "ForbiddenException"
    assert status(gateway, "wrong" * 6) == 403
    assert (identity["apiKey"], identity["apiKeyId"]) == (KEY, "Key")


def test_a_disabled_key_and_a_key_without_a_plan_are_refused(tmp_path):
    assert status(client(tmp_path, api=NEEDED, extra=OPEN.replace("Enabled: true", "Enabled: false"))) == 403
    assert status(client(tmp_path, api=NEEDED, extra=OPEN.split("Member")[0])) == 403
    assert status(client(tmp_path, api=NEEDED)) == 403


def test_a_route_asks_for_a_key_or_not_whatever_its_api_says(tmp_path):
    events = """
    Open: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /open, Method: get, Auth: { ApiKeyRequired: false } } }
    Shut: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /shut, Method: get, Auth: { ApiKeyRequired: true } } }
    """
    gateway = gateway_with(tmp_path, events=events)
    assert [status(gateway, None, path=path) for path in ("/open", "/shut", "/echo")] == [200, 403, 403]
    gateway = gateway_with(tmp_path, api="Variables: { a: b }", events=events)
    assert [status(gateway, None, path=path) for path in ("/open", "/shut", "/echo")] == [200, 403, 200]
    assert "apiKey" not in gateway.request("GET", "/open").json["requestContext"]["identity"]


def test_a_plan_throttles_by_a_bucket_of_tokens(tmp_path):
    clock = ManualClock()
    gateway = gateway_with(tmp_path, "Throttle: { RateLimit: 2, BurstLimit: 3 }", clock=clock)

    assert [status(gateway) for _ in range(4)] == [200, 200, 200, 429]
    throttled = gateway.request("GET", "/echo", headers={"x-api-key": KEY})
    assert throttled.json == {"message": "Too Many Requests"}
    assert throttled.headers["x-amzn-errortype"] == "TooManyRequestsException"
    clock.advance(0.5)
    assert [status(gateway) for _ in range(2)] == [200, 429]
    clock.advance(3600)
    assert [status(gateway) for _ in range(4)] == [200, 200, 200, 429]


def test_a_quota_lasts_until_its_period_ends(tmp_path):
    clock = ManualClock()
    gateway = gateway_with(tmp_path, "Quota: { Limit: 2, Period: DAY }", clock=clock)

    assert [status(gateway) for _ in range(3)] == [200, 200, 429]
    exceeded = gateway.request("GET", "/echo", headers={"x-api-key": KEY})
    assert exceeded.json == {"message": "Limit Exceeded"}
    assert exceeded.headers["x-amzn-errortype"] == "LimitExceededException"
    clock.advance(DAY)
    assert status(gateway) == 200


def test_what_is_throttled_does_not_count_against_the_quota(tmp_path):
    clock = ManualClock()
    limits = "Throttle: { RateLimit: 1, BurstLimit: 1 }\n    Quota: { Limit: 2, Period: MONTH }"
    gateway = gateway_with(tmp_path, limits, clock=clock)

    assert [status(gateway) for _ in range(3)] == [200, 429, 429]
    clock.advance(1)
    assert status(gateway) == 200
    clock.advance(1)
    assert gateway.request("GET", "/echo", headers={"x-api-key": KEY}).json == {"message": "Limit Exceeded"}


@pytest.mark.parametrize(
    ("quota", "day", "starts"),
    [
        (Quota(1, "DAY"), "2026-11-23", "2026-11-23"),
        (Quota(1, "WEEK"), "2026-11-23", "2026-11-22"),
        (Quota(1, "WEEK"), "2026-11-22", "2026-11-22"),
        (Quota(1, "WEEK", 1), "2026-11-22", "2026-11-15"),
        (Quota(1, "MONTH"), "2026-11-23", "2026-11-01"),
        (Quota(1, "MONTH", 5), "2026-11-03", "2026-10-01"),
    ],
)
def test_weeks_start_on_sunday_and_months_on_their_first_unless_moved(quota, day, starts):
    assert period_of(quota, datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() + 3600) == starts


def test_a_plan_limits_single_methods_of_each_client(tmp_path):
    stage = "ApiStages: [{ ApiId: !Ref Api, Stage: live, Throttle: { /echo/GET: { RateLimit: 0, BurstLimit: 1 } } }]"
    extra = PLAN.replace("ApiStages: [{ ApiId: !Ref Api, Stage: !Ref Api.Stage }]", stage).replace("LIMITS", "Tags: []")
    gateway = client(tmp_path, api=NEEDED, extra=extra)

    assert [status(gateway) for _ in range(2)] == [200, 429]
    assert [status(gateway, method="POST") for _ in range(2)] == [200, 200]


def test_a_stage_limits_each_method_for_all_clients(tmp_path):
    settings = """
    MethodSettings:
      - { ResourcePath: "/*", HttpMethod: "*", ThrottlingRateLimit: 0, ThrottlingBurstLimit: 2, LoggingLevel: INFO }
      - { ResourcePath: "/~1one~1{id}", HttpMethod: GET, ThrottlingRateLimit: 0, ThrottlingBurstLimit: 1 }
    """
    events = 'One: { Type: Api, Properties: { RestApiId: !Ref Api, Path: "/one/{id}", Method: get } }'
    gateway = client(tmp_path, api=settings, events=events)

    assert [status(gateway, None, path=f"/one/{each}") for each in range(2)] == [200, 429]
    assert [status(gateway, None) for _ in range(3)] == [200, 200, 429]
    assert status(gateway, None, method="PUT") == 200


def test_the_key_may_come_from_the_authorizer(tmp_path):
    api = """
    ApiKeySourceType: AUTHORIZER
    Auth:
      ApiKeyRequired: true
      DefaultAuthorizer: Token
      Authorizers: { Token: { FunctionArn: !GetAtt Guard.Arn, Identity: { ReauthorizeEvery: 0 } } }
    """

    def guard(event, context):
        return policy(usageIdentifierKey=event["authorizationToken"])

    gateway = gateway_with(tmp_path, api=api, guard=guard)
    reply = gateway.request("GET", "/echo", headers={"Authorization": KEY})

    assert reply.json["requestContext"]["identity"]["apiKey"] == KEY
    assert gateway.request("GET", "/echo", headers={"Authorization": "x", "x-api-key": KEY}).status == 403


@pytest.mark.parametrize(("created", "key"), [("PER_API", "ApiApiKey"), ("SHARED", "ServerlessApiKey")])
def test_sam_makes_a_plan_with_a_key(tmp_path, created, key):
    api = f"""
    Auth:
      ApiKeyRequired: true
      UsagePlan: {{ CreateUsagePlan: {created}, Throttle: {{ RateLimit: 0, BurstLimit: 1 }}, Quota: {{ Limit: 9, Period: DAY }} }}
    """
    gateway = client(tmp_path, api=api)

    assert len(gateway.keys[key]) == 40
    assert [status(gateway, gateway.keys[key]) for _ in range(2)] == [200, 429]
    assert client(tmp_path, api=api.replace(created, "NONE")).keys == {}


def test_a_key_that_was_made_up_stays_and_only_its_owner_reads_it(tmp_path):
    file = tmp_path / "keys" / "api-keys.json"
    usage = Usage({"Key": ApiKey("Key", "ada"), "Given": ApiKey("Given", "bob", KEY)})
    first = Meter(usage, file)

    assert Meter(usage, file).keys == first.keys
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert KEY not in file.read_text()
    assert first.keys["Key"].value not in repr(first.keys)
    assert first.made_up == {"Key"}


def test_keys_of_a_template_are_hidden(tmp_path):
    assert KEY in gateway_with(tmp_path).template.hidden


@pytest.mark.parametrize(
    ("extra", "api", "sentence"),
    [
        (PLAN.replace(KEY, "short"), NEEDED, "an API key has 20 to 128 characters"),
        (PLAN.replace("Stage: !Ref Api.Stage", "Stage: other"), NEEDED, "the API Api has no stage other"),
        (PLAN.replace("LIMITS", "Quota: { Limit: 1, Period: YEAR }"), NEEDED, "Period is DAY, WEEK or MONTH"),
        (PLAN.replace("KeyId: !Ref Key", "KeyId: other"), NEEDED, "the key other or the usage plan Plan"),
        ("", "Auth: { UsagePlan: { CreateUsagePlan: SOME } }", "CreateUsagePlan is one of NONE, PER_API, SHARED"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(tmp_path, extra, api, sentence):
    with pytest.raises(TemplateError, match=sentence):
        client(tmp_path, api=api, extra=extra.replace("LIMITS", "Tags: []"))
