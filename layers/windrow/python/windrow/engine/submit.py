"""Submit: write the task, then send its hint."""

from dataclasses import dataclass
from typing import Any

from windrow.engine.definition import Definition, MapDefinition
from windrow.engine.engine import Engine
from windrow.engine.modes import check_accepting
from windrow.engine.send import send
from windrow.errors import InvalidParams, KeyReused
from windrow.model.ids import derived_id, new_id
from windrow.model.payload import params_text
from windrow.model.records import HINT_GRACE, Task
from windrow.model.ref import DEFAULT_TENANT, Ref
from windrow.model.states import Phase
from windrow.telemetry.metrics import Metric


@dataclass(frozen=True, slots=True)
class Submission:
    """The task that answers a submission, and whether this submission made it."""

    task: Task
    is_new: bool


def submit(
    engine: Engine,
    name: str,
    params: dict[str, Any] | None = None,
    *,
    tenant: str = DEFAULT_TENANT,
    key: str | None = None,
) -> Submission:
    """Accept a task: durable when this returns.

    With `key` the task's id is derived from it, so that whoever submits the same key meets the same
    task. A task with a unique key that is live already is answered by that one.
    A hint that cannot be sent is no error: the sweeper sends it within two minutes.
    Raises UnknownTask, InvalidParams, TooLarge, KeyReused, Draining for a pool that accepts nothing
    for now, and ConfigurationError for one without a queue; then nothing is written.
    """
    definition = engine.registry.get(name)
    engine.queue.url(definition.pool)
    check_accepting(engine, definition.pool)
    wanted = _task(engine, definition, definition.checked(params or {}), tenant, key)
    task = engine.tasks.begin(wanted)
    is_new = task is wanted
    if key and (task.name, task.params) != (wanted.name, wanted.params):
        raise KeyReused(key, name)
    if is_new:
        send(engine, task.pool, [task.ref])
        engine.telemetry.count(Metric.TASKS_SUBMITTED)
    engine.telemetry.event(
        "task.submitted" if is_new else "task.met", task=task.ref.task, task_name=task.name
    )
    return Submission(task, is_new)


def _task(
    engine: Engine, definition: Definition, params: dict[str, Any], tenant: str, key: str | None
) -> Task:
    now = engine.clock.now()
    identity = derived_id(tenant, key) if key else new_id(now, engine.random.getrandbits(80))
    return Task(
        ref=Ref(tenant, identity),
        # Tells this submission from another of the same key in the same millisecond.
        owner=f"{engine.random.getrandbits(64):016x}",
        name=definition.name,
        pool=definition.pool,
        priority=definition.priority,
        params=_stored(definition, params),
        unique=definition.unique_key(params),
        phase=Phase.PLAN if isinstance(definition, MapDefinition) else None,
        created=now,
        queued=now,
        not_before=now,
        due=now + HINT_GRACE,
        deadline=now + definition.deadline,
    )


def _stored(definition: Definition, params: dict[str, Any]) -> str:
    try:
        return params_text(params)
    except ValueError as error:
        raise InvalidParams(definition.name, {"params": "must be text in UTF-8"}) from error
