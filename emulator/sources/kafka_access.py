"""How a broker wants to be spoken to: what `SourceAccessConfigurations` say, as settings of the client
(docs.aws.amazon.com/lambda/latest/dg/kafka-cluster-auth.html)."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Secret = Callable[[str], Mapping[str, str]]
"""Returns the fields of a secret by its ARN; raises whatever went wrong."""
_MECHANISMS = {
    "BASIC_AUTH": "PLAIN",
    "SASL_SCRAM_256_AUTH": "SCRAM-SHA-256",
    "SASL_SCRAM_512_AUTH": "SCRAM-SHA-512",
}
_CERTIFICATE, _AUTHORITY = "CLIENT_CERTIFICATE_TLS_AUTH", "SERVER_ROOT_CA_CERTIFICATE"


def settings(access: Iterable[tuple[str, str]], secret: Secret) -> dict[str, Any]:
    """Return the client's settings. Without a kind that authenticates the connection is plain; networks do not matter.

    Raises:
        KeyError: a secret has no user name, password or certificate; and what `secret` raises.
    """
    kinds = dict(access)
    mechanism = next((kind for kind in kinds if kind in _MECHANISMS), None)
    if mechanism is None and not {_CERTIFICATE, _AUTHORITY} & kinds.keys():
        return {}
    found: dict[str, Any] = {"security_protocol": "SSL", "ssl_context": _context(kinds, secret)}
    if mechanism is not None:
        login = secret(kinds[mechanism])
        found |= {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": _MECHANISMS[mechanism],
            "sasl_plain_username": login["username"],
            "sasl_plain_password": login["password"],
        }
    return found


def _context(kinds: Mapping[str, str], secret: Secret) -> ssl.SSLContext:
    authority = secret(kinds[_AUTHORITY])["certificate"] if _AUTHORITY in kinds else None
    context = ssl.create_default_context(cadata=authority)
    if _CERTIFICATE in kinds:
        _present(context, secret(kinds[_CERTIFICATE]))
    return context


def _present(context: ssl.SSLContext, given: Mapping[str, str]) -> None:
    """Let a context present a certificate; the key touches the disk in a file that only we can read."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(f"{given['certificate']}\n{given['privateKey']}\n")
        file.flush()
        context.load_cert_chain(file.name, password=given.get("privateKeyPassword"))
