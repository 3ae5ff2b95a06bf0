"""Rules of event buses: which functions an event reaches, and with what; PutEvents as AWS answers it."""

from __future__ import annotations

import asyncio
import json

import pytest

from emulator.clock import ManualClock
from emulator.sources.eventbridge import Buses
from emulator.sources.eventbridge_api import EventsApi
from emulator.sources.eventbridge_input import payload
from emulator.template import TemplateError
from emulator.template.eventbridge_model import EventRule
from emulator.web.messages import Request
from tests.unit.emulator.test_template import FUNCTION, read, refusal

DETAIL = {"command": "update-account", "payload": {"acc_id": "0a787ecb-4015", "sf_id": "baz"}}
ENTRY = {"Source": "core.account", "DetailType": "updated", "Detail": json.dumps(DETAIL)}
RULE = EventRule("R", "f", {"source": ["core.account"]})
EVENT = {
    "version": "0",
    "id": "1",
    "detail-type": "updated",
    "source": "core.account",
    "account": "000000000000",
    "time": "2026-01-01T00:00:00Z",
    "region": "us-east-1",
    "resources": [],
    "detail": DETAIL,
}


def put(entries, *rules, target="AWSEvents.PutEvents"):
    """Return the answer to PutEvents, and the invokes that it set off."""
    invoked = []

    async def submit(reference, event, *, origin):
        invoked.append((reference, json.loads(event)))
        assert origin == "eventbridge"
        return "id"

    async def main():
        api = EventsApi(Buses(rules, submit), ManualClock(1_767_225_600.0))
        return await api(
            Request("POST", "/", "", [("X-Amz-Target", target)], json.dumps({"Entries": entries}).encode())
        )

    answer = asyncio.run(main())
    return answer, invoked


def test_an_event_reaches_the_functions_whose_pattern_it_matches():
    other = EventRule("S", "g", {"detail": {"payload": {"sf_id": ["other"]}}})
    third = EventRule("T", "h", {"detail": {"payload": {"sf_id": [{"prefix": "ba"}]}}})

    answer, invoked = put([ENTRY | {"Resources": ["arn:x"]}], RULE, other, third)

    assert answer.status == 200
    assert ("Content-Type", "application/x-amz-json-1.1") in answer.headers
    (entry,) = json.loads(answer.body)["Entries"]
    assert json.loads(answer.body)["FailedEntryCount"] == 0
    assert [name for name, _ in invoked] == ["f", "h"]
    assert invoked[0][1] == EVENT | {"id": entry["EventId"], "resources": ["arn:x"]}


def test_a_rule_sees_its_own_bus_only():
    rules = RULE, EventRule("S", "g", {"source": ["core.account"]}, bus="orders")

    assert [name for name, _ in put([ENTRY], *rules)[1]] == ["f"]
    for bus in ("orders", "arn:aws:events:us-east-1:000000000000:event-bus/orders"):
        assert [name for name, _ in put([ENTRY | {"EventBusName": bus}], *rules)[1]] == ["g"]


def test_the_time_of_an_entry_is_the_time_of_its_event():
    _, invoked = put([ENTRY | {"Time": 1_700_000_000}], RULE)

    assert invoked[0][1]["time"] == "2023-11-14T22:13:20Z"


@pytest.mark.parametrize(
    ("entry", "code", "message"),
    [
        (
            {"DetailType": "t", "Detail": "{}"},
            "InvalidArgument",
            "Parameter Source is not valid. Reason: Source is a required argument.",
        ),
        (
            {"Source": "s", "Detail": "{}"},
            "InvalidArgument",
            "Parameter DetailType is not valid. Reason: DetailType is a required argument.",
        ),
        (
            {"Source": "s", "DetailType": "t"},
            "InvalidArgument",
            "Parameter Detail is not valid. Reason: Detail is a required argument.",
        ),
        *(
            ({"Source": "s", "DetailType": "t", "Detail": detail}, "MalformedDetail", "Detail is malformed.")
            for detail in ("text", "[1]", '{"not": "closed', '"{}"')
        ),
        (ENTRY | {"Source": "aws.ec2"}, "NotAuthorizedForSourceException", "Not authorized for the source."),
    ],
)
def test_a_wrong_entry_fails_alone(entry, code, message):
    answer, invoked = put([entry, ENTRY], RULE)

    document = json.loads(answer.body)
    assert document["FailedEntryCount"] == 1
    assert document["Entries"][0] == {"ErrorCode": code, "ErrorMessage": message}
    assert set(document["Entries"][1]) == {"EventId"}
    assert len(invoked) == 1


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([ENTRY] * 11, "Member must have length less than or equal to 10"),
        ([], "Member must have length greater than or equal to 1"),
        (None, "Member must not be null"),
        ([ENTRY | {"Detail": "x" * 300_000}], "Total size of the entries in the request is over the limit."),
    ],
)
def test_a_wrong_request_is_refused_whole(entries, message):
    answer, invoked = put(entries, RULE)

    assert answer.status == 400
    assert json.loads(answer.body)["__type"] == "ValidationException"
    assert message in json.loads(answer.body)["message"]
    assert invoked == []


def test_other_operations_are_left_to_others():
    assert put([ENTRY], RULE, target="AWSEvents.PutRule")[0] is None


