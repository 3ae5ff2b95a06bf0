"""Providers, routes and their rules. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kernel.errors import Invalid

OPENAI_URL = "https://api.openai.com/v1"


class ProviderKind(StrEnum):
    """The dialect that a provider speaks; both are chat completions as OpenAI defined them."""

    OPENAI = "openai"
    OPENAI_COMPATIBLE = "openai_compatible"


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody who answers prompts for an organisation.

    `base_url` has been admitted by `endpoints`; `sealed_key` is ciphertext that only this domain opens.

    Raises:
        Invalid: OpenAI itself answers nobody without a key.
    """

    id: str
    org_id: str
    name: str
    kind: ProviderKind
    base_url: str
    model: str
    is_default: bool
    created_by: str
    created_at: datetime
    sealed_key: bytes | None = field(default=None, repr=False)
    revision: int = 1

    def __post_init__(self) -> None:
        if self.kind is ProviderKind.OPENAI and self.sealed_key is None:
            raise Invalid("a provider of kind openai needs an api_key", code="api_key_needed")


@dataclass(frozen=True, slots=True)
class ProviderCreated:
    """Domain event: a provider exists. It carries no key, sealed or not."""

    provider: Provider


@dataclass(frozen=True, slots=True)
class Route:
    """Where a model call goes. The only value that holds a key in the clear.

    `address` is the IP address that was checked: connect to it, not to what the name says a moment later.
    It is None where the operator chose the URL. `built_in` is true for the small embedded model.
    """

    name: str
    kind: ProviderKind
    base_url: str
    model: str
    provider_id: str | None = None
    address: str | None = None
    api_key: str | None = field(default=None, repr=False)
    built_in: bool = False


def base_url_of(kind: ProviderKind, given: str | None) -> str:
    """The URL that was given, or OpenAI's own. Raises Invalid if a compatible provider has none."""
    if given is not None:
        return given
    if kind is ProviderKind.OPENAI:
        return OPENAI_URL
    raise Invalid("a provider of kind openai_compatible needs a base_url", code="base_url_needed")
