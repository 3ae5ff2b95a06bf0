"""`SQS` events: mappings of a queue to a function.

AWS: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-sqs.html
"""

from __future__ import annotations

from typing import Any

from emulator.patterns import BadPattern, Pattern
from emulator.template.errors import TemplateError
from emulator.template.events import Event, Events
from emulator.template.sqs_model import SqsMapping

_READ = {
    "BatchSize", "Enabled", "EventSourceArn", "FilterCriteria", "FunctionName", "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds", "Queue", "ScalingConfig",
}  # fmt: skip
_MOST, _MOST_WITHOUT_WINDOW, _MOST_WINDOW_S = 10_000, 10, 300
_CONCURRENCY = range(2, 1001)


def add(event: Event, events: Events) -> None:
    """Add a mapping, unless it is disabled.

    Raises:
        TemplateError: a number is out of its range, or a filter is no pattern.
    """
    events.warn_of_others(event, _READ)
    mapping = _mapping(event)
    _check(mapping)
    if str(event.given.get("Enabled", True)).lower() != "false":
        events.sqs.append(mapping)


def _mapping(event: Event) -> SqsMapping:
    given = event.given
    concurrency = (given.get("ScalingConfig") or {}).get("MaximumConcurrency")
    return SqsMapping(
        name=event.place,
        function=event.function.name,
        queue=str(given.get("EventSourceArn") or given["Queue"]),
        batch_size=int(given.get("BatchSize", _MOST_WITHOUT_WINDOW)),
        window_s=int(given.get("MaximumBatchingWindowInSeconds", 0)),
        partial="ReportBatchItemFailures" in (given.get("FunctionResponseTypes") or ()),
        concurrency=None if concurrency is None else int(concurrency),
        filters=tuple(_filter(event.place, each) for each in (given.get("FilterCriteria") or {}).get("Filters") or ()),
    )


def _filter(place: str, given: Any) -> str:
    try:
        Pattern(given["Pattern"])
    except BadPattern as wrong:
        raise TemplateError(f"{place}: Invalid filter pattern definition. {wrong}") from wrong
    return str(given["Pattern"])


def _check(mapping: SqsMapping) -> None:
    most = _MOST_WITHOUT_WINDOW if mapping.fifo else _MOST
    if not 1 <= mapping.batch_size <= most:
        raise TemplateError(f"{mapping.name}: BatchSize is {mapping.batch_size}, allowed are 1 to {most}")
    if not 0 <= mapping.window_s <= (0 if mapping.fifo else _MOST_WINDOW_S):
        raise TemplateError(
            f"{mapping.name}: MaximumBatchingWindowInSeconds is {mapping.window_s}, that is not allowed"
        )
    if mapping.batch_size > _MOST_WITHOUT_WINDOW and mapping.window_s == 0:
        raise TemplateError(
            f"{mapping.name}: Maximum batch window in seconds must be greater than 0 if maximum batch size is greater"
            f" than {_MOST_WITHOUT_WINDOW}"
        )
    if mapping.concurrency is not None and mapping.concurrency not in _CONCURRENCY:
        raise TemplateError(f"{mapping.name}: MaximumConcurrency is {mapping.concurrency}, allowed are 2 to 1000")
