"""What can go wrong with an embedded service, each with a sentence for the person at the terminal."""

from __future__ import annotations


class ServiceError(Exception):
    """Base of the expected failures; the text is meant to be shown as it is."""


class ServiceMissing(ServiceError):
    """No build of the service exists for this platform or environment."""

    def __init__(self, service: str, setting: str, *, reason: str = "its package is not installed") -> None:
        super().__init__(f"The embedded {service} cannot run here ({reason}): set {setting} to one of your own.")


class AlreadyRunning(ServiceError):
    """Another process holds the data folder."""


class StartFailed(ServiceError):
    """A service did not become ready."""


class NotReady(Exception):
    """The service does not answer yet."""
