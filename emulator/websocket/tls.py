"""A certificate of this machine's own.

Functions reach `@connections` under `https://DOMAIN/STAGE`, with the domain out of their event, so this address has
to speak TLS, and their AWS clients have to trust it: that is what `AWS_CA_BUNDLE` names the bundle for.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.x509 import ExtensionType

_DAYS = 397
_RENEWED = timedelta(days=7)


class Certificate:
    """A key and a self-signed certificate in a folder, made when they are first needed."""

    def __init__(self, folder: Path) -> None:
        self._file, self.bundle = folder / "local.pem", folder / "bundle.pem"

    def context(self, now: datetime) -> ssl.SSLContext:
        """Return what a server needs; make a new certificate if the last one is missing, broken or about to end.

        Raises:
            OSError: the folder cannot be written.
        """
        if not self._lasting(now):
            self._make(now)
        return self._loaded()

    def _loaded(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._file)
        return context

    def _lasting(self, now: datetime) -> bool:
        if not self._file.exists() or not self.bundle.exists():
            return False
        made = datetime.fromtimestamp(self._file.stat().st_mtime, UTC)
        try:
            self._loaded()
        except (OSError, ssl.SSLError):
            return False
        return now < made + timedelta(days=_DAYS) - _RENEWED

    def _make(self, now: datetime) -> None:
        key, certificate = _pair(now)
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file.touch(mode=0o600)
        self._file.write_bytes(key + certificate)
        self.bundle.write_bytes(_public_authorities() + certificate)


def _public_authorities() -> bytes:
    import certifi

    return Path(certifi.where()).read_bytes()


def _pair(now: datetime) -> tuple[bytes, bytes]:
    """Return a private key and its certificate for the names of this machine."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "coderev on this machine")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=_DAYS))
    for extension, critical in _extensions(key.public_key()):
        builder = builder.add_extension(extension, critical=critical)
    kind = serialization.Encoding.PEM
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(kind)
    plain = serialization.NoEncryption()
    return key.private_bytes(kind, serialization.PrivateFormat.PKCS8, plain), certificate


def _extensions(key: EllipticCurvePublicKey) -> list[tuple[ExtensionType, bool]]:
    """Return what strict clients want of a certificate that is its own authority; true for what they must understand."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    names = [x509.DNSName("localhost"), *(x509.IPAddress(ip_address(each)) for each in ("127.0.0.1", "::1"))]
    identifier = x509.SubjectKeyIdentifier.from_public_key(key)
    return [
        (x509.SubjectAlternativeName(names), False),
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (x509.KeyUsage(True, False, False, False, False, True, True, False, False), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (identifier, False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False),
    ]
