"""Addresses that users gave: what is refused before a connection, and what bounds one."""

from __future__ import annotations

import socket
import ssl
import time

import pytest

from kernel.errors import Invalid, TooLarge, Unavailable
from kernel.outbound import Reach
from kernel.outbound.allowed import reach_of
from kernel.outbound.client import Limits, Outbound, outbound
from kernel.outbound.names import SystemNames
from kernel.settings import Settings
from tests.unit.kernel.hosts import Told, host, says

PUBLIC = "93.184.215.14"
LOOPBACK = Reach.of("127.0.0.1/32", plain=True)


def to(reach: Reach, *answers: list[str]) -> Outbound:
    return Outbound(reach, ssl.create_default_context, Told(list(answers) or [["127.0.0.1"]]))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "git://example.org/x",
        "ssh://-oProxyCommand=x/",
        "ext::sh -c id",
        "//example.org/",
        "https://user@example.org/",
        "https://user:word@example.org/",
        "https://example.org@127.0.0.1/",
        "https://127.0.0.1\\@example.org/",
        "https://example.org\t.evil/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://0/",
        "https://ⓛocalhost/",
        "https://127。0。0。1/",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://example.org:0/",
        "https://example.org:99999/",
        "https://example.org:x/",
        "https://exa%6dple.org/",
        "https:///path",
        "https://example.org/#x",
        "https://" + "a" * 2000,
        "",
    ],
)
def test_a_url_of_an_odd_form_is_refused(url):
    with pytest.raises(Invalid) as refused:
        Reach().parse(url)

    assert refused.value.code == "url_refused"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "::1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "100.100.100.200",
        "fc00::1",
        "169.254.169.254",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "168.63.129.16",
        "192.0.0.192",
        "224.0.0.1",
        "ff02::1",
        "0.0.0.0",
        "::",
        "255.255.255.255",
        "240.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:7f00:1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "::127.0.0.1",
        "192.88.99.1",
        "198.51.100.1",
        "2001:db8::1",
    ],
)
def test_a_name_that_leads_inside_is_refused_even_beside_a_public_address(address):
    place = Reach().parse("https://git.example.org/x")

    with pytest.raises(Invalid) as refused:
        Reach().admit(place, [PUBLIC, address])

    assert refused.value.code == "address_refused"
    assert Reach().admit(place, [PUBLIC]) == [PUBLIC]


def test_ports_of_stores_are_refused():
    with pytest.raises(Invalid):
        Reach().admit(Reach().parse("https://example.org:6379/"), [PUBLIC])


def test_the_operator_may_allow_hosts_and_networks():
    reach = Reach.of("git.corp.example, 10.1.0.0/16,, 2001:db8::/32", plain=False)

    assert reach.admit(reach.parse("https://git.corp.example/"), ["192.168.1.5"]) == ["192.168.1.5"]
    assert reach.admit(reach.parse("https://other.example/"), ["10.1.2.3"]) == ["10.1.2.3"]
    for url, address in [
        ("https://git.corp.example/", "169.254.169.254"),
        ("https://git.corp.example/", "fe80::1"),
        ("https://evil.git.corp.example/", "192.168.1.5"),
        ("https://other.example/", "10.2.0.1"),
    ]:
        with pytest.raises(Invalid):
            reach.admit(reach.parse(url), [address])


def test_plain_http_is_for_allowed_places_outside_production():
    local = reach_of(Settings(stage="local", outbound_allow="git.example"))

    assert local.admit(local.parse("http://git.example/"), ["10.0.0.1"]) == ["10.0.0.1"]
    with pytest.raises(Invalid):
        local.admit(local.parse("http://example.org/"), [PUBLIC])
    with pytest.raises(Invalid):
        Reach.of("git.example", plain=False).parse("http://git.example/")


def test_a_list_that_is_none_is_refused_when_a_function_starts():
    with pytest.raises(ValueError, match="300"):
        outbound(Settings(stage="local", outbound_allow="10.0.0.300/8"))


def test_nothing_connects_to_a_refused_address():
    with host(says(b"secret")) as inside:
        for reach in (Reach(), Reach.of("example.org", plain=True)):
            with to(reach).session() as session, pytest.raises(Invalid):
                session.request("GET", f"https://localhost:{inside.port}/")

    assert inside.requests == []


def test_a_name_is_resolved_once_so_a_changed_answer_changes_nothing():
    with host(says(b"fine")) as inside:
        caller = to(Reach.of("rebind.example", plain=True), ["127.0.0.1"], ["169.254.169.254"])
        with caller.session() as session:
            url = f"http://rebind.example:{inside.port}/"
            replies = [session.request("GET", url).body for _ in range(2)]

    assert replies == [b"fine", b"fine"]
    assert caller.names.asked == ["rebind.example"]  # type: ignore[attr-defined]
    assert all(f"Host: rebind.example:{inside.port}" in head for head in inside.requests)


