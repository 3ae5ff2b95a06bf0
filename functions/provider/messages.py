"""What this domain tells the others: domain events as CloudEvents on `coderev.provider.v1`."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from functions.provider.model import Provider, ProviderCreated
from kernel.events import Message

TOPIC = "coderev.provider.v1"


class ProviderData(BaseModel):
    """Neither key nor URL: who needs them asks, with a ticket."""

    provider_id: str
    org_id: str
    name: str
    kind: str
    model: str
    is_default: bool
    created_at: datetime

    @classmethod
    def of(cls, provider: Provider) -> ProviderData:
        fields = {field: getattr(provider, field) for field in cls.model_fields if field != "provider_id"}
        return cls(**fields, provider_id=provider.id)


def encode(event: object) -> Message:
    match event:
        case ProviderCreated(provider):
            return Message(topic=TOPIC, type="provider.created", key=provider.id, data=ProviderData.of(provider))
    raise TypeError(f"no message for {type(event).__name__}")
