"""Remove: let an ended task go before its time, with all that belongs to it.

First its record expires, under its fence: from then on it is gone for those who ask, as if TTL were
late, and nobody can let it begin again. Then its rows and its objects are deleted, the record last.
Whoever is cut off leaves a record that has expired, and the next one goes on from there; so does
TTL, though it knows nothing of the rest.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from windrow.engine import endpoints
from windrow.engine.engine import Engine
from windrow.engine.specs import callback_id
from windrow.engine.system import SYSTEM
from windrow.errors import Fenced
from windrow.model.delivery import DEADLINE
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.model.system import is_system
from windrow.store.removal import Removal, shelves

# For so long after its end a task answers whoever submits its key again, whatever is asked.
KEY_KEPT = timedelta(hours=24)


def is_removable(engine: Engine, task: Task, before: datetime) -> bool:
    """May a task go that ended before an instant? Not while anything may have to ask for it.

    A key that it came with, or that met it by its unique key, must lead to it for a day. A child is
    needed by its parent, for as long as that is there; a group or a chain by its callback; and
    whatever endpoints are told of by their deliveries, which add the result when they are sent.
    """
    now = engine.clock.now()
    if not task.state.is_over or task.ended is None:
        return False
    if task.has_expired(now):
        return True
    last = min(before, now - KEY_KEPT) if _has_key(task) else before
    if task.ended >= last or _is_needed(engine, task):
        return False
    return task.ended + DEADLINE <= now or not _is_told(engine, task)


def remove(
    engine: Engine, task: Task, until: datetime, *, others: Iterable[str] = ()
) -> bool | None:
    """Delete an ended task, its groups, chunks, steps and objects, and the objects below `others`.

    True when all of it is gone; False when time is up before, and then another call goes on. None
    when the task has moved on since it was read: it began again, and is left as it is. Its unique
    key is no part of it: the lock stays as long as it would have. What was counted of it stays
    counted, and it leaves the counts of how many tasks there are, as when TTL deletes it.
    Raises ServiceError.
    """
    condemned = _condemned(engine, task)
    if condemned is None:
        return None
    removal = Removal(engine.records, engine.bucket)
    for row in removal.rows(condemned):
        if engine.clock.now() >= until:
            return False
        removal.delete_row(row)
    for prefix in (*shelves(task.ref), *others):
        for key in removal.objects(prefix):
            if engine.clock.now() >= until:
                return False
            removal.delete_object(key)
    removal.delete_record(condemned)
    engine.telemetry.event("task.removed", **task.ref.ids, task_name=task.name)
    return True


def will_remove(engine: Engine, tenant: str, before: datetime) -> None:
    """Note, before the first of them goes, that tasks which ended before then may be missing.

    A rebuild of the rollups leaves alone what it could only recompute from them.
    """
    Removal(engine.records, engine.bucket).mark(tenant, before)


def _condemned(engine: Engine, task: Task) -> Task | None:
    """The task as it is expired now, by another owner: whoever read it before writes no more."""
    now = engine.clock.now().replace(microsecond=0)
    owner = f"{engine.random.getrandbits(64):016x}"
    after = replace(task, owner=owner, expires=min(task.expires or now, now))
    try:
        return engine.records.write(task, after)
    except Fenced:
        return None


def _has_key(task: Task) -> bool:
    return task.said is not None or task.unique is not None


def _is_needed(engine: Engine, task: Task) -> bool:
    parent = task.parent_ref
    if parent is not None and _is_there(engine, parent):
        return True
    if task.name not in SYSTEM:
        return False
    callback = engine.records.task(Ref(task.ref.tenant, callback_id(task)))
    return callback is not None and not callback.state.is_over


def _is_told(engine: Engine, task: Task) -> bool:
    """May there be a delivery of its end? By the endpoints as they are now, not as they were."""
    if is_system(task.name):
        return False
    return task.webhook is not None or any(
        endpoint.wants(task) for endpoint in endpoints.store(engine).of(task.ref.tenant)
    )


def _is_there(engine: Engine, ref: Ref) -> bool:
    found = engine.records.task(ref)
    return found is not None and not found.has_expired(engine.clock.now())
