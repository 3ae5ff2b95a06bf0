"""Joins the template, the running services and the generated secrets into the emulator's options."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli import environment
from cli.emulated import signed
from cli.errors import UserError
from cli.up import parameters
from cli.up.options import UpOptions
from cli.up.secrets import Secrets
from cli.up.start import Start

if TYPE_CHECKING:
    from emulator.server import Options

_DOCS = environment.ROOT / "docs"
_ASSETS = Path("static", "drf_spectacular_sidecar", "swagger-ui-dist")


def domains_of(options: UpOptions) -> tuple[str, ...]:
    """The domains that the template has, as far as they are wanted.

    Raises:
        UserError: one is wanted that it does not have; TemplateError: it cannot be read.
    """
    tags = ((each.get("Properties") or {}).get("Tags") for each in _document(options)["Resources"].values())
    found = dict.fromkeys(str(tag["domain"]) for tag in tags if isinstance(tag, dict) and "domain" in tag)
    unknown = [name for name in options.domains if name not in found]
    if unknown:
        raise UserError(f"{options.template} has no domain {unknown[0]!r}, it has {', '.join(found) or 'none'}.")
    return tuple(name for name in found if not options.domains or name in options.domains)


def _document(options: UpOptions) -> dict[str, Any]:
    from emulator.template.document import read

    return read(options.template)


def emulator_options(start: Start, settings: Mapping[str, str]) -> Options:
    """Args: settings: the URLs and keys of the services."""
    from emulator.server import Options, S3Access

    declared = _document(start.options).get("Parameters") or {}
    endpoint, access_key, secret_key = (settings.get(name, "") for name in _S3)
    return Options(
        template=start.options.template,
        parameters=parameters.values(declared, settings, start.secrets, environment.variable),
        domains=start.options.domains,
        host=start.options.host,
        port=start.ports.gateway,
        domain_ports=start.ports.domains,
        edge_port=start.ports.edge,
        data=start.options.data,
        kafka_bootstrap=settings.get("KAFKA_BOOTSTRAP_SERVERS", ""),
        celery_broker=_broker(settings),
        s3=S3Access(endpoint, access_key, secret_key, listed=environment.variable("S3_ENDPOINT") is not None),
        static=pages(),
        token=start.secrets.emulator_token,
        **asked(start.options, start.secrets),
    )


def asked(options: UpOptions, secrets: Secrets) -> dict[str, Any]:
    """Options of the emulator that come from the command line as they are."""
    return {
        "reload": options.reload,
        "debug": options.debug,
        "strict": options.strict,
        "secrets": options.secrets,
        "access_keys": {signed.ACCESS_KEY: signed.secret_of(secrets.emulator_token)},
    }


def _broker(settings: Mapping[str, str]) -> str:
    """Return the database of jobs beside the functions' own, if Redis is a service that runs here."""
    own = "" if environment.variable("REDIS_URL") else settings.get("REDIS_URL", "")
    return f"{own.removesuffix('/0')}/1" if own else ""


_S3 = ("S3_ENDPOINT", "S3_ACCESS_KEY", "S3_SECRET_KEY")


def pages() -> dict[str, Path]:
    """What the gateway serves as files: the OpenAPI document and its page, as far as they are installed."""
    spec = importlib.util.find_spec("drf_spectacular_sidecar")
    assets = [Path(place) / _ASSETS for place in spec.submodule_search_locations or []] if spec else []
    wanted = {"/openapi.json": _DOCS / "openapi.json", "/docs": _DOCS / "api", "/docs/assets": next(iter(assets), None)}
    return {prefix: path for prefix, path in wanted.items() if path is not None and path.exists()}
