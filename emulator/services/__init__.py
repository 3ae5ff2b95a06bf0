"""The services that `coderev up` starts when no URL is given."""

from emulator.services.errors import AlreadyRunning, ServiceError, ServiceMissing, StartFailed
from emulator.services.keeper import State, Status
from emulator.services.objects import Notify
from emulator.services.plans import Options
from emulator.services.running import Services, start

__all__ = [
    "AlreadyRunning",
    "Notify",
    "Options",
    "ServiceError",
    "ServiceMissing",
    "Services",
    "StartFailed",
    "State",
    "Status",
    "start",
]
