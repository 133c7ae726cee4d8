"""Who calls, and what for: what API Gateway's authorizer says, and never the request itself."""

from collections.abc import Mapping
from typing import Any

from windrow.errors import UnknownTenant
from windrow.model.ref import DEFAULT_TENANT, NAME

ADMIN = "admin"


def tenant_of(request_context: Mapping[str, Any]) -> str:
    """The tenant that `requestContext` of an event names (payload format 2.0).

    A Lambda authorizer names it in its context, a JWT one in a claim, each as `tenant`. Without an
    authorizer, and with IAM, which knows no tenants, it is the default one. What is no name of a
    tenant raises UnknownTenant: nobody is let in as somebody else.
    """
    said = _said(request_context, "tenant")
    if said is None:
        return DEFAULT_TENANT
    if not isinstance(said, str) or not NAME.fullmatch(said):
        raise UnknownTenant
    return said


def is_operator(request_context: Mapping[str, Any]) -> bool:
    """May this caller see and order what concerns all tenants, as pools do?

    Whoever comes without a tenant may: IAM, or nobody, guards the whole deployment. A tenant needs
    the scope `admin` from the authorizer.
    """
    if _said(request_context, "tenant") is None:
        return True
    jwt = (request_context.get("authorizer") or {}).get("jwt") or {}
    scopes = [_said(request_context, name) for name in ("scopes", "scope")]
    granted = [word for text in scopes if isinstance(text, str) for word in text.split()]
    return ADMIN in granted or ADMIN in (jwt.get("scopes") or [])


def _said(request_context: Mapping[str, Any], name: str) -> Any:
    """What a Lambda authorizer's context says, or a JWT's claim."""
    authorizer = request_context.get("authorizer") or {}
    claims = (authorizer.get("jwt") or {}).get("claims") or {}
    return (authorizer.get("lambda") or {}).get(name, claims.get(name))
