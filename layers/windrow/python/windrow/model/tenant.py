"""Who calls, and what for: what API Gateway's authorizer says, and never the request itself."""

from collections.abc import Mapping
from typing import Any

from windrow.errors import UnknownTenant
from windrow.model.ref import DEFAULT_TENANT, NAME

ADMIN = "admin"


def tenant_of(request_context: Mapping[str, Any]) -> str:
    """The tenant that `requestContext` of an event names (payload format 2.0).

    A Lambda authorizer names it in its context, a JWT one in a claim, each as `tenant`. Without an
    authorizer, and with IAM, which knows no tenants, it is the default one. An authorizer that
    names none, or what is no name of a tenant, raises UnknownTenant: nobody is let in as another.
    """
    if not _has_tenants(request_context):
        return DEFAULT_TENANT
    said = _said(request_context, "tenant")
    if not isinstance(said, str) or not NAME.fullmatch(said):
        raise UnknownTenant
    return said


def is_operator(request_context: Mapping[str, Any]) -> bool:
    """May this caller see and order what concerns all tenants, as pools do?

    IAM, or nobody, guards the whole deployment, so whoever comes through may. A tenant needs the
    scope `admin` from the authorizer. Raises UnknownTenant, as `tenant_of` does.
    """
    if not _has_tenants(request_context):
        return True
    tenant_of(request_context)
    jwt = (request_context.get("authorizer") or {}).get("jwt") or {}
    scopes = [_said(request_context, name) for name in ("scopes", "scope")]
    granted = [word for text in scopes if isinstance(text, str) for word in text.split()]
    return ADMIN in granted or ADMIN in (jwt.get("scopes") or [])


def _has_tenants(request_context: Mapping[str, Any]) -> bool:
    """Does an authorizer guard this deployment that tells tenants apart?"""
    authorizer = request_context.get("authorizer") or {}
    return "lambda" in authorizer or "jwt" in authorizer


def _said(request_context: Mapping[str, Any], name: str) -> Any:
    """What a Lambda authorizer's context says, or a JWT's claim."""
    authorizer = request_context.get("authorizer") or {}
    claims = (authorizer.get("jwt") or {}).get("claims") or {}
    return (authorizer.get("lambda") or {}).get(name, claims.get(name))
