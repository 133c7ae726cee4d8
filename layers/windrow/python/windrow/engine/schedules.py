"""Schedules: made, changed, paused, resumed and removed; each verb is one conditional write.

The record is the truth: when a verb returns, it holds. EventBridge is told after that, and what it
could not be told is told by a tick within minutes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from windrow.aws.errors import ServiceError, Unavailable
from windrow.engine.engine import Engine
from windrow.engine.look import look, start_now
from windrow.engine.planned import merged, planned
from windrow.engine.submit import Submission
from windrow.engine.sync import sync
from windrow.errors import (
    DeclaredInCode,
    NoSchedule,
    ScheduleExists,
)
from windrow.model.ids import derived_id, new_id
from windrow.model.records import Task
from windrow.model.ref import DEFAULT_TENANT, Ref, ScheduleRef
from windrow.model.schedule import Schedule
from windrow.model.scheduled import Run, Scheduled, Standing, settled
from windrow.store import many
from windrow.store.items import from_encoded

# Each try is lost to a fire or to somebody else's change.
TRIES = 10


@dataclass(frozen=True, slots=True)
class Page:
    """Schedules by id; `last` is the id to go on from, None after the last page.

    A page may hold fewer than were asked for, where some were removed, and have a next one.
    """

    schedules: tuple[Scheduled, ...]
    last: str | None


def create(
    engine: Engine,
    task: str,
    schedule: Schedule,
    *,
    tenant: str = DEFAULT_TENANT,
    key: str | None = None,
    is_declared: bool = False,
) -> Scheduled:
    """Let a task start as a schedule says; durable when this returns.

    Who makes the same again under the same id, or `key` where there is none, meets the first.
    Raises UnknownTask, InvalidParams, InvalidOption, TooLarge, ConfigurationError,
    TooManySchedules, and ScheduleExists for an id under which there is another one.
    """
    engine.timers.check()
    now = engine.clock.now()
    ref = ScheduleRef(tenant, schedule.id or _identity(engine, tenant, key))
    made = planned(engine, ref, task, schedule, now)
    made = replace(made, is_declared=is_declared)
    before = engine.schedules.read(ref)
    if before is not None and not before.is_gone(now):
        return _met(before, made)
    if before is not None:
        # Who is still telling AWS of the removed one has to see that this is another.
        made = replace(made, revision=before.revision + 1)
    stored = engine.schedules.write(before, settled(made, now, engine.retention))
    if stored is None:
        return _met(read(engine, ref), made)
    engine.telemetry.event("schedule.created", **ref.ids, task_name=task)
    return _told(engine, stored)


def read(engine: Engine, ref: ScheduleRef) -> Scheduled:
    """The schedule as it stands. Raises NoSchedule for one that is removed, too."""
    seen = engine.schedules.read(ref)
    if seen is None or seen.is_gone(engine.clock.now()):
        raise NoSchedule(ref.id)
    return seen


def change(
    engine: Engine,
    ref: ScheduleRef,
    changes: Mapping[str, Any],
    *,
    task: str | None = None,
    is_declared: bool = False,
) -> Scheduled:
    """Let a schedule say something else: `changes` are fields of Schedule by name, `task` another
    task.

    A new `cron`, `every` or `at` takes the place of the former. What was planned before now is not
    touched, and what was planned for later is planned anew. Raises NoSchedule,
    DeclaredInCode, and what `create` raises.
    """

    def changed(seen: Scheduled, now: datetime) -> Scheduled:
        _check_ours(seen, is_declared)
        wanted = merged(seen, changes)
        made = planned(engine, ref, task or seen.task, wanted, now)
        is_moved = made.timing != seen.timing
        standing = Standing.ACTIVE if seen.standing is Standing.ENDED else seen.standing
        return replace(
            seen,
            task=made.task,
            params=made.params,
            priority=made.priority,
            timing=made.timing,
            overlap=made.overlap,
            catch_up=made.catch_up,
            said=made.said,
            standing=standing,
            changed=now,
            decided=made.decided if is_moved else seen.decided,
            revision=seen.revision + is_moved,
            expires=None,
        )

    return _move(engine, ref, changed, "schedule.changed")


def pause(engine: Engine, ref: ScheduleRef) -> Scheduled:
    """Start nothing until it is resumed, also what is planned to the second already.

    What runs goes on, and what waits in line waits on. Given twice it changes nothing. Raises
    NoSchedule.
    """

    def paused(seen: Scheduled, now: datetime) -> Scheduled:
        if seen.standing is not Standing.ACTIVE:
            return seen
        return replace(seen, standing=Standing.PAUSED, changed=now, revision=seen.revision + 1)

    return _move(engine, ref, paused, "schedule.paused")


def resume(engine: Engine, ref: ScheduleRef) -> Scheduled:
    """Start again what is planned from now on; what a pause left out is not made up for.

    Given twice it changes nothing. Raises NoSchedule.
    """

    def resumed(seen: Scheduled, now: datetime) -> Scheduled:
        if seen.standing is not Standing.PAUSED:
            return seen
        return replace(
            seen,
            standing=Standing.ACTIVE,
            decided=now,
            changed=now,
            revision=seen.revision + 1,
        )

    return _move(engine, ref, resumed, "schedule.resumed")


def remove(engine: Engine, ref: ScheduleRef, *, is_declared: bool = False) -> None:
    """Let there be no such schedule; what it has started goes on, and its runs stay listed.

    Raises NoSchedule, DeclaredInCode.
    """

    def removed(seen: Scheduled, now: datetime) -> Scheduled:
        _check_ours(seen, is_declared)
        return replace(
            seen,
            standing=Standing.REMOVED,
            line=(),
            changed=now,
            revision=seen.revision + 1,
            expires=now + engine.retention,
        )

    _move(engine, ref, removed, "schedule.removed")


def run_now(engine: Engine, ref: ScheduleRef, *, key: str | None = None) -> Submission:
    """Start its task now, beside what is planned and whatever runs; once for a `key`.

    Raises NoSchedule.
    """
    return start_now(engine, read(engine, ref), key)


def runs(engine: Engine, ref: ScheduleRef, limit: int, before: datetime | None = None) -> list[Run]:
    """What became of its planned times, the newest first; also once it is removed."""
    return engine.schedules.runs(ref, engine.clock.now(), limit, before)


def tasks_of(engine: Engine, ref: ScheduleRef, runs: Sequence[Run]) -> dict[str, Task]:
    """The tasks of some of its runs, by their ids, as far as they are kept; at most 100."""
    refs = [Ref(ref.tenant, run.task) for run in runs if run.task is not None]
    items = many.items(engine.aws, engine.records.table, refs)
    found = [cast(Task, from_encoded(item)) for item in items.values()]
    return {task.ref.task: task for task in found if not task.has_expired(engine.clock.now())}


def page(engine: Engine, tenant: str, after: str, limit: int) -> Page:
    """A tenant's schedules by id, at most `limit` of those that follow `after`."""
    found = engine.schedules.page(tenant, after, limit)
    now = engine.clock.now()
    kept = tuple(seen for seen in found if not seen.is_gone(now))
    return Page(kept, found[-1].ref.id if len(found) == limit else None)


