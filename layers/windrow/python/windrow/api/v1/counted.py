"""Requests counted towards the quota of their tenant: one each, or as many as they have tasks.

The door counts each request before a route sees it. A route that accepts several tasks has them
counted, before it stores any: `def submit(count: Counting)`, and `count(engine, tasks)`.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import Depends, Request
from starlette.types import Scope

from windrow.api.v1.problems import Refusal
from windrow.aws.errors import ServiceError
from windrow.engine.engine import Engine
from windrow.errors import UnknownTenant
from windrow.model.allowance import Allowance
from windrow.model.problem import exceeded
from windrow.model.tenant import tenant_of

# Where a request keeps what was said last of its tenant's quota.
ALLOWANCE = "windrow.allowance"


def counted(engine: Engine, scope: Scope, count: int = 1) -> Allowance | None:
    """Count a request `count` times. Who cannot be counted is let through: a quota guards no
    secret.
    """
    context = (scope.get("aws.event") or {}).get("requestContext") or {}
    try:
        tenant = tenant_of(context)
        allowance = engine.quota.take(tenant, count)
    except UnknownTenant:
        return None
    except ServiceError as error:
        engine.telemetry.warning("request.uncounted", error=error)
        return None
    if allowance and not allowance.is_allowed:
        engine.telemetry.event("request.limited", tenant=tenant, path=scope["path"])
    return allowance


def _count(request: Request, engine: Engine, tasks: int) -> None:
    """Count a request as so many as it has tasks. Raises Refusal where the quota is used up."""
    known: dict[str, Allowance] = request.scope[ALLOWANCE]
    rule = engine.quota.rule
    # The door has counted one, and a request never needs more than a whole quota.
    more = 0 if rule is None else min(tasks, rule.quota) - 1
    allowance = counted(engine, request.scope, more) if more > 0 else None
    if allowance is None:
        return
    known["last"] = allowance
    if not allowance.is_allowed:
        # The next try is counted anew, the request itself included.
        raise Refusal(exceeded(replace(allowance, count=more + 1)))


def _counting(request: Request) -> Callable[[Engine, int], None]:
    return partial(_count, request)


Counting = Annotated[Callable[[Engine, int], None], Depends(_counting)]
