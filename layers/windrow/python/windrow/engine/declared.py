"""Declared: the schedules that `@task(schedule=...)` names, made as the code of a deployment says.

Nobody has to be told of a deployment: a tick sees that the code declares something else than what
was made last, within five minutes, and a command or the launcher may ask for it at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from windrow.engine.engine import Engine
from windrow.engine.look import look
from windrow.engine.planned import fingerprint
from windrow.engine.schedules import change, create, read, remove, standing
from windrow.engine.sync import sync
from windrow.errors import NoSchedule, WindrowError
from windrow.model.ref import DEFAULT_TENANT, ScheduleRef
from windrow.model.schedule import SAID, Schedule
from windrow.store.timers import name


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The ids of the declared schedules that were made, changed and removed; of strays, the names
    that EventBridge had for them.
    """

    made: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    strays: tuple[str, ...] = ()


def tick(engine: Engine) -> int:
    """Look at every schedule that nobody has looked at in time; returns how many these were.

    Fires that did not come are made up for here, AWS is told of what it could not be told, and what
    the code of this deployment declares is made so.
    """
    refs = engine.schedules.due(engine.clock.now())
    for ref in refs:
        try:
            look(engine, ref, is_ahead=True)
            sync(engine, ref)
        # A record that cannot be read stands in nobody's way either.
        except (WindrowError, ValueError, KeyError) as error:
            engine.telemetry.warning("schedule.failed", error=error, **ref.ids)
    if engine.schedules.known_code() != code(engine):
        reconcile(engine)
    engine.telemetry.event("schedules.ticked", overdue=len(refs))
    return len(refs)


def reconcile(engine: Engine) -> Reconciled:
    """Make the declared schedules what the code says; a second time changes nothing.

    One that is paused stays so. What the code names no longer is removed. An id under which
    somebody has made another schedule by hand is left to him, and warned of.
    """
    made, changed, refused = [], [], []
    wanted = dict(_declared(engine))
    for schedule_id, (task, schedule) in wanted.items():
        ref = ScheduleRef(DEFAULT_TENANT, schedule_id)
        try:
            if _is_made(engine, ref, task, schedule):
                made.append(schedule_id)
            elif _is_changed(engine, ref, task, schedule):
                changed.append(schedule_id)
        except WindrowError as error:
            if error.retryable:
                raise
            engine.telemetry.warning("schedule.failed", error=error, **ref.ids)
            refused.append(schedule_id)
    removed = [seen.ref.id for seen in standing(engine, DEFAULT_TENANT) if seen.is_declared]
    removed = [each for each in removed if each not in wanted]
    for schedule_id in removed:
        remove(engine, ScheduleRef(DEFAULT_TENANT, schedule_id), is_declared=True)
    engine.schedules.know_code(code(engine))
    engine.telemetry.event(
        "schedules.reconciled", made=made, changed=changed, removed=removed, refused=refused
    )
    return Reconciled(tuple(made), tuple(changed), tuple(removed), tuple(refused))


def sync_all(engine: Engine, tenant: str) -> tuple[str, ...]:
    """Tell EventBridge of every schedule of a tenant; the names of strays, which are removed."""
    wanted = {name(seen.ref) for seen in standing(engine, tenant)}
    for seen in list(standing(engine, tenant)):
        sync(engine, seen.ref)
    return tuple(engine.timers.remove_strays(tenant, wanted))


def code(engine: Engine) -> str:
    """A fingerprint of all that the code declares."""
    said = sorted(
        f"{schedule_id} {fingerprint(task, schedule)}"
        for schedule_id, (task, schedule) in _declared(engine)
    )
    return sha256("\n".join(said).encode()).hexdigest()[:32]


def _declared(engine: Engine) -> Iterator[tuple[str, tuple[str, Schedule]]]:
    for definition in engine.registry:
        for schedule_id, schedule in definition.schedules:
            yield schedule_id, (definition.name, schedule)


def _is_made(engine: Engine, ref: ScheduleRef, task: str, schedule: Schedule) -> bool:
    try:
        read(engine, ref)
    except NoSchedule:
        named = schedule.called(ref.id)
        create(engine, task, named, tenant=ref.tenant, is_declared=True)
        return True
    return False


def _is_changed(engine: Engine, ref: ScheduleRef, task: str, schedule: Schedule) -> bool:
    named = schedule.called(ref.id)
    seen = read(engine, ref)
    if not seen.is_declared:
        # Raises ScheduleExists: it is somebody's own.
        create(engine, task, named, tenant=ref.tenant, is_declared=True)
    if seen.said == fingerprint(task, named):
        return False
    changes = {name: getattr(named, name) for name in SAID}
    change(engine, ref, changes, task=task, is_declared=True)
    return True
