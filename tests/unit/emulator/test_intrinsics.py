"""CloudFormation's functions, pseudo parameters, parameter types and names of resources."""

from __future__ import annotations

import pytest

from emulator.template import TemplateError, load

HEAD = """
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Parameters:
  Name: { Type: String, Default: world }
  Zones: { Type: CommaDelimitedList, Default: "a, b" }
  Count: { Type: Number, Default: 2, MinValue: 1, MaxValue: 3 }
Mappings:
  Sizes: { us-east-1: { small: 1, list: [x, y] } }
Conditions:
  Sure: !Equals [!Ref Count, "2"]
  Both: !And [!Condition Sure, !Not [!Equals [a, b]], !Or [!Equals [a, b], !Equals [true, "true"]]]
Resources:
  One:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: m.h
      AutoPublishAlias: live
  Queue: { Type: AWS::SQS::Queue, Properties: { QueueName: !Sub "${Name}-queue" } }
  Fifo: { Type: AWS::SQS::Queue, Properties: { FifoQueue: true } }
  Topic: { Type: AWS::SNS::Topic }
  Bus: { Type: AWS::Events::EventBus, Properties: { Name: orders } }
  Table: { Type: AWS::DynamoDB::Table, Properties: { TableName: things } }
  Bucket: { Type: AWS::S3::Bucket }
  Level: { Type: AWS::SSM::Parameter, Properties: { Name: /level, Type: String, Value: !Ref Name } }
  Secret: { Type: AWS::SecretsManager::Secret, Properties: { Name: token, SecretString: '{"key":"hush"}' } }
  Guarded: { Type: AWS::IAM::Role, Properties: { RoleName: guard } }
  Absent: { Type: AWS::SQS::Queue, Condition: Never }
"""
VALUE = "  Two: { Type: AWS::Lambda::Function, Properties: { Runtime: python3.13, Handler: m.h, Code: ., Environment: { Variables: { VALUE: %s } } } }\n"
ARN = "arn:aws:%s:us-east-1:000000000000:%s"


def read(tmp_path, value, head=HEAD):
    file = tmp_path / "template.yaml"
    file.write_text(head.replace("Conditions:\n", "Conditions:\n  Never: !Not [!Condition Sure]\n") + VALUE % value)
    return load(file)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("!FindInMap [Sizes, !Ref AWS::Region, small]", "1"),
        ("!FindInMap [Sizes, eu-west-1, small, { DefaultValue: 7 }]", "7"),
        ("!Select [0, !FindInMap [Sizes, us-east-1, list]]", "x"),
        ("!If [Both, !Join ['-', !Ref Zones], no]", "a-b"),
        ("!Base64 hello", "aGVsbG8="),
        ("!Select [1, !Cidr [10.0.0.0/16, 2, 8]]", "10.0.1.0/24"),
        ("!Select [0, !GetAZs '']", "us-east-1a"),
        ("!Select ['1', !Split ['|', !Sub 'a|${Name}']]", "world"),
        ("!Sub ['${own}/${!Literal}/${Queue.Arn}', { own: !Ref Count }]", "2/${Literal}/" + ARN % ("sqs", "world-queue")),
        ("!Ref Queue", "http://localhost:4566/000000000000/world-queue"),
        ("!GetAtt Queue.QueueName", "world-queue"),
        ("!GetAtt Fifo.QueueName", "Fifo.fifo"),
        ("!Ref Topic", ARN % ("sns", "Topic")),
        ("!GetAtt Bus.Arn", ARN % ("events", "event-bus/orders")),
        ("!GetAtt Table.Arn", ARN % ("dynamodb", "table/things")),
        ("!Sub '${Bucket}/${Bucket.Arn}'", "bucket/arn:aws:s3:::bucket"),
        ("!GetAtt Bucket.RegionalDomainName", "bucket.s3.us-east-1.amazonaws.com"),
        ("!GetAtt Level.Value", "world"),
        ("!Ref Secret", ARN % ("secretsmanager", "secret:token")),
        ("!GetAtt Guarded.Arn", "arn:aws:iam::000000000000:role/guard"),
        ("!GetAtt OneRole.Arn", "arn:aws:iam::000000000000:role/OneRole"),
        ("!Ref One.Alias", ARN % ("lambda", "function:One:live")),
        ("!Ref One.Version", ARN % ("lambda", "function:One:1")),
        ("!Sub '${AWS::Partition}/${AWS::AccountId}/${AWS::URLSuffix}/${AWS::StackName}'", "aws/000000000000/amazonaws.com/local"),
        ("{ 'Fn::Length': !Ref Zones }", "2"),
        ("{ 'Fn::ToJsonString': { a: !Ref Count } }", '{"a":2}'),
    ],
)  # fmt: skip
def test_values(tmp_path, value, text):
    assert read(tmp_path, value).functions["Two"].environment == {"VALUE": text}


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("!ImportValue x", "Fn::ImportValue is not supported by the emulator: exports of other stacks"),
        ("{ 'Fn::ForEach::Loop': [] }", "Fn::ForEach::Loop is not supported by the emulator: loops"),
        ("!Select [5, [a, b]]", "Fn::Select finds no element 5"),
        ("!Split ['', a]", "Fn::Split takes a delimiter and a text"),
        ("!Join [a, b]", "Fn::Join takes a delimiter and a list"),
        ("!If [Both, a]", "Fn::If takes a list of 3"),
        ("!If [Nope, a, b]", "the condition Nope is not declared"),
        ("!FindInMap [Sizes, us-east-1, large]", "!FindInMap finds no 'large' in Sizes"),
        ("!GetAtt Queue.Nope", "!GetAtt Queue.Nope: only Arn, QueueName, QueueUrl is known"),
        ("!GetAtt Nope.Arn", "!GetAtt Nope.Arn names no resource"),
        ("!Sub '${Zones}'", "${Zones} is not a text"),
        ("!Cidr [10.0.0.0/24, 3, 8]", "Fn::Cidr cannot cut 3 blocks"),
        ("!Base64 [a]", "Fn::Base64 is not a text"),
        ("{ 'Fn::Transform': { Name: Own } }", "the macro Own is not supported"),
    ],
)
def test_what_cannot_be_resolved_is_refused(tmp_path, value, sentence):
    with pytest.raises(TemplateError) as caught:
        read(tmp_path, value)
    assert sentence in str(caught.value)
    assert "template.yaml:" in str(caught.value)


