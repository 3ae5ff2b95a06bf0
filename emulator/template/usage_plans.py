"""API keys and usage plans: those that a template declares, and those that SAM adds for `Auth.UsagePlan`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from emulator.template.apis import method_throttles, throttle
from emulator.template.errors import TemplateError
from emulator.template.marks import at
from emulator.template.rest_model import Api, ApiKey, MethodThrottle, PlanStage, Quota, Usage, UsagePlan

T = TypeVar("T")
Properties = Mapping[str, Any]
KEY, PLAN, PLAN_KEY = (f"AWS::ApiGateway::{kind}" for kind in ("ApiKey", "UsagePlan", "UsagePlanKey"))
KINDS = (KEY, PLAN, PLAN_KEY)
_CREATED = ("NONE", "PER_API", "SHARED")


def read(apis: Mapping[str, Api], resources: Mapping[str, Any], resolve: Callable[[Any], Any]) -> Usage:
    """Return all keys and plans.

    Args:
        apis: Those that have routes.
        resources: Those whose condition holds, with intrinsics that `resolve` replaces.

    Raises:
        TemplateError: a plan or key that is named does not exist, or a limit makes no sense.
    """

    def declared(kind: str, make: Callable[[str, Properties], T]) -> dict[str, T]:
        found = {}
        for name, resource in resources.items():
            if resource["Type"] == kind:
                with at(resources, name):
                    found[name] = make(name, resolve(stages_named(resource.get("Properties") or {}, apis)))
        return found

    keys = declared(KEY, _key)
    plans = declared(PLAN, lambda name, given: _plan(name, given, apis))
    members: dict[str, list[str]] = {name: [] for name in plans}
    for prefix, plan in _created(apis):
        own = ApiKey(f"{prefix}ApiKey", f"{prefix}ApiKey")
        keys[own.id], plans[f"{prefix}UsagePlan"], members[f"{prefix}UsagePlan"] = own, plan, [own.id]
    for name, given in declared(PLAN_KEY, lambda _name, given: given).items():
        _join(name, given, keys, members)
    return Usage(keys, tuple(_with_keys(plan, members[name]) for name, plan in plans.items()))


def _join(name: str, given: Properties, keys: Mapping[str, ApiKey], members: Mapping[str, list[str]]) -> None:
    plan, key = str(given.get("UsagePlanId")), str(given.get("KeyId"))
    if plan not in members or key not in keys:
        raise TemplateError(f"{name}: the key {key} or the usage plan {plan} is not declared")
    members[plan].append(key)


def stages_named(value: Any, apis: Mapping[str, Api]) -> Any:
    """Replace what SAM lets a template write for the stage that it makes: `!Ref Api.Stage`, `!Ref ApiProdStage`."""
    if isinstance(value, list):
        return [stages_named(each, apis) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        for api in apis.values():
            if value["Ref"] in (f"{api.name}.Stage", f"{api.name}{api.stage}Stage"):
                return api.stage
        return value["Ref"] if value["Ref"] == "ServerlessRestApi" else value
    return {name: stages_named(each, apis) for name, each in value.items()}


def _key(logical_id: str, given: Properties) -> ApiKey:
    value = given.get("Value")
    if value is not None and not 20 <= len(str(value)) <= 128:
        raise TemplateError(f"{logical_id}: an API key has 20 to 128 characters")
    name = str(given.get("Name", logical_id))
    return ApiKey(logical_id, name, None if value is None else str(value), str(given.get("Enabled")).lower() == "true")


def _plan(logical_id: str, given: Properties, apis: Mapping[str, Api]) -> UsagePlan:
    stages = []
    for each in given.get("ApiStages") or []:
        api, stage = str(each.get("ApiId")), str(each.get("Stage"))
        if api not in apis or apis[api].stage != stage:
            raise TemplateError(f"{logical_id}: the API {api} has no stage {stage}")
        stages.append(PlanStage(api, stage, _throttles(each.get("Throttle") or {})))
    return _limited(str(given.get("UsagePlanName", logical_id)), tuple(stages), given, place=logical_id)


def _throttles(given: Properties) -> tuple[MethodThrottle, ...]:
    """Read limits of methods, named `/path/METHOD`."""
    settings: list[Properties] = [
        {
            "ResourcePath": place.rpartition("/")[0] or "/",
            "HttpMethod": place.rpartition("/")[2],
            "ThrottlingRateLimit": limits.get("RateLimit"),
            "ThrottlingBurstLimit": limits.get("BurstLimit"),
        }
        for place, limits in given.items()
    ]
    return method_throttles(settings)


def _limited(name: str, stages: tuple[PlanStage, ...], given: Properties, *, place: str) -> UsagePlan:
    limits, quota = given.get("Throttle") or {}, given.get("Quota") or {}
    if quota and quota.get("Period") not in ("DAY", "WEEK", "MONTH"):
        raise TemplateError(f"{place}: a quota's Period is DAY, WEEK or MONTH, not {quota.get('Period')}")
    return UsagePlan(
        name=name,
        stages=stages,
        throttle=throttle(limits.get("RateLimit"), limits.get("BurstLimit")),
        quota=Quota(int(quota["Limit"]), quota["Period"], int(quota.get("Offset", 0))) if "Limit" in quota else None,
    )


def _created(apis: Mapping[str, Api]) -> Iterator[tuple[str, UsagePlan]]:
    """Yield the plans of `Auth.UsagePlan`, with what the ids begin with that SAM gives them and their one key."""
    shared: list[tuple[Api, Properties]] = []
    for name, api in apis.items():
        given = api.plan
        wanted = given.get("CreateUsagePlan")
        if given and wanted not in _CREATED:
            raise TemplateError(f"{name}: CreateUsagePlan is one of {', '.join(_CREATED)}, not {wanted}")
        if wanted == "PER_API":
            yield name, _sam_plan(name, [(api, given)])
        elif wanted == "SHARED":
            shared.append((api, given))
    if shared:
        yield "Serverless", _sam_plan("Serverless", shared)


def _sam_plan(prefix: str, members: list[tuple[Api, Properties]]) -> UsagePlan:
    stages = tuple(PlanStage(api.name, api.stage) for api, _ in members)
    given = {name: value for _, each in members for name, value in each.items() if value}
    return _limited(str(given.get("UsagePlanName", f"{prefix}UsagePlan")), stages, given, place=prefix)


def _with_keys(plan: UsagePlan, keys: list[str]) -> UsagePlan:
    return UsagePlan(plan.name, plan.stages, tuple(keys), plan.throttle, plan.quota)
