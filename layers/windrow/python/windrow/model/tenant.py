"""Whose a request is: what API Gateway's authorizer says, and never the request itself."""

from collections.abc import Mapping
from typing import Any

from windrow.errors import UnknownTenant
from windrow.model.ref import DEFAULT_TENANT, NAME


def tenant_of(request_context: Mapping[str, Any]) -> str:
    """The tenant that `requestContext` of an event names (payload format 2.0).

    A Lambda authorizer names it in its context, a JWT one in a claim, each as `tenant`. Without an
    authorizer, and with IAM, which knows no tenants, it is the default one. What is no name of a
    tenant raises UnknownTenant: nobody is let in as somebody else.
    """
    authorizer = request_context.get("authorizer") or {}
    claims = (authorizer.get("jwt") or {}).get("claims") or {}
    said = (authorizer.get("lambda") or {}).get("tenant", claims.get("tenant"))
    if said is None:
        return DEFAULT_TENANT
    if not isinstance(said, str) or not NAME.fullmatch(said):
        raise UnknownTenant
    return said
