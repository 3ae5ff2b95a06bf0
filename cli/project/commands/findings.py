"""`coderev findings`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from cli.project.commands.options import AsJson, Project, Server

findings = typer.Typer(rich_markup_mode=None)
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Findings, as `coderev findings` lists them.")]


class Reason(StrEnum):
    """Why a finding may stay."""

    FALSE_POSITIVE = "false_positive"
    ACCEPTED = "accepted"
    WONT_FIX = "wont_fix"


@findings.callback(invoke_without_command=True)
def show_findings(
    context: typer.Context,
    state: Annotated[str | None, typer.Option(help="open, dismissed or fixed [open].")] = "open",
    severity: Annotated[str | None, typer.Option(metavar="LIST", help="Such as critical,high.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only of this rule.")] = None,
    path: Annotated[str | None, typer.Option(help="Only in this file.")] = None,
    as_json: AsJson = False,
    project: Project = None,
    server: Server = None,
) -> None:
    """List a project's findings, worst first, or change what is thought of them.

    Example: coderev findings --severity critical,high
    """
    if context.invoked_subcommand is None:
        from cli.project import findings as action
        from cli.project.place import place

        with place(server, project) as here:
            action.show(here, as_json=as_json, state=state, severity=severity, rule=rule, path=path)


@findings.command("show")
def show_finding(
    finding_id: Annotated[str, typer.Argument(metavar="ID")],
    as_json: AsJson = False,
    project: Project = None,
    server: Server = None,
) -> None:
    """Show one finding and all that happened to it.

    Example: coderev findings show 0192f0c1-0000-7000-8000-000000000001
    """
    from cli.project import findings as action
    from cli.project.place import place

    with place(server, project) as here:
        action.explain(here, finding_id, as_json=as_json)


@findings.command("dismiss")
def dismiss_findings(
    finding_ids: Ids,
    reason: Annotated[Reason, typer.Option(help="Why it may stay.")],
    comment: Annotated[str, typer.Option(help="For those who read it later.")],
    expires: Annotated[str | None, typer.Option(metavar="DATE", help="Until when, such as 2030-12-31.")] = None,
    project: Project = None,
    server: Server = None,
) -> None:
    """Say why findings may stay: they are not told again, even when the code moves.

    Example: coderev findings dismiss ID --reason accepted --comment "only in tests"
    """
    from cli.project import findings as action
    from cli.project.place import place

    until = f"{expires}T00:00:00Z" if expires and "T" not in expires else expires
    body = {"action": "dismiss", "reason": reason.value, "comment": comment, **({"expires_at": until} if until else {})}
    with place(server, project) as here:
        action.act(here, finding_ids, body)


@findings.command("reopen")
def reopen_findings(
    finding_ids: Ids,
    comment: Annotated[str, typer.Option(help="For those who read it later.")],
    project: Project = None,
    server: Server = None,
) -> None:
    """Take a dismissal back.

    Example: coderev findings reopen ID --comment "it is used in production now"
    """
    from cli.project import findings as action
    from cli.project.place import place

    with place(server, project) as here:
        action.act(here, finding_ids, {"action": "reopen", "comment": comment})
