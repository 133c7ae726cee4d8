"""Retry again: what failed or was cancelled begins again, because somebody asked for it."""

from dataclasses import replace

from windrow.aws.errors import Unavailable
from windrow.engine.engine import Engine
from windrow.engine.modes import check_accepting
from windrow.engine.send import send
from windrow.errors import Fenced, InvalidOption, NotFound, NothingToRetry
from windrow.model.payload import is_kept_until
from windrow.model.records import HINT_GRACE, Progress, Task
from windrow.model.ref import Ref
from windrow.model.states import Phase, State

# Each try is lost to somebody who asked for the same in the moment between our read and our write.
TRIES = 5


def retry_again(engine: Engine, ref: Ref, *, failed_items_only: bool = False) -> Task:
    """Let a task that failed or was cancelled begin again; returns it as it stands then.

    It is queued by one write, which takes its unique key again. Its attempts go on counting; its
    budgets are whole again, its deadline is the declaration's, counted from now.
    A map goes on where it stopped: every item that has not succeeded is done again, no other, and
    then its finish. With `failed_items_only` that holds for one that succeeded with errors as well;
    it can be asked for until the time that records are kept, counted from its submission, is over.
    Any task can begin again until that time, counted from its first start, is over: its steps are
    not kept much longer, and would be done twice. Large params must last until its new deadline.
    What has not ended is returned as it is: so a second call changes nothing.
    Raises NotFound, NothingToRetry, UniqueKeyHeld, UnknownTask, Draining for a pool that accepts
    nothing for now, and InvalidOption for the items of a task that has none.
    """
    for _ in range(TRIES):
        task = _found(engine, ref)
        if not task.state.is_over:
            return task
        check_accepting(engine, task.pool)
        _check(engine, task, failed_items_only)
        again = _again(engine, task)
        try:
            engine.tasks.begin_again(task, again)
        except Fenced:
            continue
        except Unavailable:
            # It may have been stored all the same, and must then be owned up to.
            stands = engine.records.task(ref)
            if stands is None or stands.owner != again.owner:
                raise
        send(engine, again.pool, [ref])
        engine.telemetry.event("task.begun_again", **ref.ids, round=again.round)
        return again
    raise Unavailable("dynamodb", "UpdateItem", "TaskMoved", f"{ref} moved on {TRIES} times")


def _found(engine: Engine, ref: Ref) -> Task:
    task = engine.records.task(ref)
    if task is None or task.has_expired(engine.clock.now()):
        raise NotFound(ref.task)
    return task


def _check(engine: Engine, task: Task, failed_items_only: bool) -> None:
    if failed_items_only and task.phase is None:
        raise InvalidOption("failed_items_only", "left out: the task is no map", True)
    if task.state is State.SUCCEEDED and not (failed_items_only and task.has_errors):
        reason = "with errors: ask for its failed items only" if task.has_errors else "whole"
        raise NothingToRetry(task.ref.task, f"it succeeded {reason}")
    if lost := _lost(engine, task):
        raise NothingToRetry(task.ref.task, f"{lost} not kept any longer")


def _lost(engine: Engine, task: Task) -> str | None:
    """What a task would need to begin again, and may be gone before its record."""
    now = engine.clock.now()
    if task.items is not None and now >= task.created + engine.retention:
        # The first of its chunks may have expired, and nobody knows any more what it did.
        return "what its items came to is"
    if task.started is not None and now >= task.started + engine.retention:
        # The markers of its first attempt count from then: see store/steps.py.
        return "what its steps came to is"
    ends = now + engine.registry.get(task.name).deadline
    if task.params_object is not None and not is_kept_until(
        task.params_object, ends, since=task.created, retention=engine.retention
    ):
        return "its params are"
    return None


def _again(engine: Engine, task: Task) -> Task:
    now = engine.clock.now()
    queued = replace(
        task,
        state=task.state.again(),
        owner=f"{engine.random.getrandbits(64):016x}",
        failures=0,
        crashes=0,
        sends=0,
        queued=now,
        not_before=now,
        start_by=None,
        due=now + HINT_GRACE,
        deadline=now + engine.registry.get(task.name).deadline,
        chunks_began=now,
        ended=None,
        expires=None,
        error=None,
        result=None,
        result_object=None,
        result_expires=None,
        cancel_requested=None,
        is_work_done=False,
        round=task.round + 1,
    )
    if task.phase is None:
        return queued if task.checkpoint else replace(queued, progress=Progress(), message=None)
    return replace(
        queued,
        phase=Phase.PLAN,
        groups=None,
        expanded=0,
        checkpoint=None,
        progress=Progress(task.progress.total, task.progress.succeeded)
        if task.items
        else Progress(),
    )
