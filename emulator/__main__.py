"""`python -m emulator routes` lists what a template serves; `… up` serves it."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from emulator.lock import DataInUse
from emulator.server import Emulator, Options, run
from emulator.template import TemplateError, load


def main(arguments: list[str] | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="emulator: %(message)s")
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # the sources report on the broker themselves
    try:
        if chosen.command == "routes":
            _print_routes(chosen)
        else:
            _up(chosen)
    except (TemplateError, DataInUse, OSError) as failed:
        sys.stderr.write(f"emulator: {failed}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="emulator", description=__doc__)
    parser.add_argument("--template", type=Path, default=Path("template.yaml"), metavar="FILE")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("routes", help="print method, path and handler of every route")
    up = commands.add_parser("up", help="serve the template until interrupted")
    up.add_argument("--port", type=int, default=8000)
    up.add_argument("--edge-port", type=int, default=4566)
    up.add_argument("--data", type=Path, default=Path(".coderev"))
    up.add_argument("--kafka", default="", metavar="HOST:PORT")
    up.add_argument("--strict", action="store_true", help="refuse what is not emulated, verify signatures")
    up.add_argument("--reload", action="store_true", help="serve changed code at once")
    return parser


def _parameters(chosen: argparse.Namespace) -> dict[str, str]:
    return dict(each.split("=", 1) for each in chosen.parameter if "=" in each)


def _print_routes(chosen: argparse.Namespace) -> None:
    template = load(chosen.template, _parameters(chosen))
    rest = [(each.path, each.method, each.function) for each in template.routes]
    http = [(template.http.served(each), each.method, each.function) for each in template.http.routes]
    for path, method, function in sorted(rest + http):
        handler = template.functions[function].handler
        sys.stdout.write(f"{method:7} {path:45} {handler}\n")


def _up(chosen: argparse.Namespace) -> None:
    options = Options(
        template=chosen.template,
        parameters=_parameters(chosen),
        port=chosen.port,
        edge_port=chosen.edge_port,
        data=chosen.data,
        kafka_bootstrap=chosen.kafka,
        strict=chosen.strict,
        reload=chosen.reload,
    )
    run(options, _announce)


def _announce(emulator: Emulator) -> None:
    ports = " ".join(f"{name}={port}" for name, port in emulator.ports.items())
    sys.stdout.write(f"ready {ports}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
