"""Reads a plain SAM template: the one source of functions, routes, sources and limits."""

from emulator.template.errors import TemplateError
from emulator.template.model import AsyncRules, Function, Template, function_arn, function_name
from emulator.template.reader import load
from emulator.template.rest_model import Api, ApiRoute, Authorizer, Cors, GatewayResponse
from emulator.template.source_model import KafkaMapping, S3Mapping, ScheduleRule

__all__ = [
    "Api",
    "ApiRoute",
    "AsyncRules",
    "Authorizer",
    "Cors",
    "Function",
    "GatewayResponse",
    "KafkaMapping",
    "S3Mapping",
    "ScheduleRule",
    "Template",
    "TemplateError",
    "function_arn",
    "function_name",
    "load",
]
