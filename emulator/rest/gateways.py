"""The REST gateways of one emulator: a front a port, over the same keys and limits."""

from __future__ import annotations

from typing import Any

from emulator.aws.signatures import Verify, present
from emulator.options import Options
from emulator.rest.front import Front, Invoke
from emulator.rest.usage import Meter
from emulator.runtime import Runtime
from emulator.template import ApiRoute, Template
from emulator.web.statics import Statics


class Gateways:
    """Makes fronts. `verify` finds out who signed a request of a route with `AWS_IAM`."""

    def __init__(self, template: Template, options: Options, runtime: Runtime, verify: Verify = present) -> None:
        self._template, self._options, self._verify = template, options, verify
        self._invoke: Invoke = runtime.invoke
        self._file = options.data / "emulator" / "api-keys.json"
        self._meter = Meter(template.usage, self._file)

    def front(self, routes: tuple[ApiRoute, ...]) -> Front:
        options = self._options
        return Front(
            routes,
            self._template.apis,
            invoke=self._invoke,
            meter=self._meter,
            verify=self._verify,
            clock=options.clock,
            statics=Statics(options.static),
            integration_s=options.integration_s,
        )

    def status(self) -> dict[str, Any]:
        """Describe the API keys without their values; those that were made up are in a file of the owner's."""
        keys = [
            {
                "id": key.id,
                "name": key.name,
                "enabled": key.enabled,
                "kept_in": str(self._file) if key.id in self._meter.made_up else None,
            }
            for key in self._meter.keys.values()
        ]
        return {"api_keys": keys} if keys else {}
