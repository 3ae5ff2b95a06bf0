"""Policies: actions, resources, conditions, and the two denials."""

from __future__ import annotations

import pytest

from emulator.rest.policies import Asked, Decision, decide

ARN = "arn:aws:execute-api:us-east-1:000000000000:Api/live/GET/v1/projects/7"
ASKED = Asked(
    ARN,
    {
        "aws:sourceip": "10.1.2.3",
        "aws:useragent": "curl/8",
        "aws:currenttime": "2026-11-23T10:00:00Z",
        "aws:epochtime": "1795428000",
        "aws:securetransport": "false",
    },
)


def statement(effect="Allow", resource="*", action="execute-api:Invoke", **more):
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize(
    ("statements", "decision"),
    [
        ([statement(resource=ARN)], "Allow"),
        ([statement()], "Allow"),
        ([statement(resource="arn:aws:execute-api:*:*:*/live/*")], "Allow"),
        ([statement(resource=["x", "arn:*/GET/v1/*"], action=["execute-api:*"])], "Allow"),
        ([statement(resource=ARN.replace("7", "?"))], "Allow"),
        ([statement(action="EXECUTE-API:invoke")], "Allow"),
        ([statement(action="*")], "Allow"),
        ([statement(resource=ARN + "8")], "neither"),
        ([statement(resource=ARN.lower())], "neither"),
        ([statement(action="lambda:Invoke")], "neither"),
        ([statement(), statement("Deny", "*/projects/*")], "Deny"),
        ([statement("Deny", "*/projects/*"), statement()], "Deny"),
        ([statement("Deny", "*/users/*"), statement()], "Allow"),
        ([statement(resource="[a-z]*")], "neither"),
        ([], "neither"),
        ([{"Effect": "Allow", "NotAction": "execute-api:ManageConnections", "Resource": "*"}], "Allow"),
        ([{"Effect": "Allow", "NotAction": "execute-api:*", "Resource": "*"}], "neither"),
        ([{"Effect": "Allow", "Action": "*", "NotResource": "*/users/*"}], "Allow"),
        ([{"Effect": "Allow", "Action": "*", "NotResource": "*/projects/*"}], "neither"),
        ([{"Effect": "Allow", "Action": "*"}], "neither"),
        ([{"Effect": "allow", "Action": "*", "Resource": "*"}], "neither"),
    ],
)
def test_a_deny_beats_an_allow_and_silence_denies(statements, decision):
    assert decide(statements, ASKED) == Decision(decision)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, True),
        ({"IpAddress": {"aws:SourceIp": ["192.168.0.0/16", "10.1.2.3"]}}, True),
        ({"IpAddress": {"aws:SourceIp": "192.168.0.0/16"}}, False),
        ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
        ({"NotIpAddress": {"aws:SourceIp": "192.168.0.0/16"}}, True),
        ({"StringEquals": {"aws:SourceIp": "10.1.2.3"}}, True),
        ({"StringEquals": {"AWS:sourceip": ["a", "b"]}}, False),
        ({"StringNotEquals": {"aws:UserAgent": "curl/8"}}, False),
        ({"StringNotEquals": {"aws:Referer": "x"}}, True),
        ({"StringEquals": {"aws:Referer": "x"}}, False),
        ({"StringEqualsIfExists": {"aws:Referer": "x"}}, True),
        ({"StringLike": {"aws:UserAgent": "curl/*"}}, True),
        ({"StringEqualsIgnoreCase": {"aws:UserAgent": "CURL/8"}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        ({"Bool": {"aws:SecureTransport": False}}, True),
        ({"Null": {"aws:Referer": "true"}}, True),
        ({"Null": {"aws:UserAgent": "true"}}, False),
        ({"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}, True),
        ({"DateGreaterThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}, False),
        ({"NumericLessThan": {"aws:EpochTime": 1}}, False),
        ({"StringLike": {"aws:UserAgent": "curl/*"}, "IpAddress": {"aws:SourceIp": "1.1.1.1"}}, False),
    ],
)
def test_conditions_narrow_a_statement(condition, holds):
    allowed = decide([statement(Condition=condition)], ASKED)
    denied = decide([statement(), statement("Deny", Condition=condition)], ASKED)

    assert (allowed is Decision.ALLOW) is holds
    assert (denied is Decision.DENY) is holds


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalTag/team": "a"}},
        {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
        {"ForAnyValue:StringLike": {"aws:UserAgent": "*"}},
        {"BinaryEquals": {"aws:UserAgent": "*"}},
        {"IpAddress": {"aws:SourceIp": "nonsense"}},
        "nonsense",
    ],
)
def test_a_condition_that_is_not_known_keeps_the_door_closed(condition):
    assert decide([statement(Condition=condition)], ASKED) is Decision.SILENT
    assert decide([statement(), statement("Deny", Condition=condition)], ASKED) is Decision.DENY
