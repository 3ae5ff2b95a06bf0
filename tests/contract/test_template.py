"""template.yaml and the code agree on which routes and handlers exist."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from emulator.template import load
from infra.openapi import applications
from infra.postgres.migrate import DOMAINS
from kernel.settings import Settings

ROOT = Path(__file__).parents[2]
PARAMETERS = {
    "DatabaseUrl": "postgresql://nobody@127.0.0.1:1/none",
    "RedisUrl": "redis://127.0.0.1:1",
    "Neo4jUri": "bolt://127.0.0.1:1",
    "Neo4jPassword": "x",
    "KafkaBootstrapServers": "127.0.0.1:1",
    "JwtSecretKey": "0" * 32,
}


@pytest.fixture(scope="module")
def template():
    return load(ROOT / "template.yaml", PARAMETERS)


def test_every_route_is_declared_once_in_the_template(template):
    served = [
        (method, path, f"functions.{app.app_name}.app.app")
        for app in applications()
        for path, by_method in app.routes.items()
        for method in by_method
    ]
    declared = [(route.method, route.path, template.functions[route.function].handler) for route in template.routes]

    assert sorted(declared) == sorted(served)


def test_every_handler_is_in_the_entry_module_of_its_domain(template):
    for function in template.functions.values():
        module, _, attribute = function.handler.rpartition(".")
        tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text())
        names = {target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets}
        names |= {
            alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
        }
        names |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}

        assert function.domain in DOMAINS
        assert module == f"functions.{function.domain}.app"
        assert attribute in names, function.handler


def test_every_variable_of_the_template_is_a_setting(template):
    known = {field.validation_alias for field in Settings.model_fields.values()}

    for function in template.functions.values():
        assert set(function.environment) <= known, function.name


def test_public_routes_are_only_those_that_must_be(template):
    public = {route.path for route in template.routes if route.authorizer is None}

    assert public == {
        "/.well-known/jwks.json",
        "/v1/auth/login",
        "/v1/auth/refresh",
        "/v1/auth/register",
        "/v1/auth/setup",
        "/v1/hooks/{hook_id}",
        *(f"/v1/{domain}/health" for domain in DOMAINS),
    }


@pytest.mark.parametrize("domain", DOMAINS)
def test_each_domain_has_the_same_inner_shape(domain):
    for module in ("model", "ports", "service", "schemas", "tables", "messages", "adapters", "bootstrap", "routes"):
        importlib.import_module(f"functions.{domain}.{module}")
