"""Rules and schedules that are resources of their own, and what a template declares for somebody else."""

from __future__ import annotations

import asyncio

import pytest

from emulator.clock import ManualClock
from emulator.sources.schedule import Schedules
from emulator.template import Template, TemplateError, load

HEAD = """
Resources:
  One: { Type: AWS::Serverless::Function, Properties: { Runtime: python3.13, Handler: a.b, %s } }
"""


def read(tmp_path, resources: str, given: str = "FunctionName: one") -> Template:
    file = tmp_path / "template.yaml"
    file.write_text(HEAD % given + resources)
    return load(file)


def left_out(template: Template) -> list[str]:
    return [warning for warning in template.warnings if "not emulated" in warning]


def test_a_rule_sends_what_matches_to_its_function(tmp_path):
    template = read(
        tmp_path,
        """
  Bus: { Type: AWS::Events::EventBus, Properties: { Name: orders } }
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Name: paid
      EventBusName: !Ref Bus
      EventPattern: { source: [shop] }
      Targets:
        - { Id: a, Arn: !GetAtt One.Arn, InputTransformer: { InputPathsMap: { n: $.detail.n }, InputTemplate: '{"n": <n>}' } }
        - { Id: log, Arn: !GetAtt Bus.Arn }
""",
    )
    (rule,) = template.event_rules

    assert (rule.name, rule.function, rule.bus, rule.pattern) == ("paid", "one", "orders", {"source": ["shop"]})
    assert (rule.template, rule.paths) == ('{"n": <n>}', {"n": "$.detail.n"})
    assert left_out(template) == ["Rule: the target log is not emulated"]


def test_a_rule_with_a_schedule_and_a_schedule_of_the_scheduler(tmp_path):
    template = read(
        tmp_path,
        """
  Rate: { Type: AWS::Events::Rule, Properties: { ScheduleExpression: rate(5 minutes), Targets: [{ Id: a, Arn: !GetAtt One.Arn, Input: '{"a": 1}' }] } }
  Off: { Type: AWS::Events::Rule, Properties: { State: DISABLED, ScheduleExpression: rate(1 day), Targets: [{ Id: a, Arn: !GetAtt One.Arn }] } }
  Daily:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: cron(0 9 * * ? *)
      ScheduleExpressionTimezone: Europe/Paris
      FlexibleTimeWindow: { Mode: "OFF" }
      Target: { Arn: !GetAtt One.Arn, RoleArn: x, Input: '{"b": 2}' }
""",
    )
    rate, daily = template.schedules

    assert (rate.name, rate.expression, rate.input, rate.scheduler) == ("Rate", "rate(5 minutes)", '{"a": 1}', False)
    assert (daily.name, daily.timezone, daily.input, daily.scheduler) == ("Daily", "Europe/Paris", '{"b": 2}', True)
    assert left_out(template) == []


def test_what_is_wrong_with_a_rule_is_said_with_its_line(tmp_path):
    with pytest.raises(TemplateError, match=r"template.yaml:4: One.Rate: Event pattern is not valid"):
        read(
            tmp_path,
            "  Rate: { Type: AWS::Events::Rule, Properties: { EventPattern: { source: soon }, Targets: [{ Id: a, Arn: !GetAtt One.Arn }] } }\n",
        )
    with pytest.raises(TemplateError, match="Daily has no Target"):
        read(tmp_path, "  Daily: { Type: AWS::Scheduler::Schedule, Properties: { ScheduleExpression: rate(1 day) } }\n")


def test_resources_and_events_for_somebody_else_are_named_once(tmp_path):
    template = read(
        tmp_path,
        """
  Pool: { Type: AWS::Cognito::UserPool }
  Mine: { Type: "Custom::Thing" }
  Machine: { Type: AWS::Serverless::StateMachine }
  Stream: { Type: AWS::Kinesis::Stream }
""",
        "Environment: { Variables: { POOL: !GetAtt Pool.ProviderName } },"
        " Events: { N: { Type: SNS, Properties: { Topic: x } }, K: { Type: Kinesis, Properties: { Stream: !GetAtt Stream.Arn } } }",
    )

    assert template.functions["One"].environment == {"POOL": "Pool.ProviderName"}
    assert left_out(template) == [
        "Pool: AWS::Cognito::UserPool is not emulated",
        "Mine: Custom::Thing is not emulated",
        "Machine: AWS::Serverless::StateMachine is not emulated",
        "Stream: AWS::Kinesis::Stream is not emulated",
        "One.N: events of type SNS are not emulated",
        "One.K: events of type Kinesis are not emulated",
    ]


def test_each_target_of_a_schedule_fires(tmp_path):
    template = read(
        tmp_path,
        """
  Two: { Type: AWS::Serverless::Function, Properties: { Runtime: python3.13, Handler: a.b } }
  Rate: { Type: AWS::Events::Rule, Properties: { ScheduleExpression: rate(5 minutes), Targets: [{ Id: a, Arn: !GetAtt One.Arn }, { Id: b, Arn: !GetAtt Two.Arn }] } }
""",
    )
    fired: list[tuple[str, str]] = []

    async def tick(key: str, _due: float, function: str, _payload: bytes) -> bool:
        fired.append((key, function))
        return True

    async def anchor(_key: str, now: float) -> float:
        return now

    async def run() -> None:
        clock = ManualClock(1_000_000.0)
        schedules = Schedules(template.schedules, tick, anchor, clock)
        await schedules.start()
        clock.advance(301)
        for _ in range(100):
            await asyncio.sleep(0)
        await schedules.stop()

    asyncio.run(run())
    assert sorted(function for _, function in fired) == ["Two", "one"]
    assert len({key for key, _ in fired}) == 2


def test_a_bucket_notifies_the_function_that_it_names(tmp_path):
    template = read(
        tmp_path,
        """
  Queue: { Type: AWS::SQS::Queue }
  Docs:
    Type: AWS::S3::Bucket
    Properties:
      NotificationConfiguration:
        LambdaConfigurations:
          - { Event: "s3:ObjectCreated:*", Function: !GetAtt One.Arn, Filter: { S3Key: { Rules: [{ Name: suffix, Value: .pdf }] } } }
          - { Event: "s3:ObjectRemoved:*", Function: !GetAtt One.Arn }
        QueueConfigurations: [{ Event: "s3:ObjectCreated:*", Queue: !GetAtt Queue.Arn }]
""",
    )
    created, removed = template.s3

    assert (created.bucket, created.function, created.suffix) == ("docs", "one", ".pdf")
    assert (created.events, removed.events) == (("s3:ObjectCreated:*",), ("s3:ObjectRemoved:*",))
    assert left_out(template) == ["Docs: the target arn:aws:sqs:us-east-1:000000000000:Queue is not emulated"]
