"""Commands with commands of their own: the clock, faults, events."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from cli.emulated.options import AsJson, EdgePort

clock = typer.Typer(rich_markup_mode=None)
faults = typer.Typer(rich_markup_mode=None)


class Fault(StrEnum):
    """What may happen to an invocation."""

    THROTTLE = "throttle"
    TIMEOUT = "timeout"
    ERROR = "error"
    DELAY = "delay"


class SourceFault(StrEnum):
    """What may happen to a Kafka mapping."""

    DUPLICATE = "duplicate"
    REORDER = "reorder"
    LATE = "late"
    POISON = "poison"
    LOSE_BROKER = "lose-broker"


@clock.callback(invoke_without_command=True)
def show_clock(context: typer.Context, as_json: AsJson = False, edge_port: EdgePort = None) -> None:
    """Show the emulator's clock, or let time pass.

    Example: coderev clock advance 3m
    """
    if context.invoked_subcommand is None:
        from cli.emulated import clock as action
        from cli.emulated.place import Edge, edge_of

        raise typer.Exit(action.show(Edge(edge_of(edge_port)), as_json=as_json))


@clock.command()
def advance(
    by: Annotated[str, typer.Argument(metavar="DURATION", help="Such as 90s, 3m, 1h30m or 2d.")],
    as_json: AsJson = False,
    edge_port: EdgePort = None,
) -> None:
    """Let time pass at once: retries, schedules, caches and idle times fall due.

    Example: coderev clock advance 3m
    """
    from cli.emulated import clock as action
    from cli.emulated.place import Edge, edge_of

    raise typer.Exit(action.advance(Edge(edge_of(edge_port)), by, as_json=as_json))


@faults.callback(invoke_without_command=True)
def list_faults(context: typer.Context, as_json: AsJson = False, edge_port: EdgePort = None) -> None:
    """List the faults that were asked for, ask for more, or end them.

    Example: coderev faults set hello throttle --times 3
    """
    if context.invoked_subcommand is None:
        from cli.emulated import faults as action
        from cli.emulated.place import Edge, edge_of

        raise typer.Exit(action.listed(Edge(edge_of(edge_port)), as_json=as_json))


@faults.command("set")
def set_fault(
    function: Annotated[str, typer.Argument(metavar="FUNCTION", help="Name or ARN of the function.")],
    kind: Annotated[Fault, typer.Argument(help="What is to happen.")],
    times: Annotated[int | None, typer.Option(min=1, help="How often [until cleared].")] = None,
    delay: Annotated[str, typer.Option(metavar="DURATION", help="How long a delay takes.")] = "1s",
    error: Annotated[str | None, typer.Option(metavar="TYPE", help="The error's type.")] = None,
    edge_port: EdgePort = None,
) -> None:
    """Have a function throttled, time out, fail, or answer late.

    Example: coderev faults set hello delay --delay 10s --times 1
    """
    from cli.emulated import durations
    from cli.emulated import faults as action
    from cli.emulated.place import Edge, edge_of

    wanted = {"kind": kind.value, "times": times, "seconds": durations.seconds(delay), "error": error}
    raise typer.Exit(action.set_function(Edge(edge_of(edge_port)), function, wanted))


@faults.command("source")
def set_source(
    mapping: Annotated[str, typer.Argument(metavar="MAPPING", help="Name or UUID of the Kafka mapping.")],
    kind: Annotated[SourceFault, typer.Argument(help="What is to happen.")],
    batches: Annotated[int, typer.Option(min=1, help="How many batches come twice, or in another order.")] = 1,
    duration: Annotated[str, typer.Option(metavar="DURATION", help="How late, or how long the broker is lost.")] = "5s",
    edge_port: EdgePort = None,
) -> None:
    """Have a source deliver twice, in another order, late, something poisonous, or nothing at all.

    Example: coderev faults source orders duplicate --batches 2
    """
    from cli.emulated import durations
    from cli.emulated import faults as action
    from cli.emulated.place import Edge, edge_of

    wanted = {"kind": kind.value, "batches": batches, "seconds": durations.seconds(duration)}
    raise typer.Exit(action.set_source(Edge(edge_of(edge_port)), mapping, wanted))


@faults.command("clear")
def clear_faults(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only of this function or mapping.")] = None,
    edge_port: EdgePort = None,
) -> None:
    """End faults.

    Example: coderev faults clear
    """
    from cli.emulated import faults as action
    from cli.emulated.place import Edge, edge_of

    raise typer.Exit(action.clear(Edge(edge_of(edge_port)), name))
