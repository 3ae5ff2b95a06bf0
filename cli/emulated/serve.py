"""`coderev up --template FILE`: serves any SAM template of Python functions, without the platform's services."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cli import local
from cli.emulated.summary import lines
from cli.errors import CLEAN, UserError
from cli.up import listen, logs, secrets
from cli.up.listen import Listen
from cli.up.options import UpOptions
from cli.up.parameters import variable_of
from cli.up.start import say
from cli.up.stopping import Stopped, Stopping
from cli.up.wiring import asked

if TYPE_CHECKING:
    from emulator.server import Options


def up(options: UpOptions) -> int:
    """Serve until it is stopped; return the exit code.

    Raises:
        UserError: it could not start.
    """
    from emulator.lock import DataInUse
    from emulator.template.errors import TemplateError

    stopping = Stopping()
    try:
        return _run(options, stopping)
    except (TemplateError, DataInUse) as failed:
        raise UserError(str(failed)) from failed
    except OSError as refused:
        raise UserError(f"The emulator cannot start: {refused.strerror or refused}.") from refused
    except Stopped:
        return CLEAN


def _run(options: UpOptions, stopping: Stopping) -> int:
    from emulator.server import loop_factory

    other = local.running(options.data)
    if other is not None:
        raise UserError(f"Process {other.pid} already runs on {options.data}: stop it or choose --data.")
    ports = listen.choose(options, (), say)
    given = emulator_options(options, ports)
    ports.release()
    options.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    logs.configure(options.data)
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            return runner.run(_serve(options, given, stopping))
    finally:
        stopping.clean_up()
        local.withdraw(options.data)


def emulator_options(options: UpOptions, ports: Listen) -> Options:
    """Raises UserError for a parameter that the template does not have, TemplateError if it cannot be read."""
    from emulator.server import Options
    from emulator.template.document import read

    declared = read(options.template).get("Parameters") or {}
    kept = secrets.load(options.data)
    return Options(
        template=options.template,
        parameters=parameters(declared, options),
        host=options.host,
        port=ports.gateway,
        edge_port=ports.edge,
        data=options.data,
        kafka_bootstrap=options.kafka,
        token=kept.emulator_token,
        **asked(options, kept),
    )


def parameters(declared: Mapping[str, Any], options: UpOptions) -> dict[str, str]:
    """Pick the values of declared parameters: given, or a variable of that name, such as `TABLE_NAME` for `TableName`.

    Raises:
        UserError: one is given that is not declared.
    """
    unknown = [name for name in options.parameters if name not in declared]
    if unknown:
        raise UserError(f"{options.template} has no parameter {unknown[0]}, it has {', '.join(declared) or 'none'}.")
    variables = options.variables
    found = {name: variables.get(name, variables.get(_plain(name))) for name in declared}
    return {name: value for name, value in found.items() if value is not None} | options.parameters


def _plain(parameter: str) -> str:
    return variable_of(parameter).removeprefix("CODEREV_")


async def _serve(options: UpOptions, given: Options, stopping: Stopping) -> int:
    from emulator.server import Emulator

    stopping.listen(asyncio.get_running_loop())
    async with Emulator(given) as emulator:
        server = f"http://127.0.0.1:{emulator.ports['all']}"
        local.announce(options.data, server=server, edge_port=emulator.ports["edge"])
        print("\n".join(lines(emulator)), flush=True)
        sys.stdout.flush()
        await stopping.event.wait()
    return CLEAN
