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
            "  Two:\n    Type: AWS::Serverless::Function\n"
            "    Properties: { Handler: a.b, Runtime: python3.13, FunctionName: One }\n",
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
