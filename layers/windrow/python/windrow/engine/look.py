"""Look: do what a schedule needs now. Whoever looks, and how often, each planned time comes once.

EventBridge's fires, hints, the ends of runs and a tick all come to this: the record is read, what
was planned since is decided in one conditional write, and what was decided is carried out. A crash
in between leaves it in the record's line, where the next look finds it; a task's key keeps it from
being submitted twice.
"""

import json
from dataclasses import replace
from datetime import datetime

from windrow.aws.errors import ServiceError
from windrow.engine.cancel import cancel
from windrow.engine.engine import Engine
from windrow.engine.send import POOL, send, send_for_its_time
from windrow.engine.submit import Submission, accepted, identity, prepared
from windrow.errors import (
    AlreadyOver,
    Draining,
    KeyReused,
    NotFound,
    UnknownTask,
    WindrowError,
)
from windrow.model.draft import Draft
from windrow.model.ref import Ref, ScheduleRef
from windrow.model.scheduled import (
    Run,
    Scheduled,
    alarms,
    asked_key,
    decide,
    has_begun,
    replaced,
    run_key,
    run_of,
    settled,
    startable,
)
from windrow.model.states import State

# Each try is lost to another look, or to somebody who changes the schedule.
TRIES = 20


def look(engine: Engine, ref: ScheduleRef, *, is_ahead: bool = False) -> Scheduled | None:
    """Decide what was planned until now, and start what is to start; the schedule as it stands.

    None when there is none, or none any more. With `is_ahead` whoever has to look again before
    EventBridge fires next is told so. What raises, AWS itself or a draining pool, leaves the rest
    in the schedule's line: the next look goes on from there.
    """
    for _ in range(TRIES):
        seen = engine.schedules.read(ref)
        if seen is None or seen.is_gone(engine.clock.now()):
            return None
        after = _looked(engine, seen)
        if after is not None:
            if is_ahead:
                set_alarms(engine, after)
            return after
    engine.telemetry.warning("schedule.contended", error=None, **ref.ids)
    return None


def set_alarms(engine: Engine, seen: Scheduled) -> None:
    """Have somebody look at each planned time that EventBridge's grain of a minute would miss."""
    now = engine.clock.now()
    for planned in alarms(seen, now):
        send(engine, POOL, [seen.ref], delay=planned - now)


def start_now(engine: Engine, seen: Scheduled, key: str | None = None) -> Submission:
    """Start a schedule's task at this moment, whatever is planned and whatever runs.

    With `key` whoever asks again meets the same task, also once the schedule says something else.
    """
    now = engine.clock.now()
    if key is None:
        submission = _submitted(engine, seen, run_key(seen.ref, now), at=now)
    else:
        submission = _submitted(engine, seen, asked_key(seen.ref, key), at=None)
    task = submission.task
    if not submission.is_met:
        # By the task's own time: noted again, it is the same run.
        run = Run(planned=task.created, outcome="started", task=task.ref.task)
        _note(engine, seen.ref, [run])
    return submission


def _looked(engine: Engine, seen: Scheduled) -> Scheduled | None:
    """One look; None when somebody else was faster, and it has to be read again."""
    now = engine.clock.now()
    decision = decide(seen, now, is_over=_is_over(engine, seen))
    # Before it is decided, so that no crash loses them. If somebody else decides otherwise, what
    # becomes of such a time is noted over this.
    _note_skipped(engine, seen, decision.skipped)
    stands = _written(engine, seen, decision.after, now)
    if stands is None:
        return None
    _tell_left_out(engine, seen, stands, decision.skipped)
    if decision.again is not None:
        # Whoever was to look at that time may have been the one who came too early.
        send(engine, POOL, [seen.ref], delay=decision.again - now)
    former = replaced(stands)
    if former is not None and _has_been_stopped(engine, run_of(stands.ref, former)):
        return _looked(engine, stands)
    try:
        begun = stands
        for planned in startable(stands):
            is_started = _begin(engine, stands, planned)
            begun = has_begun(begun, planned, is_started=is_started)
    except (Draining, UnknownTask) as error:
        # It waits in line, and a tick looks at it until its pool accepts it, or a newer version of
        # the code that knows it.
        engine.telemetry.warning("schedule.waits", error=error, **seen.ref.ids)
    written = _written(engine, stands, begun, now)
    if written is not None and (more := written.next(seen.created, 1)) and more[0] <= now:
        # More is planned than one look decides.
        send(engine, POOL, [seen.ref])
    return written


