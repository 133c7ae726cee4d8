"""Who calls: for the parameter of a route, `def list_tasks(tenant: Tenant) -> Response`.

A route that concerns all tenants has `dependencies=[Operator]`.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Request

from windrow.api.v1.problems import Refusal
from windrow.model.problem import Problem
from windrow.model.tenant import ADMIN, is_operator, tenant_of

UNLIMITED = timedelta(days=1)
NO_OPERATOR = Problem(
    status=403,
    kind="no-operator",
    title="This concerns all tenants",
    detail=f"The authorizer must grant the scope {ADMIN}.",
)


def _tenant(request: Request) -> str:
    return tenant_of(_context(request))


def _operator(request: Request) -> None:
    if not is_operator(_context(request)):
        raise Refusal(NO_OPERATOR)


def _context(request: Request) -> Mapping[str, Any]:
    # Mangum passes the event of API Gateway on; a server that is none has no authorizer either.
    event = request.scope.get("aws.event") or {}
    context: Mapping[str, Any] = event.get("requestContext") or {}
    return context


def _time_left(request: Request) -> timedelta:
    """Until the platform ends this request; a server that is no Lambda has none."""
    context = request.scope.get("aws.context")
    if context is None:
        return UNLIMITED
    return timedelta(milliseconds=context.get_remaining_time_in_millis())


Tenant = Annotated[str, Depends(_tenant)]
Operator = Depends(_operator)
# For a route that may take long: `def submit_batch(left: TimeLeft) -> Response`.
TimeLeft = Annotated[timedelta, Depends(_time_left)]
