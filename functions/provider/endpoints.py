"""Which URLs this server may be sent to by a tenant. Standard library only.

A base URL comes from a member of an organisation, yet the request leaves from inside the operator's network
(server-side request forgery, CWE-918). So:

- beyond stage `local`: https, and every address that the name resolves to is public;
- in stage `local`, where the tenant is the person at the keyboard: loopback and private networks too, and
  plain http there, so that a model server on the same machine or network can be used. Link-local addresses
  (the metadata services of clouds) stay refused;
- the operator's own choices (`INFERENCE_URL`, `CODEREV_OPENAI_BASE_URL`) never pass here.

Names are checked when a provider is stored and again for each call, which then connects to the checked address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from kernel.errors import Invalid

LONGEST_URL = 500  # characters
OTHER_PROTOCOLS = frozenset(
    {2049, 2181, 2379, 3306, 4566, 5432, 5672, 6379, 7474, 7687, 8181, 9042, 9090, 9092, 9200, 11211, 27017}
)
_PRINTABLE = re.compile(r"[!-\[\]-~]+")  # ASCII without space, control characters and the backslash
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_NEAR = tuple(map(ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")))
_NEVER = tuple(
    map(
        ip_network,
        # NAT64, 6to4 and Teredo wrap another address; ipaddress calls them global. Then 6to4 relays, the metadata
        # services of EC2 and of Azure, which has a public address, as in `kernel.outbound`.
        (
            *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "192.88.99.0/24"),
            *("fd00:ec2::/32", "168.63.129.16/32"),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An admitted URL, without a slash at its end."""

    url: str
    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Reach:
    """How far tenants' URLs may lead: `local` adds this machine and its private networks."""

    local: bool
    refused_ports: frozenset[int] = field(default=OTHER_PROTOCOLS)

    def parse(self, url: str) -> Endpoint:
        """Admit a URL by its form. Raises Invalid (`base_url_refused`)."""
        parts = _split(url)
        if parts.scheme not in (("https", "http") if self.local else ("https",)):
            raise _refused("the scheme must be https")
        if parts.query or parts.fragment or "?" in url or "#" in url:
            raise _refused("a base URL has neither query nor fragment")
        if "@" in parts.netloc or "%" in parts.netloc or ".." in parts.path.split("/"):
            raise _refused("a base URL has no user, no escapes in its host and no dots as a segment")
        return Endpoint(url.rstrip("/"), parts.scheme, _host(parts), self._port(parts))

    def _port(self, parts: SplitResult) -> int:
        try:
            port = parts.port or {"https": 443, "http": 80}[parts.scheme]
        except ValueError as bad:
            raise _refused("the port is not a number from 1 to 65535") from bad
        if port in self.refused_ports or (port < 1024 and port not in (80, 443)):
            raise _refused(f"port {port} is not one of model servers")
        return port

    def admit(self, endpoint: Endpoint, addresses: Sequence[str]) -> str:
        """The address to connect to, if all that the name resolves to may be reached. Raises Invalid."""
        found = [_plain(address) for address in addresses]
        if not found:
            raise _refused("the host has no address")
        for address in found:
            near = self.local and any(address in network for network in _NEAR)
            if not (near or (_public(address) and endpoint.scheme == "https")) or _wrapped(address):
                raise _refused("the host resolves to an address that may not be reached from here")
        return str(found[0])


def _split(url: str) -> SplitResult:
    if len(url) > LONGEST_URL or not _PRINTABLE.fullmatch(url):
        raise _refused(f"a base URL has up to {LONGEST_URL} printable ASCII characters and no backslash")
    try:
        return urlsplit(url)
    except ValueError as bad:
        raise _refused("this is not a URL") from bad


def _host(parts: SplitResult) -> str:
    """The host, either an IP address in its usual spelling or a name: `127.1` and `0x7f000001` are neither."""
    host = parts.hostname or ""
    try:
        return str(ip_address(host))
    except ValueError:
        if len(host) <= 253 and _NAME.fullmatch(host):
            return host
    raise _refused("the host is neither a name nor an IP address in its usual spelling")


def _plain(text: str) -> IPv4Address | IPv6Address:
    address = ip_address(text.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def _public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved


def _wrapped(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in _NEVER) and address != ip_address("::1")


def _refused(reason: str) -> Invalid:
    return Invalid(reason, code="base_url_refused")
