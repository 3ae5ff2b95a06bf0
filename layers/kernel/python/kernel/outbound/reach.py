"""Which addresses may be reached. Standard library only.

Public addresses over https. What `CODEREV_OUTBOUND_ALLOW` names, hosts or networks, may be private too, and in
the stages local and test may speak plain http. A host that is allowed still leads to no link-local address and
to no metadata service: only a network that is named does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from kernel.errors import Invalid

LONGEST_URL = 2_000  # characters
# Stores and control planes: nothing that a user may name speaks there.
OTHER_PROTOCOLS = frozenset(
    {22, 23, 25, 2049, 2181, 2379, 3306, 4566, 5432, 5672, 6379, 7474, 7687, 8181, 9042, 9092, 9200, 11211, 27017}
)
_PRINTABLE = re.compile(r"[!-\[\]-~]+")  # ASCII without space, control characters and the backslash
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_PORTS = {"https": 443, "http": 80}
# NAT64, 6to4, Teredo and IPv4-compatible wrap another address, and ipaddress calls some of them global; 6to4 relays;
# then the metadata services of EC2, of Azure (which has a public address), of Oracle, and link-local ones.
_WRAPPED = ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "192.88.99.0/24")
_METADATA = ("fd00:ec2::/32", "168.63.129.16/32", "192.0.0.0/24", "169.254.0.0/16", "fe80::/10")
_NEVER = tuple(map(ip_network, _WRAPPED + _METADATA))
_LOOPBACK = ip_address("::1")  # lies in ::/96

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Place:
    """A URL whose form is admitted."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port


@dataclass(frozen=True, slots=True)
class Reach:
    """How far users' URLs lead. `plain`: whether allowed places may speak http."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()
    plain: bool = False

    @classmethod
    def of(cls, allow: str, *, plain: bool) -> Reach:
        """From hosts and networks between commas (`git.example.org, 10.1.0.0/16`). Raises ValueError."""
        hosts, networks = set(), []
        for entry in filter(None, (part.strip() for part in allow.split(","))):
            if _NAME.fullmatch(entry):
                hosts.add(entry.lower())
            else:
                networks.append(ip_network(entry))
        return cls(frozenset(hosts), tuple(networks), plain)

    def parse(self, url: str) -> Place:
        """Admit a URL by its form. Raises Invalid (`url_refused`)."""
        parts = _split(url)
        if parts.scheme not in (("https", "http") if self.plain else ("https",)):
            raise _refused("the scheme must be https")
        if "@" in parts.netloc or "%" in parts.netloc or parts.fragment:
            raise _refused("a URL has no user, no escapes in its host and no fragment")
        return Place(url, parts.scheme, _host(parts), _port(parts))

    def admit(self, place: Place, addresses: Sequence[str]) -> list[str]:
        """The addresses to connect to, if all that the name resolves to may be reached. Raises Invalid (`address_refused`)."""
        found = [_plain(address) for address in addresses]
        if not found or not all(self._admits(place, address) for address in found):
            message = f"{place.host} resolves to an address that may not be reached from here"
            raise Invalid(message, code="address_refused")
        return [str(address) for address in found]

    def _admits(self, place: Place, address: Address) -> bool:
        if any(address in network for network in self.networks):
            return True
        if address != _LOOPBACK and any(address in network for network in _NEVER):
            return False
        if address.is_multicast or address.is_unspecified or place.port in OTHER_PROTOCOLS:
            return False
        if place.host in self.hosts:
            return True
        return place.scheme == "https" and address.is_global and not address.is_reserved


def _split(url: str) -> SplitResult:
    if len(url) > LONGEST_URL or not _PRINTABLE.fullmatch(url):
        raise _refused(f"a URL has up to {LONGEST_URL} printable ASCII characters and no backslash")
    try:
        return urlsplit(url)
    except ValueError as bad:
        raise _refused("this is not a URL") from bad


def _host(parts: SplitResult) -> str:
    """The host: an IP address in its usual spelling or a name. `127.1` and `0x7f000001` are neither."""
    host = parts.hostname or ""
    try:
        return str(ip_address(host))
    except ValueError:
        if len(host) <= 253 and _NAME.fullmatch(host):
            return host
    raise _refused("the host is neither a name nor an IP address in its usual spelling")


def _port(parts: SplitResult) -> int:
    try:
        port = _PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError as bad:
        raise _refused("the port is not a number from 1 to 65535") from bad
    if port == 0:
        raise _refused("the port is not a number from 1 to 65535")
    return port


def _plain(text: str) -> Address:
    """An address without its zone; one of IPv4 within IPv6 is the one of IPv4."""
    address = ip_address(text.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def _refused(reason: str) -> Invalid:
    return Invalid(reason, code="url_refused")
