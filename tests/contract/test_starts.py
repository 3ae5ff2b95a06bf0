"""Every function starts with what it has in the cloud: its own environment, its domain's code, its layers' packages."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import pytest

from emulator.template import Function, load
from tests.contract.test_template import PARAMETERS, ROOT

TEMPLATE = load(ROOT / "template.yaml", {**PARAMETERS, "JwtSecretKey": "0123456789abcdef" * 2})
FUNCTIONS = sorted(TEMPLATE.functions.values(), key=lambda function: function.name)
LOCKS = {"base": ("base", "router"), "analysis": ("analysis",), "kernel": ()}
HEAVY = ("ast_grep_py", "cyclonedx", "dulwich", "jinja2", "neo4j", "pathspec", "rustworkx", "tree_sitter", "yaml")
START = """
import importlib, json, os, sys

told = json.load(sys.stdin)


class Elsewhere:
    def find_spec(self, name, path=None, target=None):
        top, _, rest = name.partition(".")
        if top in told["absent"] or (top == "functions" and rest and rest.split(".")[0] != told["domain"]):
            raise ModuleNotFoundError(f"no module named {name} in the cloud", name=name)


sys.meta_path.insert(0, Elsewhere())
module, _, attribute = os.environ["_HANDLER"].rpartition(".")
handler = getattr(importlib.import_module(module), attribute)
print(json.dumps({"callable": callable(handler), "heavy": sorted(set(told["heavy"]) & sys.modules.keys())}))
"""


def _packages(lock: str) -> set[str]:
    found = re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements" / f"{lock}.txt").read_text(), re.MULTILINE)
    return {_normal(name) for name in found}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def modules() -> Mapping[str, set[str]]:
    """The packages that each importable name comes from."""
    return {top: set(map(_normal, names)) for top, names in metadata.packages_distributions().items()}


def _started(function: Function, modules: Mapping[str, set[str]]) -> dict[str, object]:
    layers = [path.name if path.parent.name == "dependencies" else "kernel" for path in function.layers]
    present = {name for layer in layers for lock in LOCKS[layer] for name in _packages(lock)}
    own = {"functions", "kernel"}
    absent = sorted(top for top, packages in modules.items() if top not in own and not packages & present)
    told = {"absent": [*absent, "emulator", "cli", "infra", "tests"], "domain": function.domain, "heavy": HEAVY}
    done = subprocess.run(
        (sys.executable, "-c", START),
        input=json.dumps(told),
        env={
            **{name: str(value) for name, value in function.environment.items()},
            "_HANDLER": function.handler,
            "AWS_REGION": "us-east-1",
            "PYTHONPATH": f"{ROOT / 'layers/kernel/python'}:{ROOT}",
        },
        cwd=Path("/"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_each_function_starts_with_its_own_environment_and_layers_and_nothing_heavy(function, modules):
    assert _started(function, modules) == {"callable": True, "heavy": []}


def test_each_function_has_a_rule_by_which_it_is_built():
    goals = [f"build-{function.logical_id}" for function in FUNCTIONS]
    done = subprocess.run(
        ("make", "--dry-run", "ARTIFACTS_DIR=/nowhere", *goals), cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
