"""Sync: let EventBridge Scheduler know what a schedule's record says."""

from dataclasses import replace

from windrow.aws.errors import Unavailable
from windrow.engine.engine import Engine
from windrow.model.ref import ScheduleRef
from windrow.model.scheduled import Scheduled, Standing, settled

# Each try is lost to somebody who changes the schedule at this moment.
TRIES = 10
RINGS = (Standing.ACTIVE, Standing.PAUSED)


def sync(engine: Engine, ref: ScheduleRef) -> Scheduled | None:
    """Tell EventBridge, as often as it takes until nobody has changed the record meanwhile.

    Returns the schedule as it stands, None when there is none. A second time changes nothing. Two
    at once end with what the record says: whoever told an old version reads a new one and tells it.
    """
    for _ in range(TRIES):
        seen = engine.schedules.read(ref)
        if seen is not None and _rings(engine, seen):
            engine.timers.put(seen, engine.clock.now())
        else:
            engine.timers.remove(ref)
        stands = engine.schedules.read(ref)
        if _revision(stands) != _revision(seen):
            continue
        if stands is None or stands.is_synced:
            return stands
        known = replace(stands, synced=stands.revision)
        now = engine.clock.now()
        written = engine.schedules.write(stands, settled(known, now, engine.retention))
        if written is not None:
            engine.telemetry.event("schedule.synced", **ref.ids)
            return written
    raise Unavailable("scheduler", "UpdateSchedule", "ScheduleMoved", f"{ref} moved on")


def _rings(engine: Engine, seen: Scheduled) -> bool:
    """Has EventBridge anything to ring for?"""
    now = engine.clock.now()
    return seen.standing in RINGS and not seen.is_gone(now) and bool(seen.timing.next(now, 1))


def _revision(seen: Scheduled | None) -> int | None:
    return None if seen is None else seen.revision
