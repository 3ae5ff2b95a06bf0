"""Asks `provider` who answers, by the Invoke API. The key comes along, and is kept only as long as the call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, SecretStr

from functions.ai.model import Route
from kernel.identity import Caller
from kernel.invoke import Functions


class RouteQuestion(BaseModel):
    capability: Literal["review"] = "review"


class RouteAnswer(BaseModel):
    name: str
    kind: str
    base_url: str
    model: str
    provider_id: str | None = None
    address: str | None = None
    api_key: SecretStr | None = None
    built_in: bool = False

    def route(self) -> Route:
        key = self.api_key.get_secret_value() if self.api_key else None
        return Route(**self.model_dump(exclude={"api_key"}), api_key=key)


@dataclass(frozen=True, slots=True)
class InvokedRoutes:
    """`ports.Routes`."""

    functions: Functions

    def review(self, caller: Caller) -> Route:
        return self.functions.call("provider-resolve", RouteQuestion(), RouteAnswer, caller).route()
