"""Amazon Resource Names, taken apart: `arn:partition:service:region:account:resource`."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.template.model import ACCOUNT, REGION


@dataclass(frozen=True, slots=True)
class Arn:
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def of(cls, text: str) -> Arn:
        """Take an ARN apart.

        Raises:
            ValueError: it is none.
        """
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn":
            raise ValueError(f"{text} is not an ARN")
        return cls(*parts[2:])

    @property
    def name(self) -> str:
        """The resource without its kind: `bus` of `event-bus/bus`."""
        return self.resource.rpartition("/")[2]


def arn(service: str, resource: str) -> str:
    """Return the ARN of a resource of this emulator's account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"
