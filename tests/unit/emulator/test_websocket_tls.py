"""The certificate under which functions reach their WebSocket API."""

from __future__ import annotations

import os
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from emulator.websocket.tls import Certificate

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Certificate(tmp_path / "tls").context(NOW)
    os.utime(tmp_path / "tls" / "local.pem", (NOW.timestamp(), NOW.timestamp()))
    return tmp_path / "tls"


def made(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / "local.pem").read_bytes())


def test_it_names_this_machine_and_is_trusted_beside_the_public_ones(folder):
    names = made(folder).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    trusted = ssl.create_default_context(cafile=folder / "bundle.pem")

    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert trusted.cert_store_stats()["x509_ca"] > 50


def test_its_key_is_for_nobody_else(folder):
    assert stat.S_IMODE((folder / "local.pem").stat().st_mode) == 0o600


def test_it_is_kept_until_it_is_about_to_end(folder):
    first = made(folder).serial_number

    Certificate(folder).context(NOW + timedelta(days=380))
    assert made(folder).serial_number == first
    Certificate(folder).context(NOW + timedelta(days=391))
    assert made(folder).serial_number != first


def test_a_broken_one_is_made_anew(folder):
    (folder / "local.pem").write_text("broken")

    assert Certificate(folder).context(NOW) is not None
    assert made(folder).not_valid_after_utc > NOW
