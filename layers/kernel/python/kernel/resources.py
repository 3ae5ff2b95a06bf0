"""Connections to the outside, each built on first use and once per process."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from kernel.settings import Settings

if TYPE_CHECKING:
    from kafka import KafkaProducer
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from neo4j import Driver
    from redis import Redis

CONNECT_TIMEOUT_S = 5


@cache
def _engine(url: str) -> sa.Engine:
    given = sa.make_url(url)
    return sa.create_engine(
        given.set(drivername="postgresql+psycopg"),
        pool_size=1,  # one event at a time per process
        max_overflow=1,
        pool_timeout=CONNECT_TIMEOUT_S,
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "prepare_threshold": None},  # poolers keep no session
    )


def engine(settings: Settings) -> sa.Engine:
    return _engine(settings.database_url.get_secret_value())


@cache
def _redis(url: str) -> Redis:
    from redis import Redis

    return Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0, decode_responses=True)


def redis(settings: Settings) -> Redis:
    return _redis(settings.redis_url.get_secret_value())


@cache
def _neo4j(uri: str, user: str, password: str) -> Driver:
    from neo4j import GraphDatabase

    return GraphDatabase.driver(
        uri,
        auth=(user, password),
        connection_timeout=CONNECT_TIMEOUT_S,
        max_connection_pool_size=2,
        connection_acquisition_timeout=CONNECT_TIMEOUT_S,
        max_transaction_retry_time=5.0,
        notifications_min_severity="OFF",  # Neo4j warns of every kind of edge that no project has yet
    )


def neo4j(settings: Settings) -> Driver:
    return _neo4j(settings.neo4j_uri, settings.neo4j_user, settings.neo4j_password.get_secret_value())


def forget_neo4j() -> None:
    """Let the next call of `neo4j` build a new driver; the old one is the caller's to close."""
    _neo4j.cache_clear()


@cache
def _s3(endpoint: str, access_key: str, secret_key: str) -> S3Client:
    import boto3
    from botocore.config import Config

    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=20,
        retries={"max_attempts": 3, "mode": "standard"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return boto3.client(
        "s3",
        endpoint_url=endpoint or None,
        aws_access_key_id=access_key or None,
        aws_secret_access_key=secret_key or None,
        region_name="us-east-1" if endpoint else None,
        config=config,
    )


def s3(settings: Settings) -> S3Client:
    return _s3(settings.s3_endpoint, settings.s3_access_key, settings.s3_secret_key.get_secret_value())


def s3_public(settings: Settings) -> S3Client:
    """For presigned URLs: signed for the address that clients outside reach."""
    endpoint = settings.s3_public_endpoint or settings.s3_endpoint
    return _s3(endpoint, settings.s3_access_key, settings.s3_secret_key.get_secret_value())


@cache
def functions() -> LambdaClient:
    """The Lambda API; `AWS_ENDPOINT_URL_LAMBDA` leads it to the emulator."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=CONNECT_TIMEOUT_S, read_timeout=30, retries={"max_attempts": 2, "mode": "standard"})
    return boto3.client("lambda", config=config)


@cache
def _producer(bootstrap_servers: str) -> KafkaProducer:
    from kafka import KafkaProducer

    return KafkaProducer(
        bootstrap_servers=bootstrap_servers.split(","),
        acks="all",
        linger_ms=5,
        bootstrap_timeout_ms=5_000,
        max_block_ms=5_000,
        request_timeout_ms=5_000,
        delivery_timeout_ms=10_000,
        max_in_flight_requests_per_connection=1,  # keeps the order of a key when a send is retried
    )


def producer(settings: Settings) -> KafkaProducer:
    return _producer(settings.kafka_bootstrap_servers)
