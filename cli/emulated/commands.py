"""Commands about single functions and invocations; what they do is imported when it is needed."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.emulated.options import AsJson, EdgePort, Event
from cli.errors import UserError

FunctionName = Annotated[str, typer.Argument(metavar="FUNCTION", help="Name or ARN of the function.")]
Filter = Annotated[str | None, typer.Argument(metavar="[FUNCTION]", help="Only of this function.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")]


def invoke(
    function: FunctionName,
    event: Event = None,
    saved: Annotated[str | None, typer.Option(metavar="NAME", help="An event that was saved for the function.")] = None,
    later: Annotated[bool, typer.Option("--async", help="Invoke asynchronously; print the request id.")] = False,
    tail: Annotated[bool, typer.Option("--tail", help="Print the log to stderr.")] = False,
    as_json: AsJson = False,
    edge_port: EdgePort = None,
) -> None:
    """Invoke a function and print its answer; exit with 1 when it failed.

    Example: coderev invoke hello --event '{"name": "ada"}' --tail
    """
    from cli.emulated import invoke as action
    from cli.emulated.documents import event_of
    from cli.emulated.place import Edge, edge_of

    if event is not None and saved is not None:
        raise UserError("Say either --event or --saved.")
    edge = edge_of(edge_port)
    document = event_of(event) if event is not None else {}
    if saved is not None:
        document = Edge(edge).get(f"/functions/{function}/events/{saved}")["event"]
    raise typer.Exit(action.run(edge, function, document, later=later, tail=tail, as_json=as_json))


def logs(
    function: Filter = None,
    follow: Follow = False,
    since: Annotated[str | None, typer.Option(metavar="DURATION", help="Only what is younger, such as 5m.")] = None,
    as_json: AsJson = False,
    edge_port: EdgePort = None,
) -> None:
    """Print what functions log.

    Example: coderev logs hello -f --since 5m
    """
    from cli.emulated import durations
    from cli.emulated import logs as action
    from cli.emulated.place import Edge, edge_of

    since_s = None if since is None else durations.seconds(since)
    raise typer.Exit(action.run(Edge(edge_of(edge_port)), function, follows=follow, since_s=since_s, as_json=as_json))


def invocations(
    function: Filter = None,
    follow: Follow = False,
    errors: Annotated[bool, typer.Option("--errors", help="Only those that failed.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many, at most.")] = 20,
    request: Annotated[str | None, typer.Option("--id", metavar="ID", help="All about this one.")] = None,
    as_json: AsJson = False,
    edge_port: EdgePort = None,
) -> None:
    """List invocations, newest first, or show one with its event, answer and log.

    Example: coderev invocations --errors --json
    """
    from cli.emulated import invocations as action
    from cli.emulated.place import Edge, edge_of

    edge = Edge(edge_of(edge_port))
    if request is not None:
        code = action.shown(edge, request, as_json=as_json)
    elif follow:
        code = action.followed(edge, function, errors=errors, as_json=as_json)
    else:
        code = action.listed(edge, function, errors=errors, limit=limit, as_json=as_json)
    raise typer.Exit(code)


def replay(
    request: Annotated[str, typer.Argument(metavar="ID", help="Request id, as `coderev invocations` prints it.")],
    event: Event = None,
    function: Annotated[str | None, typer.Option(metavar="NAME", help="Send it to this function instead.")] = None,
    authorizer: Annotated[
        str | None, typer.Option(metavar="FILE|-|JSON", help="Who calls: the authorizer's context of an HTTP event.")
    ] = None,
    later: Annotated[bool, typer.Option("--async", help="Invoke asynchronously; print the request id.")] = False,
    as_json: AsJson = False,
    edge_port: EdgePort = None,
) -> None:
    """Send the event of an invocation again, as it was or edited; exit with 1 when the function failed.

    What an edited event hides as *** is put back from the original.

    Example: coderev replay 6f1c… --authorizer '{"principalId": "eve"}'
    """
    from cli.emulated.documents import event_of
    from cli.emulated.invocations import replayed
    from cli.emulated.place import Edge, edge_of

    body = {
        "mode": "Event" if later else "RequestResponse",
        **({"event": event_of(event)} if event is not None else {}),
        **({"function": function} if function is not None else {}),
        **({"authorizer": event_of(authorizer)} if authorizer is not None else {}),
    }
    raise typer.Exit(replayed(Edge(edge_of(edge_port)), request, body, as_json=as_json))


def policy(function: FunctionName, as_json: AsJson = False, edge_port: EdgePort = None) -> None:
    """Print the least-privilege policy for the AWS calls that a function was seen to make.

    Example: coderev policy hello > policy.json
    """
    from cli.emulated.paint import json_line, json_whole
    from cli.emulated.place import Edge, edge_of

    told = Edge(edge_of(edge_port)).get(f"/functions/{function}/policy")
    if as_json:
        json_line(told)
    else:
        json_whole(told["policy"])
