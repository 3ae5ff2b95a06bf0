"""The commands and their options; what they do is imported when it is needed, so that `--help` is quick."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.emulated import commands, groups
from cli.emulated.events import events
from cli.errors import CLEAN, GATE_FAILED, UserError
from cli.project.commands import repository, settings, versions
from cli.project.commands.findings import findings
from cli.project.commands.graph import graph
from cli.up.command import up

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # the rich help takes a quarter of a second to load
    pretty_exceptions_enable=False,
    help="Run the platform or any functions, review code, look after both.",
)
ServerOption = Annotated[
    str | None, typer.Option("--server", metavar="URL", help="Address of the API [env: CODEREV_SERVER].")
]


class Form(StrEnum):
    """How findings are printed."""

    TABLE = "table"
    JSON = "json"
    SARIF = "sarif"


class Severity(StrEnum):
    """The one scale, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


app.command()(up)
app.command()(commands.invoke)
app.command()(commands.logs)
app.command()(commands.invocations)
app.command()(commands.replay)
app.command()(commands.policy)
app.add_typer(events, name="events")
app.add_typer(groups.clock, name="clock")
app.add_typer(groups.faults, name="faults")
app.add_typer(findings, name="findings")
app.command()(settings.gate)
app.command()(settings.baseline)
app.add_typer(settings.settings, name="settings")
app.command()(versions.versions)
app.command()(versions.diff)
app.command()(versions.download)
app.command()(versions.artifacts)
app.command("import")(versions.import_sarif)
app.add_typer(graph, name="graph")
app.add_typer(repository.repository, name="repository")
app.command()(repository.fetch)
app.command()(repository.cancel)


@app.command()
def review(  # noqa: PLR0913 - each is an option of the command
    path: Annotated[Path, typer.Argument(help="Folder or file to review.")] = Path("."),
    diff: Annotated[
        str | None, typer.Option(metavar="BASE..HEAD", help="Show only what HEAD adds to BASE (commits).")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How to print the findings.")] = Form.TABLE,
    fail_on: Annotated[
        Severity | None, typer.Option(help="Exit with 1 when a finding is as bad as this, or worse.")
    ] = None,
    project: Annotated[
        str | None, typer.Option(metavar="NAME", help="Project [the remote's or folder's name].")
    ] = None,
    gate: Annotated[bool, typer.Option("--gate", help="Exit with 1 when the quality gate does not pass.")] = False,
    show_all: Annotated[bool, typer.Option("--all", help="Show known findings too, not only new ones.")] = False,
    no_ai: Annotated[bool, typer.Option("--no-ai", help="Do not wait for the AI review.")] = False,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds that an analysis may take.")] = 900,
    server: ServerOption = None,
) -> None:
    """Review a folder: in a git checkout what git tracks or would track, elsewhere all files.

    Only new findings are shown with --diff, on a branch beside the main one, and once a baseline was set.

    Example: coderev review . --diff main..HEAD --gate
    """
    from cli import local, progress, show
    from cli.review import Request, run

    request = Request(
        path, local.server_of(server), project, diff, with_ai=not no_ai, timeout_s=timeout, with_known=show_all
    )
    with progress.shown(quiet=form is not Form.TABLE) as shown:
        outcome = run(request, shown)
    show.show(outcome, form, fail_on)
    failed = outcome.fails(fail_on) or (gate and not outcome.passes_gate)
    raise typer.Exit(GATE_FAILED if failed else CLEAN)


@app.command()
def login(
    email: Annotated[str | None, typer.Option(help="E-mail address [asked for].")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")] = False,
    setup_token: Annotated[
        str | None, typer.Option(metavar="TOKEN", help="Register as the first owner, with what `up` printed.")
    ] = None,
    server: ServerOption = None,
) -> None:
    """Log in and stay logged in for this user of this machine.

    Example: coderev login --email ada@example.com --password-stdin < password.txt
    """
    from cli import local
    from cli.login import log_in

    if email is None and (password_stdin or not sys.stdin.isatty()):
        raise UserError("Say --email ADDRESS where nobody can be asked for it.")
    address = email or typer.prompt("E-mail", err=True)
    secret = sys.stdin.readline().rstrip("\n") if password_stdin else _ask_password(new=setup_token is not None)
    session = log_in(local.server_of(server), address, secret, setup_token)
    print(f"Logged in as {session.email or address}{f', {session.organisation}' if session.organisation else ''}.")


def _ask_password(*, new: bool) -> str:
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=new, err=True))


@app.command()
def logout(server: ServerOption = None) -> None:
    """End the session of this user of this machine.

    Example: coderev logout
    """
    from cli import local
    from cli.login import log_out

    print("Logged out." if log_out(local.server_of(server)) else "Nobody was logged in.")


@app.command("open")
def open_page(server: ServerOption = None) -> None:
    """Open the page of the platform in the browser, and print its address.

    Example: coderev open
    """
    import webbrowser

    from cli import local
    from cli.up.edge import status_of

    address = local.server_of(server)
    page = next((path for path in ("/", "/docs") if status_of(address + path) == 200), None)
    if page is None:
        raise UserError(
            f"No platform answers at {address}: start it with `coderev up`, or name another one by --server."
        )
    print(address + page)
    webbrowser.open(address + page)


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
    ready: Annotated[bool, typer.Option("--ready", help="Print nothing; exit with 0 when it serves, else 1.")] = False,
    edge_port: Annotated[int | None, typer.Option(help="Port of the Lambda API [env: CODEREV_EDGE_PORT].")] = None,
    server: ServerOption = None,
) -> None:
    """Tell what runs and whether every domain can serve; exit with 1 when one cannot.

    Example: coderev status --json
    """
    from cli import status as state
    from cli.emulated.place import edge_of

    edge = edge_of(edge_port)
    code = state.ready(edge) if ready else state.show(server, edge, as_json=as_json)
    raise typer.Exit(code)


@app.command()
def migrate(
    url: Annotated[
        str | None, typer.Option(help="Database, as its owner [env: CODEREV_MIGRATION_DATABASE_URL].")
    ] = None,
) -> None:
    """Bring the seven schemas of a PostgreSQL to their newest revision, in one transaction.

    Example: coderev migrate --url postgresql://coderev_migrator@db.example.com/code_review_platform
    """
    from cli import environment
    from cli.up.schema import upgrade

    environment.load_dotenv(environment.ROOT / ".env")
    chosen = url or environment.variable("CODEREV_MIGRATION_DATABASE_URL") or environment.variable("DATABASE_URL")
    if chosen is None:
        raise UserError("Say --url, or set CODEREV_MIGRATION_DATABASE_URL.")
    changed = upgrade(chosen, print)
    print(f"{len(changed)} schemas migrated." if changed else "Everything is at its newest revision.")


def main() -> None:
    """Entry point: expected failures become one sentence on stderr and exit code 2."""
    try:
        app(prog_name="coderev")
    except UserError as failed:
        print(f"coderev: {failed}", file=sys.stderr)
        raise SystemExit(2) from failed
    except KeyboardInterrupt:
        print(file=sys.stderr)
        raise SystemExit(130) from None