def standing(engine: Engine, tenant: str) -> Iterator[Scheduled]:
    """Every schedule of a tenant that is not gone, by id."""
    now = engine.clock.now()
    return (seen for seen in engine.schedules.all_of(tenant) if not seen.is_gone(now))


def _move(
    engine: Engine,
    ref: ScheduleRef,
    decide: Callable[[Scheduled, datetime], Scheduled],
    verb: str,
) -> Scheduled:
    """Write what is decided of a schedule, and tell EventBridge."""
    engine.timers.check()
    for _ in range(TRIES):
        now = engine.clock.now()
        seen = read(engine, ref)
        after = decide(seen, now)
        if after == seen:
            return _told(engine, seen)
        stored = engine.schedules.write(seen, settled(after, now, engine.retention))
        if stored is not None:
            engine.telemetry.event(verb, **ref.ids)
            return _told(engine, stored)
    raise Unavailable("dynamodb", "PutItem", "ScheduleMoved", f"{ref} moved on {TRIES} times")


def _told(engine: Engine, stored: Scheduled) -> Scheduled:
    """Tell EventBridge, and look at what is planned until it fires. A failure is left to a tick."""
    try:
        if not stored.is_synced:
            stored = sync(engine, stored.ref) or stored
        if stored.standing is Standing.ACTIVE:
            stored = look(engine, stored.ref, is_ahead=True) or stored
    except ServiceError as error:
        engine.telemetry.warning("schedule.unsynced", error=error, **stored.ref.ids)
    return stored


def _met(before: Scheduled, made: Scheduled) -> Scheduled:
    """The schedule that is there already, if it says the same. Raises ScheduleExists."""
    if (before.said, before.is_declared) != (made.said, made.is_declared):
        raise ScheduleExists(before.ref.id)
    return before


def _check_ours(seen: Scheduled, is_declared: bool) -> None:
    if seen.is_declared and not is_declared:
        raise DeclaredInCode(seen.ref.id)


def _identity(engine: Engine, tenant: str, key: str | None) -> str:
    if key is not None:
        return derived_id(tenant, f"schedule\n{key}")
    return new_id(engine.clock.now(), engine.random.getrandbits(80))