def test_a_changed_answer_is_checked_in_the_next_session():
    with host(says(b"fine")) as inside:
        caller = to(Reach.of("rebind.example", plain=True), ["127.0.0.1"], ["169.254.169.254"])
        with caller.session() as session:
            session.request("GET", f"http://rebind.example:{inside.port}/")
        with caller.session() as session, pytest.raises(Invalid) as refused:
            session.request("GET", f"http://rebind.example:{inside.port}/")

    assert refused.value.code == "address_refused"
    assert len(inside.requests) == 1


@pytest.mark.parametrize(
    "location",
    ["http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:1/", "https://example.org/", "file:///etc/passwd"],
)
def test_a_redirect_to_another_place_is_not_followed(location):
    answer = says(b"", "302 Found", Location=location)
    with host(answer) as inside, to(LOOPBACK).session() as session, pytest.raises(Invalid) as refused:
        session.request("GET", f"{inside.url}/a", {"Authorization": "Bearer x"})

    assert refused.value.code in ("redirect_refused", "url_refused")
    assert len(inside.requests) == 1


def test_a_redirect_on_the_same_host_is_followed_a_few_times():
    def answer(connection: socket.socket, head: str) -> None:
        there = head.startswith("GET /new ")
        says(b"there" if there else b"", "200 OK" if there else "301 Moved", Location="/new")(connection, head)

    with host(answer) as inside, to(LOOPBACK).session() as session:
        assert session.request("GET", f"{inside.url}/old").body == b"there"
    again = says(b"", "302 Found", Location="/again")
    with host(again) as inside, to(LOOPBACK).session() as session, pytest.raises(Invalid) as refused:
        session.request("GET", f"{inside.url}/again")
    assert refused.value.code == "redirect_refused"


def test_a_redirect_of_a_post_is_not_followed():
    answer = says(b"", "307 Temporary Redirect", Location="/b")
    with host(answer) as inside, to(LOOPBACK).session() as session, pytest.raises(Invalid):
        session.request("POST", f"{inside.url}/a", content=b"x")


def test_an_answer_has_a_largest_size():
    answer, small = says(b"x" * 5000), Limits(most_bytes=4000)
    with host(answer) as inside, to(LOOPBACK).session() as session, pytest.raises(TooLarge):
        session.request("GET", inside.url, most_bytes=4000)
    with host(answer) as inside, to(LOOPBACK).session(small) as session, pytest.raises(TooLarge) as refused:
        session.request("GET", inside.url)
    assert refused.value.code == "answer_too_large"


def drip(connection: socket.socket, head: str, begin: bytes = b"") -> None:
    connection.sendall(begin)
    for _ in range(200):
        connection.sendall(b"x")
        time.sleep(0.02)


@pytest.mark.parametrize(
    "begin", [b"", b"HTTP/1.1 200 OK\r\nX-A: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"]
)
def test_a_host_that_sends_a_byte_now_and_then_is_left_in_time(begin):
    with host(lambda connection, head: drip(connection, head, begin)) as inside:
        started = time.monotonic()
        with to(LOOPBACK).session(Limits(most_s=0.3)) as session, pytest.raises(Unavailable) as slow:
            session.request("GET", inside.url)

    assert time.monotonic() - started < 2
    assert slow.value.code in ("host_too_slow", "host_unavailable")


def test_a_handshake_that_never_ends_is_left_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with to(LOOPBACK).session(Limits(most_s=0.3)) as session, pytest.raises(Unavailable) as slow:
            session.request("GET", f"https://127.0.0.1:{silent.getsockname()[1]}/")

    assert slow.value.code == "host_too_slow"
    assert time.monotonic() - started < 2


def test_what_is_no_http_or_compressed_or_closed_is_unavailable():
    answers = [lambda connection, head: connection.sendall(b"SSH-2.0-x\r\n"), says(b"x", Content_Encoding="gzip")]
    for answer in answers:
        with host(answer) as inside, to(LOOPBACK).session() as session, pytest.raises(Unavailable):
            session.request("GET", inside.url)
    with to(LOOPBACK).session() as session, pytest.raises(Unavailable) as closed:
        session.request("GET", "http://127.0.0.1:9/")
    assert closed.value.code == "host_unavailable"


def test_no_proxy_is_taken_from_the_environment(monkeypatch):
    with host(says(b"proxied")) as proxy, host(says(b"direct")) as inside:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        with to(LOOPBACK).session() as session:
            assert session.request("GET", inside.url).body == b"direct"

    assert proxy.requests == []


def test_the_system_knows_no_such_name():
    with pytest.raises(Invalid) as unknown:
        SystemNames().addresses("no-such-host.invalid", 443)
    assert unknown.value.code == "unknown_host"
    assert "127.0.0.1" in SystemNames().addresses("127.0.0.1", 443)
