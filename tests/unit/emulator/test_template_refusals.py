"""Malformed templates: each is refused with the file, the line and a sentence."""

from __future__ import annotations

import pytest

from emulator.template import TemplateError, load

ONE = """Resources:
  One:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: module.handler
"""


def refusal(tmp_path, text, **given):
    file = tmp_path / "template.yaml"
    file.write_text(text)
    with pytest.raises(TemplateError) as caught:
        load(file, **given)
    return str(caught.value).removeprefix(str(file))


@pytest.mark.parametrize(
    ("added", "sentence"),
    [
        ("      Timeout: 901\n", ":7: One: Timeout is 901, allowed are 1 to 900"),
        ("      Timeout: soon\n", ":7: One has a property of the wrong kind"),
        ("      MemorySize: 64\n", ":7: One: MemorySize is 64, allowed are 128 to 10240"),
        ("      Handler: again.handler\n", ":7: the key Handler is given twice"),
        ("      Environment:\n        Variables:\n          VALUE: !Ref Nope\n", ":9: !Ref Nope names neither"),
        ("      Environment: { Variables: { VALUE: !Nope x } }\n", ":7: Fn::Nope is not a function of CloudFormation"),
        ("      Environment: { Variables: { VALUE: [1, 2] } }\n", "One: the variable VALUE is not a text"),
        ("      Events:\n        E: 5\n", ":8: One.E must be a mapping with a Type and Properties"),
        ("      Events:\n        E: { Type: Api, Properties: 5 }\n", ":8: One.E must be a mapping"),
        ("      FunctionName: a b\n", ":7: One: FunctionName a b is none of Lambda's names"),
        ("      EventInvokeConfig: { MaximumRetryAttempts: 3 }\n", "MaximumRetryAttempts is 3, allowed are 0 to 2"),
        ("      InlineCode: [1]\n", ":7: One: code in the template must be text"),
        ("      CodeUri: s3://bucket/key\n", "One: CodeUri must be a folder of this machine"),
        ("      DeadLetterQueue: { TargetArn: x }\n", "DeadLetterQueue needs a Type of SQS or SNS"),
        (
            "      EventInvokeConfig: { DestinationConfig: { OnSuccess: { Type: S3Bucket, Destination: x } } }\n",
            "One: a bucket is a destination of failures only",
        ),
        (
            "      EventInvokeConfig: { DestinationConfig: { OnFailure: { Type: Kinesis, Destination: x } } }\n",
            "One: OnFailure is of type Kinesis, known are SQS, SNS, EventBridge, Lambda, S3Bucket",
        ),
        ("  Two: 5\n", ":7: Two must be a mapping with a Type"),
        ("  Two: { Properties: {} }\n", ":7: Two has no Type"),
        ("  Two:\n    Type: AWS::SQS::Queue\n    Properties: []\n", ":9: Two: Properties must be a mapping"),
        (
            "  Two: { Type: AWS::Serverless::Funktion }\n",
            ":7: Two: resources of type AWS::Serverless::Funktion are not supported",
        ),
        ("  Two:\n    Type: AWS::SQS::Queue\n    Condition: Nope\n", "the condition Nope is not declared"),
        ("  Fn::ForEach::Many: []\n", ":7: Fn::ForEach::Many is not supported"),
        ("Conditions: []\n", ":7: Conditions must be a mapping"),
        ("Transform: Other\n", ":7: the macro Other is not supported"),
        ("Parameters: { A: 5 }\n", ":7: the parameter A must be a mapping"),
        ("Parameters: { A: { Type: String } }\n", ":7: the parameter A has no default"),
        ("  Two\n", ": this is not YAML"),
        (
            "  Two: { Type: AWS::Lambda::EventInvokeConfig, Properties: { FunctionName: Nope } }\n",
            ":7: Two names the function Nope, which is not declared",
        ),
        (
            "  Two: { Type: AWS::Lambda::Function, Properties: { Runtime: python3.13, Code: { S3Key: x } } }\n",
            ":7: Two: Code must be a folder of this machine",
        ),
    ],
)
def test_the_place_is_named(tmp_path, added, sentence):
    assert sentence in refusal(tmp_path, ONE + added)


def test_container_images_and_other_runtimes_are_refused(tmp_path):
    image = ONE.replace("Runtime: python3.13", "PackageType: Image")

    assert "container images are not supported, the emulator runs Python" in refusal(tmp_path, image)
    assert ":5: One: runtime nodejs22.x is not supported" in refusal(tmp_path, ONE.replace("python3.13", "nodejs22.x"))
    assert "One: it has no Runtime" in refusal(tmp_path, ONE.replace("      Runtime: python3.13\n", ""))


def test_conditions_that_depend_on_each_other_are_named(tmp_path):
    conditions = "Conditions:\n  A: !Not [!Condition B]\n  B: !Not [!Condition A]\n"

    assert "the conditions depend on each other: A → B → A" in refusal(
        tmp_path, ONE.replace("  One:\n", "  One:\n    Condition: A\n") + conditions
    )


def test_names_that_depend_on_each_other_are_named(tmp_path):
    queues = "".join(
        f"  {one}: {{ Type: AWS::SQS::Queue, Properties: {{ QueueName: !GetAtt {other}.QueueName }} }}\n"
        for one, other in (("A", "B"), ("B", "A"))
    )

    assert "the names of resources depend on each other: B → A → B" in refusal(tmp_path, ONE + queues)


def test_a_strict_emulator_refuses_what_it_would_warn_about(tmp_path):
    text = ONE + "      SnapStart: { ApplyOn: PublishedVersions }\n  Logs: { Type: AWS::Logs::LogGroup }\n"

    assert "One: SnapStart is not emulated" in refusal(tmp_path, text, strict=True)
    assert "Logs: AWS::Logs::LogGroup is not emulated" in refusal(tmp_path, text, strict=True)
