"""Use cases: one function each, in the order a user meets them."""

from __future__ import annotations

from dataclasses import dataclass, field

from functions.provider.endpoints import Endpoint
from functions.provider.model import Provider, ProviderCreated, ProviderKind, Route, base_url_of
from functions.provider.ports import Deps, Work
from kernel.errors import Conflict, Invalid, NotFound, Unavailable
from kernel.identity import Caller


@dataclass(frozen=True, slots=True)
class Proposal:
    """A provider as somebody proposes it; `is_default` of None means: if it is the first."""

    name: str
    kind: ProviderKind
    base_url: str
    model: str
    is_default: bool | None
    api_key: str | None = field(default=None, repr=False)


def admitted_url(deps: Deps, kind: ProviderKind, given: str | None) -> str:
    """The base URL that may be stored. Asks the name service: call it before a unit of work.

    Raises:
        Invalid: it leads where tenants may not send us, or to no host at all.
    """
    endpoint = deps.reach.parse(base_url_of(kind, given))
    try:
        deps.reach.admit(endpoint, deps.names.addresses(endpoint.host, endpoint.port))
    except NotFound as unknown:
        raise Invalid("the host is unknown", code="host_unknown", host=endpoint.host) from unknown
    return endpoint.url


def create(deps: Deps, work: Work, proposal: Proposal) -> Provider:
    """Store a provider with its key sealed. Raises Conflict if the name is taken."""
    provider = _provider(deps, work, proposal)
    if provider.is_default:
        work.providers.demote_default()
    work.providers.add(provider)
    work.events.add(ProviderCreated(provider))
    work.audit.add("provider.create", provider.id, name=provider.name, kind=provider.kind, default=provider.is_default)
    return provider


def _provider(deps: Deps, work: Work, proposal: Proposal) -> Provider:
    id, org_id, key = deps.new_id(), work.caller.organisation, proposal.api_key
    first = work.providers.default() is None
    return Provider(
        id=id,
        org_id=org_id,
        name=proposal.name,
        kind=proposal.kind,
        base_url=proposal.base_url,
        model=proposal.model,
        is_default=first if proposal.is_default is None else proposal.is_default,
        created_by=work.caller.user_id,
        created_at=work.now,
        sealed_key=deps.seal.close(key, org_id=org_id, provider_id=id) if key else None,
    )


def resolve(deps: Deps, caller: Caller) -> Route:
    """Where this organisation's model calls go now.

    Raises:
        Forbidden: the caller is not a function of the platform.
        NotFound: nobody has configured a provider, and no model is embedded.
        Invalid, Conflict: the organisation's provider cannot be used; `code` says why.
    """
    deps.permissions.require(caller, "provider.resolve")
    with deps.work(caller) as work:
        chosen = work.providers.default()
    if chosen is not None:
        return _route(deps, chosen)
    if deps.fallback is None:
        raise NotFound("no model provider is configured", code="no_provider")
    return deps.fallback


def _route(deps: Deps, provider: Provider) -> Route:
    endpoint = deps.reach.parse(provider.base_url)
    address = deps.reach.admit(endpoint, _addresses(deps, endpoint))
    sealed = provider.sealed_key
    key = deps.seal.open(sealed, org_id=provider.org_id, provider_id=provider.id) if sealed else None
    return Route(
        provider_id=provider.id,
        name=provider.name,
        kind=provider.kind,
        base_url=provider.base_url,
        address=address,
        model=provider.model,
        api_key=key,
    )


def _addresses(deps: Deps, endpoint: Endpoint) -> list[str]:
    """A name that cannot be resolved is the provider's trouble, not a reason to try this call again for ever."""
    try:
        return list(deps.names.addresses(endpoint.host, endpoint.port))
    except (NotFound, Unavailable) as gone:
        raise Conflict("the provider's host cannot be resolved", code="provider_unreachable") from gone
