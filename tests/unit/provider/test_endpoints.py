"""Where a tenant may send us, by the form of the URL and by what its name resolves to."""

from __future__ import annotations

import pytest

from functions.provider.adapters.names import SystemNames
from functions.provider.endpoints import Reach
from kernel.errors import Invalid, NotFound

PUBLIC, LOCAL = Reach(local=False), Reach(local=True, refused_ports=frozenset({5433, 6379}))


@pytest.mark.parametrize(
    "url",
    [
        "http://models.example.com/v1",
        "ftp://models.example.com/v1",
        "file:///etc/passwd",
        "https://user@models.example.com/v1",
        "https://user:word@models.example.com/v1",
        "https://127.0.0.1\\@example.com/",
        "https://example.com/v1?key=1",
        "https://example.com/v1#x",
        "https://example.com/v1?",
        "https://exam ple.com/",
        "https://example.com/\r\nx: y",
        "https://ⓛocalhost/v1",
        "https://127。0。0。1/v1",
        "https://127.1/v1",
        "https://2130706433/v1",
        "https://0x7f000001/v1",
        "https://0177.0.0.1/v1",
        "https://0/v1",
        "https://[fe80::1%25eth0]/v1",
        "https://[::1/v1",
        "https://example.com./v1",
        "https://example.com:6379/v1",
        "https://example.com:25/v1",
        "https://example.com:0x50/v1",
        "https://example.com:99999/v1",
        "https://example.com/../v1",
        "https:///v1",
        "models.example.com",
        "",
        "https://example.com/" + "a" * 500,
    ],
)
def test_urls_of_a_wrong_form_are_refused(url):
    with pytest.raises(Invalid) as refused:
        PUBLIC.parse(url)

    assert refused.value.code == "base_url_refused"


def test_a_good_url_loses_only_its_last_slash():
    endpoint = PUBLIC.parse("https://models.example.com:8443/openai/v1/")

    assert (endpoint.url, endpoint.host, endpoint.port) == (
        "https://models.example.com:8443/openai/v1",
        "models.example.com",
        8443,
    )


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.7",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "192.88.99.1",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001:0:4136:e378::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "168.63.129.16",
        "fc00::1",
        "ff02::1",
    ],
)
def test_addresses_inside_are_refused_beyond_stage_local(address):
    endpoint = PUBLIC.parse("https://models.example.com/v1")

    with pytest.raises(Invalid):
        PUBLIC.admit(endpoint, [address])
    with pytest.raises(Invalid):
        PUBLIC.admit(endpoint, ["93.184.216.34", address])


def test_the_checked_address_is_the_one_to_connect_to():
    endpoint = PUBLIC.parse("https://models.example.com/v1")

    assert PUBLIC.admit(endpoint, ["93.184.216.34", "2606:2800:220:1::1"]) == "93.184.216.34"


@pytest.mark.parametrize("address", ["127.0.0.1", "192.168.1.7", "10.1.2.3", "::1", "fd12::1"])
def test_stage_local_reaches_its_own_networks_by_plain_http(address):
    endpoint = LOCAL.parse("http://models.lan:11434/v1")

    assert LOCAL.admit(endpoint, [address]) == address


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "0.0.0.0", "93.184.216.34"])
def test_stage_local_refuses_metadata_services_and_public_http(address):
    endpoint = LOCAL.parse("http://models.lan:11434/v1")

    with pytest.raises(Invalid):
        LOCAL.admit(endpoint, [address])


def test_the_ports_of_our_own_services_are_refused():
    with pytest.raises(Invalid):
        LOCAL.parse("http://127.0.0.1:5433/v1")


def test_a_host_without_address_is_refused():
    with pytest.raises(Invalid):
        PUBLIC.admit(PUBLIC.parse("https://models.example.com/v1"), [])


def test_the_system_tells_addresses_and_unknown_names():
    assert "127.0.0.1" in SystemNames().addresses("127.0.0.1", 443)
    with pytest.raises(NotFound):
        SystemNames().addresses("no-such-host.invalid", 443)
