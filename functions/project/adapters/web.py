"""`ports.hooks.Web`: the kernel's way out, loaded where it is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernel.errors import TooLarge

if TYPE_CHECKING:
    from kernel.outbound.client import Outbound, Reply, Session


@dataclass(frozen=True, slots=True)
class OutboundTalk:
    """`ports.hooks.Talk`."""

    session: Session
    most_bytes: int

    def ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        return self.session.request(method, url, headers, content, most_bytes=self.most_bytes)

    def tell(self, url: str, headers: Mapping[str, str], content: bytes, *, most_bytes: int) -> Reply:
        from kernel.outbound.client import Reply

        answer = self.session.open("POST", url, headers, content)
        body = b""
        try:
            while len(body) < most_bytes and (chunk := answer.read(most_bytes - len(body))):
                body += chunk
        except TooLarge:  # the beginning is enough
            body = body[:most_bytes]
        finally:
            answer.close()
        return Reply(answer.status, answer.headers, body)


@dataclass(frozen=True, slots=True)
class OutboundWeb:
    outbound: Outbound

    @contextmanager
    def talk(self, *, most_bytes: int, most_s: float) -> Iterator[OutboundTalk]:
        from kernel.outbound.client import Limits

        with self.outbound.session(Limits(most_bytes, most_s)) as session:
            yield OutboundTalk(session, most_bytes)
