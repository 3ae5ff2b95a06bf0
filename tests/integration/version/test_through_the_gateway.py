"""The same contract through the gateway in this process: template, authorizer and policy included."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.testing import Client
from functions.version import bootstrap, routes
from tests.client import ORG, USER

ROOT = Path(__file__).parents[3]
NEW = {"name": "shorter prompt", "hypothesis": "as useful at half the tokens"}
OWNER = {"principalId": USER, "org_id": ORG, "roles": "owner", "session_id": "s1"}


def refuse(event, context):
    """An authorizer that knows nobody."""
    raise Exception("Unauthorized")  # noqa: TRY002 - API Gateway's contract is exactly this


@pytest.fixture
def gateway(settings, empty) -> Client:
    handlers = {
        "functions.version.app.app": routes.build(bootstrap.connect(settings)),
        "functions.auth.app.authorize": refuse,
    }
    parameters = {
        "DatabaseUrl": "x",
        "RedisUrl": "x",
        "Neo4jUri": "x",
        "Neo4jPassword": "x",
        "KafkaBootstrapServers": "x",
        "JwtSecretKey": "x",
    }
    return Client(ROOT / "template.yaml", handlers, parameters=parameters)


def test_an_experiment_is_created_and_read(gateway):
    made = gateway.request("POST", "/v1/experiments", body=NEW, authorizer=OWNER)
    read = gateway.request("GET", f"/v1/experiments/{made.json['id']}", authorizer=OWNER)

    assert (made.status, read.status, read.json) == (201, 200, made.json)
    assert read.headers["etag"] == '"1"'


def test_nobody_is_answered_401_with_a_challenge_before_the_function_runs(gateway):
    answer = gateway.request("POST", "/v1/experiments", body=NEW)

    assert (answer.status, answer.json["code"]) == (401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_health_route_needs_no_authorizer(gateway):
    assert gateway.request("GET", "/v1/version/health").json == {"status": "ok", "service": "version"}


def test_a_path_that_nobody_declared_is_a_404_problem(gateway):
    assert gateway.request("GET", "/v1/nonsense").json["code"] == "not_found"
