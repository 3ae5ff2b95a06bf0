"""Logs, metrics and traces of one process.

Powertools' Logger and Metrics write lines that CloudWatch, Loki and the emulator read; OpenTelemetry
carries traces, sent before the answer because a frozen function sends nothing afterwards. Nothing here
logs a body, a token or a header.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from kernel.settings import Settings

_propagator = TraceContextTextMapPropagator()
_flush: list[Callable[[], object]] = []


class Log:
    """Powertools' Logger with keyword extras: `log.info("phrase", key=value)`."""

    def __init__(self) -> None:
        self.logger = Logger(service="coderev", level="INFO", log_uncaught_exceptions=False)

    def info(self, phrase: str, **extra: object) -> None:
        self.logger.info(phrase, extra=extra)

    def warning(self, phrase: str, **extra: object) -> None:
        self.logger.warning(phrase, extra=extra)

    def error(self, phrase: str, **extra: object) -> None:
        self.logger.error(phrase, extra=extra)

    def exception(self, phrase: str, **extra: object) -> None:
        self.logger.exception(phrase, extra=extra)


log = Log()


def configure(service: str, settings: Settings) -> None:
    """Name this process's domain and, if an OTLP endpoint is set, start sending traces there."""
    log.logger = Logger(service=service, level=settings.log_level, log_uncaught_exceptions=False)
    if settings.otlp_endpoint and not _flush:
        _flush.append(_export_traces(service, settings.otlp_endpoint))


def _export_traces(service: str, endpoint: str) -> Callable[[], object]:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": f"coderev-{service}"}))
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=2)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return lambda: provider.force_flush(2_000)


@contextmanager
def span(name: str, *, correlation_id: str, parent: str | None = None, **attributes: str) -> Iterator[None]:
    """One traced piece of work; every log line inside carries `correlation_id`."""
    context = _propagator.extract({"traceparent": parent}) if parent else None
    log.logger.append_keys(correlation_id=correlation_id, **attributes)
    try:
        with trace.get_tracer("coderev").start_as_current_span(name, context=context, attributes=attributes):
            yield
    finally:
        log.logger.remove_keys(["correlation_id", *attributes])


def traceparent() -> str | None:
    """The current span as a W3C `traceparent`, to travel with an event or a call."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def measured(operation: str, outcome: Callable[[], str]) -> Iterator[None]:
    """Count one operation and its milliseconds by outcome (the RED metrics), and flush what is due."""
    started = time.perf_counter()
    try:
        yield
    finally:
        _emit(operation, outcome(), (time.perf_counter() - started) * 1000)
        for flush in _flush:
            flush()


def _emit(operation: str, outcome: str, duration_ms: float) -> None:
    metrics = EphemeralMetrics(namespace="coderev", service=log.logger.service)
    metrics.add_dimension("operation", operation)
    metrics.add_dimension("outcome", outcome)
    metrics.add_metric("Requests", MetricUnit.Count, 1)
    metrics.add_metric("Duration", MetricUnit.Milliseconds, duration_ms)
    metrics.flush_metrics()


def event_handler(name: str, handle: Callable[[Mapping[str, Any]], Any]) -> Callable[[Mapping[str, Any], Any], Any]:
    """Wrap a Lambda handler of events: measured, and its uncaught failure logged once and raised."""

    def observed(event: Mapping[str, Any], context: Any) -> Any:
        outcome = ["failed"]
        with measured(name, lambda: outcome[0]):
            try:
                answer = handle(event)
            except Exception:
                log.exception("handler failed", handler=name)
                raise
            outcome[0] = "ok"
            return answer

    return observed
