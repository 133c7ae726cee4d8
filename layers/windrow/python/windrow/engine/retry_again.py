"""Retry again: what failed or was cancelled begins again, because somebody asked for it."""

from datetime import timedelta

from windrow.aws.errors import Unavailable
from windrow.engine.again import begun_again
from windrow.engine.engine import Engine
from windrow.engine.modes import check_accepting
from windrow.engine.send import send
from windrow.engine.system import CHAIN
from windrow.errors import Fenced, InvalidOption, NotFound, NothingToRetry
from windrow.model.children import may_have_children
from windrow.model.payload import is_kept_until
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.model.states import State

# Each try is lost to somebody who asked for the same in the moment between our read and our write.
TRIES = 5


def retry_again(engine: Engine, ref: Ref, *, failed_items_only: bool = False) -> Task:
    """Let a task that failed or was cancelled begin again; returns it as it stands then.

    It is queued by one write, which takes its unique key again. Its attempts go on counting; its
    budgets are whole again, its deadline is the declaration's, counted from now.
    A group, or another task with children, lets those begin again that have not succeeded, and ends
    anew, with a callback of its own. A chain goes on from the step that it ended with, also where
    that step is named here. No other child begins again by itself.
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
        if task.parent_ref is not None:
            return _of_parent(engine, task, task.parent_ref)
        check_accepting(engine, task.pool)
        _check(engine, task, failed_items_only)
        deadline = engine.clock.now() + _lasting(engine, task)
        again = begun_again(engine, task, deadline, task.round + 1)
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


def _of_parent(engine: Engine, child: Task, ref: Ref) -> Task:
    """Let the chain of a step go on from it. Raises NothingToRetry for any other child.

    A parent ends after its children: so none of them begins again without it.
    """
    parent = engine.records.task(ref)
    if parent is None or parent.has_expired(engine.clock.now()):
        raise NothingToRetry(child.ref.task, f"it was a part of {ref.task}, which is gone")
    if not parent.state.is_over:
        raise NothingToRetry(child.ref.task, f"it is a part of {ref.task}, which is not over")
    if parent.name != CHAIN or child.state is State.SUCCEEDED:
        raise NothingToRetry(child.ref.task, f"it is a part of {ref.task}: let that begin again")
    retry_again(engine, ref)
    return child


def _found(engine: Engine, ref: Ref) -> Task:
    task = engine.records.task(ref)
    if task is None or task.has_expired(engine.clock.now()):
        raise NotFound(ref.task)
    return task


def _check(engine: Engine, task: Task, failed_items_only: bool) -> None:
    if failed_items_only and task.phase is None:
        raise InvalidOption("failed_items_only", "left out: the task has no parts", True)
    if task.state is State.SUCCEEDED and not (failed_items_only and task.has_errors):
        reason = "with errors: ask for its failed items only" if task.has_errors else "whole"
        raise NothingToRetry(task.ref.task, f"it succeeded {reason}")
    if lost := _lost(engine, task):
        raise NothingToRetry(task.ref.task, f"{lost} not kept any longer")


def _lost(engine: Engine, task: Task) -> str | None:
    """What a task would need to begin again, and may be gone before its record."""
    now = engine.clock.now()
    is_made_of_others = task.items is not None or may_have_children(task)
    if is_made_of_others and now >= task.created + engine.retention:
        # The first of its chunks may have expired, and nobody knows any more what it did.
        return "what its parts came to is"
    if task.started is not None and now >= task.started + engine.retention:
        # The markers of its first attempt count from then: see store/steps.py.
        return "what its steps came to is"
    ends = now + _lasting(engine, task)
    if task.params_object is not None and not is_kept_until(
        task.params_object, ends, since=task.created, retention=engine.retention
    ):
        return "its params are"
    return None


def _lasting(engine: Engine, task: Task) -> timedelta:
    """How long it may take from now on: what its declaration says, or of a group its caller."""
    return task.lasting or engine.registry.get(task.name).deadline
