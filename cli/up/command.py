"""`coderev up` and its options; what it does is imported when it is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.errors import UserError

_DEBUG_PORT = 5678


def up(  # noqa: PLR0913 - an argument for each option
    template: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Any SAM template of Python functions [the platform's own].")
    ] = None,
    domain: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Serve only this domain; repeatable.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port of the API [8000, or a free one].")] = None,
    edge_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of the Lambda API [4566, or a free one].")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for all data [.coderev, beside a template of yours].")
    ] = None,
    param: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Value of a template's parameter; repeatable.")
    ] = None,
    env_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Lines NAME=value for the template's parameters.")
    ] = None,
    kafka: Annotated[str, typer.Option(metavar="HOST:PORT", help="The broker of the template's Kafka events.")] = "",
    reload: Annotated[
        bool | None, typer.Option("--reload/--no-reload", help="Serve changed code at once [for a template of yours].")
    ] = None,
    debug: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FUNCTION[=PORT]", help="Let a debugger attach [5678]: one process, no timeout; repeatable."
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse what is not emulated; verify signatures.")] = False,
    secrets: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Values of {{resolve:…}} [secrets.yaml in the data folder].")
    ] = None,
    review: Annotated[Path | None, typer.Option(metavar="PATH", help="Review this once the platform runs.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Stop after the review.")] = False,
) -> None:
    """Run the platform, or the functions of any SAM template, on this machine until Ctrl-C.

    The platform: services for which the environment (or .env) has no URL are started too; their data stays in the
    data folder. A template of yours: its functions only, with every source of events and the console.

    Example: coderev up --review . --once

    Example: coderev up --template path/template.yaml --param Table=orders --debug hello
    """
    from cli import environment
    from cli.up.options import UpOptions

    if once and review is None:
        raise UserError("--once needs --review PATH.")
    own = environment.ROOT / "template.yaml"
    generic = template is not None and not domain and template.resolve() != own
    _check(generic, template=template, review=review, param=param, env_file=env_file, kafka=kafka)
    if not generic:
        environment.load_dotenv(environment.ROOT / ".env")
    options = UpOptions(
        template=template or own,
        data=data or _data(template if generic else None),
        domains=tuple(domain or ()),
        port=port,
        edge_port=edge_port,
        host=environment.variable("CODEREV_HOST") or "127.0.0.1",
        review=review,
        once=once,
        **_of_functions(generic, reload, param=param, env_file=env_file, debug=debug),
        strict=strict,
        secrets=secrets,
        kafka=kafka,
    )
    raise typer.Exit(_run(options, generic))


def _run(options: Any, generic: bool) -> int:
    if generic:
        from cli.emulated.serve import up as serve

        return serve(options)
    from cli.up.run import up as run

    return run(options)


def _check(generic: bool, *, template: Path | None, **given: Any) -> None:
    """Refuse options that mean nothing here."""
    if generic and not (template and template.is_file()):
        raise UserError(f"There is no template {template}.")
    if generic and given["review"] is not None:
        raise UserError("--review needs the platform: leave --template out.")
    for name in ("param", "env_file", "kafka"):
        if given[name] and not generic:
            option = name.replace("_", "-")
            raise UserError(
                f"--{option} is for a template of yours; the platform takes its settings from the environment."
            )


def _of_functions(generic: bool, reload: bool | None, **given: Any) -> dict[str, Any]:
    """Options of `UpOptions` about the functions that are served."""
    return {
        "reload": generic if reload is None else reload,
        "debug": _debugged(given["debug"] or []),
        "parameters": _pairs(given["param"] or []),
        "variables": _file(given["env_file"]),
    }


def _data(template: Path | None) -> Path:
    from cli import environment

    if template is None or environment.variable("CODEREV_DATA"):
        return environment.data_dir()
    return template.resolve().parent / ".coderev"


def _pairs(given: list[str]) -> dict[str, str]:
    wrong = [each for each in given if "=" not in each]
    if wrong:
        raise UserError(f"--param {wrong[0]} is not of the form NAME=VALUE.")
    return dict(each.split("=", 1) for each in given)


def _file(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    from dotenv import dotenv_values

    if not path.is_file():
        raise UserError(f"There is no file {path}.")
    return {name: value for name, value in dotenv_values(path).items() if value is not None}


def _debugged(given: list[str]) -> dict[str, int]:
    """Give each function a port, those without one the usual one and those after it."""
    found: dict[str, int] = {}
    for each in given:
        name, _, text = each.partition("=")
        if text and not (text.isdecimal() and 0 < int(text) < 65536):
            raise UserError(f"--debug {each} names no port.")
        found[name] = int(text) if text else _DEBUG_PORT + len(found)
    return found
