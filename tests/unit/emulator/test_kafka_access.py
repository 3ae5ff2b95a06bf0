"""How `SourceAccessConfigurations` become settings of the client."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from emulator.sources.kafka_access import settings

LOGIN = {"username": "ada", "password": "p"}


@pytest.fixture(scope="module")
def certificate() -> dict[str, str]:
    """Return a certificate that signs itself, with its key, as a secret has them."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "b")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=9999))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {
        "certificate": built.public_bytes(serialization.Encoding.PEM).decode(),
        "privateKey": key.private_bytes(*plain).decode(),
    }


@pytest.mark.parametrize("access", [(), (("VPC_SUBNET", "subnet:1"), ("VPC_SECURITY_GROUP", "security_group:2"))])
def test_without_credentials_the_connection_is_plain(access):
    assert settings(access, {}.__getitem__) == {}


@pytest.mark.parametrize(
    ("kind", "mechanism"),
    [
        ("BASIC_AUTH", "PLAIN"),
        ("SASL_SCRAM_256_AUTH", "SCRAM-SHA-256"),
        ("SASL_SCRAM_512_AUTH", "SCRAM-SHA-512"),
    ],
)
def test_a_secret_gives_name_and_password_over_tls(kind, mechanism):
    found = settings([(kind, "arn:login")], {"arn:login": LOGIN}.__getitem__)

    assert (found["security_protocol"], found["sasl_mechanism"]) == ("SASL_SSL", mechanism)
    assert (found["sasl_plain_username"], found["sasl_plain_password"]) == ("ada", "p")
    assert found["ssl_context"].verify_mode is ssl.CERT_REQUIRED


def test_certificates_of_the_authority_and_of_the_client_are_used(certificate):
    access = [("CLIENT_CERTIFICATE_TLS_AUTH", "arn:client"), ("SERVER_ROOT_CA_CERTIFICATE", "arn:root")]
    found = settings(access, {"arn:client": certificate, "arn:root": certificate}.__getitem__)

    assert found["security_protocol"] == "SSL"
    assert [each["serialNumber"] for each in found["ssl_context"].get_ca_certs()] == ["01"]


def test_a_secret_without_a_password_is_an_error():
    with pytest.raises(KeyError):
        settings([("BASIC_AUTH", "arn:login")], {"arn:login": {"username": "ada"}}.__getitem__)
