"""Deliveries: a task for each event and each endpoint that is told of it."""

from collections.abc import Sequence
from dataclasses import replace

from windrow.engine import endpoints
from windrow.engine.engine import Engine
from windrow.engine.send import send
from windrow.engine.submit import accepted, drafted, identity
from windrow.errors import KeyReused
from windrow.model.endpoint import Endpoint
from windrow.model.event import Event, source_of, trial, without_result
from windrow.model.ids import new_id
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.model.system import WEBHOOK
from windrow.model.terms import Terms

# What begins the keys of deliveries: no caller's key may begin so (api/idempotency.py).
KEYS = "webhook/"


def deliver(engine: Engine, addressed: Sequence[tuple[Endpoint, Event]]) -> list[Task]:
    """Have each event delivered to its endpoint, by a task that is there once however often this
    is called with the same. Their hints go out together at the end, or with the next sweep.
    """
    tasks = []
    unsent = []
    for endpoint, event in addressed:
        submission = _submitted(engine, endpoint, event)
        if submission is None:
            continue
        task, is_new = submission
        tasks.append(task)
        if is_new:
            unsent.append(task)
    for pool in dict.fromkeys(task.pool for task in unsent):
        send(engine, pool, [task.ref for task in unsent if task.pool == pool])
    return tasks


def try_out(engine: Engine, tenant: str, endpoint: str) -> Task:
    """Send an endpoint an event that says nothing. Raises NoEndpoint, WebhooksOff."""
    found = endpoints.read(engine, tenant, endpoint)
    now = engine.clock.now()
    number = new_id(now, engine.random.getrandbits(80))
    source = source_of(engine.outgoing.deployment, tenant)
    (task,) = deliver(engine, [(found, trial(endpoint, number, source=source, now=now))])
    return task


def _submitted(engine: Engine, endpoint: Endpoint, event: Event) -> tuple[Task, bool] | None:
    """The task of a delivery, and whether it is new. None where its name is another task's, which
    no caller can bring about: it must not stop the stream for a day.
    """
    params = {"endpoint": endpoint.id, "event": without_result(event)}
    key = f"{KEYS}{endpoint.id}/{event['id']}"
    tenant = endpoint.tenant
    task_id = identity(engine, tenant, key)
    definition = engine.registry.get(WEBHOOK)
    checked = definition.checked(params)
    wanted = drafted(engine, definition, checked, Ref(tenant, task_id), Terms())
    wanted = replace(wanted, trace=event.get("traceparent"))
    try:
        # Nobody need look where the key leads: no delivery has a unique key, so none met another's.
        submission = accepted(engine, wanted, key, params, met={})
    except KeyReused as error:
        engine.telemetry.warning("webhook.unsent", error=error, tenant=tenant, endpoint=endpoint.id)
        return None
    return submission.task, submission.is_new