def test_a_local_file_can_be_included(tmp_path):
    (tmp_path / "part.yaml").write_text("{ V: !Ref Name }")
    included = "!Select [0, [{ 'Fn::Transform': { Name: AWS::Include, Parameters: { Location: part.yaml } } }]]"
    with pytest.raises(TemplateError, match="the variable VALUE is not a text"):
        read(tmp_path, included)


def test_no_value_removes_what_holds_it(tmp_path):
    head = HEAD.replace("AutoPublishAlias: live", "Timeout: !Ref AWS::NoValue\n      Layers: [!Ref AWS::NoValue]")

    assert read(tmp_path, "x", head).functions["One"].timeout_s == 3


def test_resources_to_make_have_their_properties_resolved(tmp_path):
    found = {each.logical_id: each for each in read(tmp_path, "x").resources}

    assert set(found) == {"Queue", "Fifo", "Topic", "Bus", "Table", "Bucket", "Level", "Secret"}
    assert (found["Queue"].name, found["Level"].properties["Value"]) == ("world-queue", "world")


def test_queues_and_topics_of_destinations_are_made_as_sam_makes_them(tmp_path):
    config = "AutoPublishAlias: live\n      EventInvokeConfig: { DestinationConfig: { OnSuccess: { Type: SQS }, OnFailure: { Type: SNS } } }"
    template = read(tmp_path, "x", HEAD.replace("AutoPublishAlias: live", config))
    names = {each.name for each in template.resources}

    assert {"OneEventInvokeConfigOnSuccessQueue", "OneEventInvokeConfigOnFailureTopic"} <= names
    assert template.functions["One"].rules.on_success == ARN % ("sqs", "OneEventInvokeConfigOnSuccessQueue")
    assert template.functions["One"].rules.on_failure == ARN % ("sns", "OneEventInvokeConfigOnFailureTopic")


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ("{ Type: Number, Default: many }", "which is no number"),
        ("{ Type: Number, Default: 9, MaxValue: 3 }", "MaxValue is 3"),
        ("{ Type: String, Default: ab, MinLength: 3 }", "has 2 characters, MinLength is 3"),
        ("{ Type: String, Default: ab, AllowedPattern: '[0-9]+', ConstraintDescription: digits }", "'ab': digits"),
        ("{ Type: String, Default: hush, AllowedPattern: '[0-9]+', NoEcho: true }", "is that value: it must match"),
        ("{ Type: AWS::SSM::Parameter::Value<String>, Default: /nope }", "the SSM parameter /nope is not in the local store"),
    ],
)  # fmt: skip
def test_parameters_are_checked(tmp_path, declared, sentence):
    with pytest.raises(TemplateError) as caught:
        read(tmp_path, "x", HEAD.replace("Parameters:\n", f"Parameters:\n  Wrong: {declared}\n"))
    assert sentence in str(caught.value)
    assert "hush" not in str(caught.value)


def test_plain_cloudformation_functions_are_read(tmp_path):
    added = """
  Plain:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: plain
      Runtime: python3.13
      Handler: m.h
      Code: .
      Tags: [{ Key: domain, Value: d }]
      DeadLetterConfig: { TargetArn: !GetAtt Queue.Arn }
      TracingConfig: { Mode: Active }
  Later: { Type: AWS::Lambda::Alias, Properties: { FunctionName: !Ref Plain, Name: later, FunctionVersion: !GetAtt Made.Version } }
  Made: { Type: AWS::Lambda::Version, Properties: { FunctionName: !Ref Plain } }
  Rules:
    Type: AWS::Lambda::EventInvokeConfig
    Properties:
      FunctionName: !GetAtt Plain.Arn
      Qualifier: $LATEST
      MaximumRetryAttempts: 0
      DestinationConfig: { OnSuccess: { Destination: !GetAtt Bus.Arn } }
"""
    plain = read(tmp_path, "x", HEAD + added).functions["plain"]

    assert (plain.domain, plain.qualifiers) == ("d", {"1": "1", "later": "1"})
    assert (plain.rules.max_retries, plain.rules.on_success) == (0, ARN % ("events", "event-bus/orders"))
    assert plain.rules.dead_letter == ARN % ("sqs", "world-queue")
    assert plain.configured["TracingConfig"] == {"Mode": "Active"}
