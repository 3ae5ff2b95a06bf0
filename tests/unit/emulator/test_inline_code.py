"""Code that stands in a template becomes `index.py` of a folder of its own."""

from __future__ import annotations

import os

import pytest

from emulator.template import TemplateError, load

TEMPLATE = """
Resources:
  Sam:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            return "one"
  Plain:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code:
        ZipFile: !Join ["\\n", ["def handler(event, context):", "    return 'two'"]]
"""


@pytest.fixture
def template(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return path


def test_each_code_has_a_folder_of_its_own_and_keeps_it(template):
    first, again = load(template), load(template)

    roots = {name: function.task_root for name, function in first.functions.items()}
    assert (roots["Sam"] / "index.py").read_text() == 'def handler(event, context):\n    return "one"\n'
    assert (roots["Plain"] / "index.py").read_text() == "def handler(event, context):\n    return 'two'"
    assert {name: function.task_root for name, function in again.functions.items()} == roots
    assert [path.name for path in roots["Sam"].iterdir()] == ["index.py"]


def test_a_folder_that_cannot_be_written_is_named(template, tmp_path):
    (tmp_path / ".cache").write_text("a file in the way")

    with pytest.raises(TemplateError, match=r"template.yaml:\d+: Sam: its code cannot be written to .*: "):
        load(template)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_nobody_else_reads_it(template):
    assert load(template).functions["Sam"].task_root.stat().st_mode & 0o077 == 0
