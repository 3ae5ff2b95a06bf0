"""Configuration: read once, validated once, passed as values.

No other module reads the environment; ruff's banned-api rule sees to that. Each variable may also
be given as `NAME_FILE`, the path of a file that holds the value.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

WEAK_SECRETS = frozenset(
    {"secret", "changeme", "change-me", "your-secret-key", "supersecret", "password", "jwt-secret"}
)
SHORTEST_SECRET = 32  # bytes of HMAC-SHA256's output: RFC 7518 section 3.2


class _Files(PydanticBaseSettingsSource):
    """Reads `NAME_FILE` for every setting whose `NAME` is not set."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        alias = str(field.validation_alias or field_name)
        path = os.environ.get(f"{alias}_FILE")  # noqa: TID251 - this is the module that reads the environment
        return (Path(path).read_text().rstrip("\n") if path else None), alias, False

    def __call__(self) -> dict[str, Any]:
        found = (self.get_field_value(field, name) for name, field in self.settings_cls.model_fields.items())
        return {alias: value for value, alias, _ in found if value is not None}


class Settings(BaseSettings):
    """What a function needs to know about where it runs; secrets print as asterisks."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, populate_by_name=True)

    stage: Literal["local", "test", "prod"] = Field("local", validation_alias="CODEREV_STAGE")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", validation_alias="CODEREV_LOG_LEVEL")
    database_url: SecretStr = Field(SecretStr(""), validation_alias="DATABASE_URL")
    redis_url: SecretStr = Field(SecretStr(""), validation_alias="REDIS_URL")
    neo4j_uri: str = Field("", validation_alias="NEO4J_URI")
    neo4j_user: str = Field("neo4j", validation_alias="NEO4J_USER")
    neo4j_password: SecretStr = Field(SecretStr(""), validation_alias="NEO4J_PASSWORD")
    s3_endpoint: str = Field("", validation_alias="S3_ENDPOINT")
    s3_public_endpoint: str = Field("", validation_alias="CODEREV_S3_PUBLIC_ENDPOINT")
    s3_access_key: str = Field("", validation_alias="S3_ACCESS_KEY")
    s3_secret_key: SecretStr = Field(SecretStr(""), validation_alias="S3_SECRET_KEY")
    bucket: str = Field("coderev", validation_alias="CODEREV_BUCKET")
    kafka_bootstrap_servers: str = Field("", validation_alias="KAFKA_BOOTSTRAP_SERVERS")
    opa_url: str = Field("", validation_alias="OPA_URL")
    inference_url: str = Field("", validation_alias="INFERENCE_URL")
    openai_api_key: SecretStr = Field(SecretStr(""), validation_alias="OPENAI_API_KEY")
    openai_base_url: str = Field("https://api.openai.com/v1", validation_alias="CODEREV_OPENAI_BASE_URL")
    openai_model: str = Field("", validation_alias="CODEREV_OPENAI_MODEL")
    jwt_secret_key: SecretStr = Field(SecretStr(""), validation_alias="JWT_SECRET_KEY")
    access_token_expire_minutes: int = Field(15, gt=0, le=60, validation_alias="ACCESS_TOKEN_EXPIRE_MINUTES")
    refresh_token_expire_days: int = Field(7, gt=0, le=90, validation_alias="REFRESH_TOKEN_EXPIRE_DAYS")
    setup_token: SecretStr = Field(SecretStr(""), validation_alias="CODEREV_SETUP_TOKEN")
    open_registration: bool = Field(False, validation_alias="CODEREV_OPEN_REGISTRATION")
    handler: str = Field("", validation_alias="_HANDLER")  # set by Lambda: the entry point of this process
    function_prefix: str = Field("coderev", validation_alias="CODEREV_FUNCTION_PREFIX")
    otlp_endpoint: str = Field("", validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    policy_timeout_s: float = Field(2.0, gt=0, le=10, validation_alias="CODEREV_POLICY_TIMEOUT_S")
    statement_timeout_s: float = Field(10.0, gt=0, le=29, validation_alias="CODEREV_STATEMENT_TIMEOUT_S")
    outbound_allow: str = Field("", validation_alias="CODEREV_OUTBOUND_ALLOW")  # hosts and networks, between commas
    outbound_ca: str = Field("", validation_alias="CODEREV_OUTBOUND_CA")  # PEM file of further certificate authorities
    shards_per_project: int = Field(16, gt=0, le=64, validation_alias="CODEREV_SHARDS_PER_PROJECT")
    queued_per_project: int = Field(200, gt=0, validation_alias="CODEREV_QUEUED_PER_PROJECT")
    queued_per_organisation: int = Field(2_000, gt=0, validation_alias="CODEREV_QUEUED_PER_ORGANISATION")
    model_timeout_s: float = Field(120.0, gt=0, le=840, validation_alias="CODEREV_MODEL_TIMEOUT_S")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _Files(settings_cls)

    @field_validator("s3_public_endpoint", mode="after")
    @classmethod
    def _no_trailing_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @model_validator(mode="after")
    def _refuse_weak_secret(self) -> Settings:
        secret = self.jwt_secret_key.get_secret_value()
        weak = len(secret.encode()) < SHORTEST_SECRET or secret.lower() in WEAK_SECRETS or len(set(secret)) < 8
        if self.stage != "local" and weak:
            raise ValueError(
                f"JWT_SECRET_KEY must be random and at least {SHORTEST_SECRET} bytes in stage {self.stage}"
            )
        return self


@cache
def settings() -> Settings:
    return Settings()
