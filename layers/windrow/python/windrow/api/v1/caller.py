"""Who calls: for the parameter of a route, `def list_tasks(tenant: Tenant) -> Response`."""

from typing import Annotated

from fastapi import Depends, Request

from windrow.model.tenant import tenant_of


def _tenant(request: Request) -> str:
    # Mangum passes the event of API Gateway on; a server that is none has no authorizer either.
    event = request.scope.get("aws.event") or {}
    return tenant_of(event.get("requestContext") or {})


Tenant = Annotated[str, Depends(_tenant)]
