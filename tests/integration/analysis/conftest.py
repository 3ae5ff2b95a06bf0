"""Object store and graph beside PostgreSQL, once for each test process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest
import sqlalchemy as sa

from emulator.services import Services
from emulator.services.testing import TestPostgres, services_for_tests
from functions.analysis import bootstrap
from kernel.settings import Settings
from tests.conftest import SECRET
from tests.integration.analysis.house import Counted, House


@pytest.fixture(scope="session")
def stores() -> Iterator[Services]:
    with services_for_tests("objects", "graph") as running:
        yield running


@pytest.fixture(scope="session")
def here(postgres: TestPostgres, stores: Services) -> Settings:
    return prepare(postgres, stores)


def prepare(postgres: TestPostgres, stores: Services) -> Settings:
    """Settings for these services, whose bucket is there."""
    found = stores.environment
    settings = Settings(
        stage="test",
        database_url=postgres.app_url,
        jwt_secret_key=SECRET,
        neo4j_uri=found["NEO4J_URI"],
        neo4j_user=found["NEO4J_USER"],
        neo4j_password=found["NEO4J_PASSWORD"],
        s3_endpoint=found["S3_ENDPOINT"],
        s3_access_key=found["S3_ACCESS_KEY"],
        s3_secret_key=found["S3_SECRET_KEY"],
        bucket="coderev",
    )
    _bucket(settings)
    return settings


def _bucket(settings: Settings) -> None:
    secret = settings.s3_secret_key.get_secret_value()
    keys = {"aws_access_key_id": settings.s3_access_key, "aws_secret_access_key": secret}
    client = boto3.client("s3", endpoint_url=settings.s3_endpoint, region_name="us-east-1", **keys)
    if "coderev" not in {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}:
        client.create_bucket(Bucket="coderev")


@pytest.fixture
def house(here: Settings, admin: sa.Engine, empty: None) -> Iterator[House]:
    deps = bootstrap.connect(here)
    deps = replace(deps, engines=Counted(deps.engines))
    yield House(deps, admin)
    deps.engines.rest()
