"""What goes over the wire. Changing a field here changes the public API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_serializer

from functions.provider.model import Provider, ProviderKind, Route

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^\S(.*\S)?$")]
ModelName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\w./:@+-]+$")]


def _fits_a_header(key: SecretStr) -> SecretStr:
    text = key.get_secret_value()
    if not (text.isascii() and text.isprintable() and " " not in text):
        raise ValueError("a key has printable ASCII characters only")
    return key


ApiKey = Annotated[SecretStr, Field(min_length=1, max_length=1000), AfterValidator(_fits_a_header)]


class NewProvider(BaseModel):
    """`api_key` is stored sealed and never shown again; `default` left out means: if it is the first."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "name": "our vLLM",
                "kind": "openai_compatible",
                "base_url": "https://models.example.com/v1",
                "model": "qwen2.5-coder-32b",
                "api_key": "sk-your-key",
                "default": True,
            }
        },
    )

    name: Name
    kind: ProviderKind
    base_url: str | None = Field(default=None, max_length=500, description="with `/v1`; kind openai needs none")
    model: ModelName
    api_key: ApiKey | None = None
    default: bool | None = None


class ProviderOut(BaseModel):
    id: str
    name: Name
    kind: ProviderKind
    base_url: str
    model: str
    has_api_key: bool = Field(description="the key itself is never shown")
    default: bool
    created_by: str
    created_at: datetime
    revision: int

    @classmethod
    def of(cls, provider: Provider) -> Self:
        derived = {"has_api_key": provider.sealed_key is not None, "default": provider.is_default}
        return cls(**derived, **{field: getattr(provider, field) for field in cls.model_fields if field not in derived})


class RouteQuestion(BaseModel):
    """What another function asks of `provider-resolve`."""

    capability: Literal["review"]


class RouteOut(BaseModel):
    """The answer of `provider-resolve`. It prints without its key and serialises with it: it goes to a function."""

    name: str
    kind: ProviderKind
    base_url: str
    model: str
    provider_id: str | None
    address: str | None
    api_key: SecretStr | None
    built_in: bool

    @classmethod
    def of(cls, route: Route) -> Self:
        return cls(**{field: getattr(route, field) for field in cls.model_fields})

    @field_serializer("api_key", when_used="json")
    def _in_the_clear(self, key: SecretStr | None) -> str | None:
        return key.get_secret_value() if key else None


class Health(BaseModel):
    status: Literal["ok"] = "ok"
    service: str