def _written(
    engine: Engine, before: Scheduled, after: Scheduled, now: datetime
) -> Scheduled | None:
    """A schedule as it stands after a write, if there was anything to write."""
    after = settled(after, now, engine.retention)
    is_same = replace(after, due=None) == replace(before, due=None)
    if is_same and _is_soon(before, after, now):
        return before
    return engine.schedules.write(before, after)


def _is_soon(before: Scheduled, after: Scheduled, now: datetime) -> bool:
    """Will it be looked at no later than it should be? Then nothing need be written."""
    if after.due is None or before.due is None:
        return before.due is after.due
    return now < before.due <= after.due or before.due == after.due


def _is_over(engine: Engine, seen: Scheduled) -> bool:
    if seen.running is None:
        return False
    task = engine.records.task(run_of(seen.ref, seen.running))
    return task is None or task.state.is_over


def _has_been_stopped(engine: Engine, run: Ref) -> bool:
    """Ask for the end of a run that another one replaces; is it over?

    One that runs is told to stop, and its end brings the next look.
    """
    try:
        return cancel(engine, run).state is State.CANCELLED
    except (AlreadyOver, NotFound):
        return True


def _begin(engine: Engine, seen: Scheduled, planned: datetime) -> bool:
    """Submit the task of a planned time; False when it cannot be, and why is kept.

    Raises Draining, UnknownTask and ServiceError: then it is tried again.
    """
    try:
        submission = _submitted(engine, seen, run_key(seen.ref, planned), at=planned)
        task = submission.task
        run = Run(planned=planned, outcome="started", task=task.ref.task)
        if submission.is_met:
            reason = f"task {task.ref.task} holds its unique key"
            run = Run(planned=planned, outcome="skipped", reason=reason)
    except (Draining, UnknownTask, ServiceError):
        raise
    except WindrowError as error:
        # The params of the task have changed: nobody can start it.
        engine.telemetry.warning("schedule.refused", error=error, **seen.ref.ids)
        run = Run(planned=planned, outcome="refused", reason=str(error)[:500])
    _note(engine, seen.ref, [run])
    return run.outcome == "started"


def _submitted(engine: Engine, seen: Scheduled, key: str, *, at: datetime | None) -> Submission:
    """The task of a planned time or of somebody's request, or the holder of its unique key."""
    params = json.loads(seen.params)
    draft = Draft(seen.task, params, at=at, priority=seen.priority)
    wanted = prepared(engine, draft, seen.ref.tenant, identity(engine, seen.ref.tenant, key))
    wanted = replace(wanted, schedule=seen.ref.id, is_awaited=seen.is_awaited)
    try:
        submission = accepted(engine, wanted, key, params)
    except KeyReused:
        # It was submitted before the schedule was changed.
        met = engine.tasks.met(wanted)
        return Submission(met.task if met else wanted, is_new=False, is_replay=True)
    if submission.is_new:
        send_for_its_time(engine, submission.task)
    return submission


def _note_skipped(engine: Engine, seen: Scheduled, skipped: tuple[datetime, ...]) -> None:
    reason = "another run had not ended"
    runs = [Run(planned=each, outcome="skipped", reason=reason) for each in skipped]
    expires = engine.clock.now() + engine.retention
    engine.schedules.note(seen.ref, runs, expires, is_guess=True)


def _tell_left_out(
    engine: Engine, seen: Scheduled, after: Scheduled, skipped: tuple[datetime, ...]
) -> None:
    if skipped:
        engine.telemetry.event("schedule.skipped", **seen.ref.ids, runs=len(skipped))
    if after.missed > seen.missed:
        engine.telemetry.warning(
            "schedule.missed", error=None, **seen.ref.ids, runs=after.missed - seen.missed
        )


def _note(engine: Engine, ref: ScheduleRef, runs: list[Run]) -> None:
    engine.schedules.note(ref, runs, engine.clock.now() + engine.retention)