@pytest.mark.parametrize(
    ("path", "picked"),
    [
        ("$", EVENT),
        ("$.detail", DETAIL),
        ("$.detail.payload", DETAIL["payload"]),
        ("$.detail.payload.sf_id", "baz"),
        ("$.detail-type", "updated"),
        ("$.detail.nothing", None),
    ],
)
def test_an_input_path_picks_a_part(path, picked):
    assert json.loads(payload(EventRule("R", "f", {}, input_path=path), EVENT)) == picked


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ('"Event of <type> type, at time <time>, info <command>"', '"Event of updated type, at time T, info update-account"'),
        ('"from detail <missing>"', '"from detail "'),
        ('{"command": <command>, "n": <number>, "all": <payload>}', '{"command": "update-account", "n": 3, "all": {"a":"\\"b\\""}}'),
        ('{"text": "<command> <number> <payload>"}', '{"text": "update-account 3 {a:b}"}'),
        ('{"<command>": [<list>], "x": <missing>}', '{"update-account": [["u","v"]], "x": ""}'),
        ('{"quote": "a \\" <command>"}', '{"quote": "a \\" update-account"}'),
        ('{"first": <first>, "rule": "<aws.events.rule-name>"}', '{"first": "u", "rule": "R"}'),
        ('{"arn": <aws.events.rule-arn>}', '{"arn": "arn:aws:events:us-east-1:000000000000:rule/R"}'),
    ],
)  # fmt: skip
def test_an_input_transformer_fills_its_template(template, result):
    event = EVENT | {"time": "T", "detail": {"command": "update-account", "number": 3, "list": ["u", "v"]}}
    event["detail"]["payload"] = {"a": '"b"'}
    names = {"type": "$.detail-type", "time": "$.time", "missing": "$.detail.missing", "first": "$.detail.list[0]"}
    paths = names | {name: f"$.detail.{name}" for name in ("command", "number", "list", "payload")}

    assert payload(EventRule("R", "f", {}, template=template, paths=paths), event).decode() == result


def test_the_whole_event_is_a_variable():
    rule = EventRule("R", "f", {}, template='{"e": <aws.events.event.json>, "without": <aws.events.event>}')

    found = json.loads(payload(rule, EVENT))

    assert found["e"] == EVENT
    assert found["without"] == {name: value for name, value in EVENT.items() if name != "detail"}


EVENTS = """
      Events:
        On:
          Type: EventBridgeRule
          Properties:
            Pattern: { source: [core.account], detail: { size: [{ numeric: [">", 5] }] } }
            EventBusName: !GetAtt Bus.Arn
            RuleName: big
            InputTransformer: { InputPathsMap: { s: $.detail.size }, InputTemplate: '{"size": <s>}' }
        Old:
          Type: CloudWatchEvent
          Properties: { Pattern: { source: [x] }, InputPath: $.detail }
        Off:
          Type: EventBridgeRule
          Properties: { Pattern: { source: [x] }, State: DISABLED }
  Bus: { Type: AWS::Events::EventBus, Properties: { Name: orders } }
"""


def test_rules_are_read_from_a_template(tmp_path):
    big, old = read(tmp_path, FUNCTION + EVENTS).event_rules

    assert (big.name, big.function, big.bus, big.template) == ("big", "One", "orders", '{"size": <s>}')
    assert big.pattern["detail"] == {"size": [{"numeric": [">", 5]}]}
    assert dict(big.paths) == {"s": "$.detail.size"}
    assert (old.name, old.bus, old.input_path) == ("OneOld", "default", "$.detail")


@pytest.mark.parametrize(
    ("properties", "sentence"),
    [
        ("{ Pattern: { source: [] } }", "Event pattern is not valid"),
        ("{ Pattern: { source: [{ wrong: x }] } }", "Event pattern is not valid"),
        ("{ Pattern: { source: [a] }, Input: '{}', InputPath: $.a }", "only one of Input, InputPath"),
        ("{ Pattern: { source: [a] }, Input: 'not json' }", "Input must be JSON in a string"),
        ("{ Pattern: { source: [a] }, State: off }", "allowed are ENABLED and DISABLED"),
        ("{ Input: '{}' }", "has no Pattern"),
    ],
)
def test_what_eventbridge_would_refuse_is_refused(tmp_path, properties, sentence):
    events = f"      Events:\n        On: {{ Type: EventBridgeRule, Properties: {properties} }}\n"

    assert sentence in refusal(tmp_path, FUNCTION + events)


SCHEDULES = """
      Events:
        Every: { Type: Schedule, Properties: { Schedule: rate(1 minute), Enabled: "false" } }
        Off: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 minute), State: DISABLED } }
        Late:
          Type: ScheduleV2
          Properties:
            ScheduleExpression: cron(0 9 * * ? *)
            ScheduleExpressionTimezone: Europe/Berlin
            StartDate: "2026-01-01T00:00:00Z"
            EndDate: "2026-02-01T00:00:00+01:00"
            GroupName: team
            FlexibleTimeWindow: { Mode: FLEXIBLE, MaximumWindowInMinutes: 5 }
            RetryPolicy: { MaximumRetryAttempts: 3 }
"""


def test_schedules_are_read_from_a_template(tmp_path):
    template = read(tmp_path, FUNCTION + SCHEDULES)

    (late,) = template.schedules
    assert (late.timezone, late.group) == ("Europe/Berlin", "team")
    assert (late.start, late.end) == (1_767_225_600.0, 1_769_900_400.0)
    assert [warning for warning in template.warnings if "Late" in warning] == [
        "One.Late: FlexibleTimeWindow is not emulated, it fires when the window opens"
    ]


@pytest.mark.parametrize("given", ["StartDate: soon", "Input: 'x'", "State: on"])
def test_a_schedule_that_is_wrong_is_refused(tmp_path, given):
    events = "      Events:\n        On: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 minute), "

    with pytest.raises(TemplateError):
        read(tmp_path, f"{FUNCTION}{events}{given} }} }}\n")
