"""Reading SAM templates: what they say, what is warned about, what is refused with which sentence."""

from __future__ import annotations

import pytest

from emulator.template import ApiRoute, TemplateError, load

HEAD = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Name: { Type: String, Default: world }
  Big: { Type: String, Default: "no", AllowedValues: ["yes", "no"] }
Conditions:
  IsBig: !Equals [!Ref Big, "yes"]
Resources:
"""
FUNCTION = """
  One:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: module.handler
"""


def read(tmp_path, body, **parameters):
    file = tmp_path / "template.yaml"
    file.write_text(HEAD + body)
    return load(file, parameters)


def refusal(tmp_path, body, **parameters):
    with pytest.raises(TemplateError) as caught:
        read(tmp_path, body, **parameters)
    return str(caught.value)


def test_a_function_has_aws_defaults(tmp_path):
    function = read(tmp_path, FUNCTION).functions["One"]

    assert (function.timeout_s, function.memory_mb, function.reserved, function.rules.max_retries) == (3, 128, None, 2)
    assert function.task_root == tmp_path.resolve()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("!Ref Name", "world"),
        ("!Sub 'hello ${Name} ${!Name} ${AWS::Region}'", "hello world ${Name} us-east-1"),
        ("!Sub ['${a}-${Name}', {a: !Ref Big}]", "no-world"),
        ("!Join ['/', [a, !Ref Name]]", "a/world"),
        ("!If [IsBig, large, small]", "small"),
        ("!Select [1, !Split [',', 'a,b']]", "b"),
        ("!GetAtt One.Arn", "arn:aws:lambda:us-east-1:000000000000:function:One"),
        ("!Sub '${One.Arn}'", "arn:aws:lambda:us-east-1:000000000000:function:One"),
        ("{'Fn::Sub': '${Name}'}", "world"),
        ("true", "true"),
        ("15", "15"),
    ],
)
def test_intrinsics_are_resolved(tmp_path, value, text):
    function = read(tmp_path, FUNCTION + f"      Environment: {{ Variables: {{ VALUE: {value} }} }}\n").functions["One"]

    assert function.environment == {"VALUE": text}


def test_given_parameters_win_and_unknown_ones_are_ignored(tmp_path):
    body = (
        FUNCTION + "      Environment: { Variables: { VALUE: !Ref Name, OTHER: !If [IsBig, x, !Ref AWS::NoValue] } }\n"
    )

    assert read(tmp_path, body, Name="ada", Other="x").functions["One"].environment == {"VALUE": "ada"}
    assert read(tmp_path, body, Big="yes").functions["One"].environment == {"VALUE": "world", "OTHER": "x"}
    assert refusal(tmp_path, body, Big="maybe").endswith("the parameter Big is 'maybe', allowed are yes, no")


def test_globals_merge_maps_and_append_lists(tmp_path):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    file = tmp_path / "template.yaml"
    file.write_text("""
Globals:
  Function:
    Runtime: python3.13
    Timeout: 9
    Environment: { Variables: { AA: a, BB: b } }
    Layers: [!Ref First]
Resources:
  First: { Type: AWS::Serverless::LayerVersion, Properties: { ContentUri: first } }
  Second: { Type: AWS::Serverless::LayerVersion, Properties: { ContentUri: second } }
  One:
    Type: AWS::Serverless::Function
    Properties: { Handler: m.h, Timeout: 5, Layers: [!Ref Second], Environment: { Variables: { BB: c } } }
""")
    function = load(file).functions["One"]

    assert (function.timeout_s, function.environment) == (5, {"AA": "a", "BB": "c"})
    assert [layer.name for layer in function.layers] == ["first", "second"]


def test_routes_know_their_function_and_authorizer(tmp_path):
    template = read(
        tmp_path,
        """
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      Auth: { DefaultAuthorizer: Guard, Authorizers: { Guard: { FunctionArn: !GetAtt One.Arn } } }
"""
        + FUNCTION
        + """
      Events:
        A: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /a, Method: get } }
        B: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /b, Method: any, Auth: { Authorizer: NONE } } }
""",
    )

    assert template.routes == (
        ApiRoute("GET", "/a", "One", "Guard", "Api"),
        ApiRoute("ANY", "/b", "One", None, "Api"),
    )


def test_only_some_domains_keep_their_authorizer(tmp_path):
    body = """
  Api:
    Type: AWS::Serverless::Api
    Properties: { Auth: { DefaultAuthorizer: Guard, Authorizers: { Guard: { FunctionArn: !GetAtt Guard.Arn } } } }
"""
    for name, domain in (("One", "a"), ("Two", "b"), ("Guard", "c")):
        body += f"""
  {name}:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: m.h
      Tags: {{ domain: {domain} }}
      Events: {{ Get: {{ Type: Api, Properties: {{ RestApiId: !Ref Api, Path: /{name}, Method: GET }} }} }}
"""
    kept = read(tmp_path, body).only(("a",))

    assert set(kept.functions) == {"One", "Guard"}
    assert [route.path for route in kept.routes] == ["/One"]


def test_what_is_not_emulated_is_named_once_each(tmp_path):
    template = read(
        tmp_path,
        FUNCTION
        + """
      SnapStart: { ApplyOn: PublishedVersions }
  Group: { Type: AWS::Logs::LogGroup }
""",
    )

    assert "One: SnapStart is not emulated" in template.warnings
    assert "Group: AWS::Logs::LogGroup is not emulated" in template.warnings


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (FUNCTION.replace("python3.13", "nodejs22.x"), "One: runtime nodejs22.x is not supported"),
        ("  Q: { Type: AWS::Serverless::Queue }\n", "Q: resources of type AWS::Serverless::Queue are not supported"),
        ("  Q: { Type: Queue }\n", "Q: resources of type Queue are not supported"),
        (FUNCTION + "      Timeout: soon\n", "One has a property of the wrong kind"),
        (FUNCTION + "      Layers: ['arn:aws:lambda:x:y:layer:other:1']\n", "which this template does not declare"),
        (
            FUNCTION + "      Events: { E: { Type: Snow, Properties: {} } }\n",
            "One.E: events of type Snow are not supported",
        ),
        (FUNCTION + "      Events: { E: { Type: Api, Properties: { Path: /a } } }\n", "One.E has no Method"),
        (FUNCTION + "      Environment: { Variables: { VALUE: !Ref Nope } }\n", "!Ref Nope names neither"),
        (
            FUNCTION + "      Environment: { Variables: { VALUE: !ImportValue x } }\n",
            "Fn::ImportValue is not supported",
        ),
        (FUNCTION + "      Environment: { Variables: { VALUE: !GetAtt One.Version } }\n", "only Arn is known"),
    ],
)
def test_what_cannot_be_served_is_refused_with_a_sentence(tmp_path, body, sentence):
    assert sentence in refusal(tmp_path, body)


def test_files_that_are_no_templates_are_refused(tmp_path):
    file = tmp_path / "template.yaml"
    with pytest.raises(TemplateError, match="no such file"):
        load(file)
    for text, sentence in (
        ("a: [", "template.yaml:1: this is not YAML"),
        ("[]", "has no Resources"),
        ("a: 1", "has no Resources"),
    ):
        file.write_text(text)
        with pytest.raises(TemplateError, match=sentence):
            load(file)
