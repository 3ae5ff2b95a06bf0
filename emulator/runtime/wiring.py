"""How an emulator's options become those of its runtime, and what watches its code."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from emulator.options import Options
from emulator.runtime.options import RuntimeOptions
from emulator.runtime.runtime import Runtime
from emulator.template import Template


def runtime_of(options: Options, template: Template, given: RuntimeOptions) -> Runtime:
    """Return the runtime of an emulator: functions in processes, or in threads of this one."""
    if not options.inside:
        return Runtime(template.functions, given)
    from emulator.runtime.inside import Threads

    return Runtime(template.functions, given, Threads(template.functions, given))


async def watch(
    options: Options,
    runtime: Runtime,
    template: Template,
    *,
    read: Callable[[], Template],
    parts: contextlib.AsyncExitStack,
) -> None:
    """Follow changes of code and template until `parts` are closed, if the options ask for it.

    Args:
        read: Reads the template again; may raise TemplateError.
    """
    if not options.reload:
        return
    from emulator.runtime.reload import Reload, Source

    source = Source(options.template, read, (options.data,))
    reload = Reload(source, template, runtime, answer_errors=options.reload_errors == "answer")
    await reload.start()
    parts.push_async_callback(reload.stop)
