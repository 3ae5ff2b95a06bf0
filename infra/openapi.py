"""`python -m infra.openapi [--check]`: write, or compare, the OpenAPI document of all seven domains."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from importlib.metadata import version
from pathlib import Path

from infra.postgres.migrate import DOMAINS
from kernel import openapi
from kernel.http import Application
from kernel.settings import Settings

DOCUMENT = Path(__file__).parents[1] / "docs" / "openapi.json"
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


def applications() -> list[Application]:
    """The seven apps as the functions build them; nothing connects until a route is called."""
    settings = Settings(database_url=NOWHERE, redis_url="redis://127.0.0.1:1", jwt_secret_key="0" * 32)
    return [_application(domain, settings) for domain in DOMAINS]


def _application(domain: str, settings: Settings) -> Application:
    bootstrap = importlib.import_module(f"functions.{domain}.bootstrap")
    routes = importlib.import_module(f"functions.{domain}.routes")
    app = routes.build(bootstrap.connect(settings))
    assert isinstance(app, Application), f"{domain} builds an application"
    return app


def text() -> str:
    document = openapi.document(applications(), title="coderev", version=version("coderev"))
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.openapi", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="exit with 1 if the checked-in document is not the present one"
    )
    if not parser.parse_args().check:
        DOCUMENT.write_text(text())
        return 0
    if DOCUMENT.exists() and DOCUMENT.read_text() == text():
        return 0
    sys.stderr.write("docs/openapi.json is not what the routes say: run make openapi\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
