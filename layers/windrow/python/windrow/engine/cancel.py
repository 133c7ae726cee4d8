"""Cancel: a task that waits ends at once; one that runs is asked to stop."""

from dataclasses import replace
from typing import cast

from windrow.aws.errors import Unavailable
from windrow.engine.engine import Engine
from windrow.engine.send import send
from windrow.engine.settle import end
from windrow.errors import AlreadyOver, Fenced, NotFound
from windrow.model.children import may_have_children
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.model.states import State

# Each try is lost to a claim or a retry in the moment between our read and our write.
TRIES = 5


def cancel(engine: Engine, ref: Ref) -> Task:
    """Cancel a task; returns it as it stands then: cancelled, or running with a request to stop.

    Whoever writes first wins, on the task's one item. Queued: it ends here, and its unique key is
    free in the same transaction. Running: an attempt that succeeds after the request still counts;
    a retry, a continuation or a takeover after it ends as cancelled instead. A map in its chunks
    starts no more of them, and ends as cancelled when those that run have ended.
    One with children starts no more of them either, and ends when those that run have: it is
    returned as running. Whoever claims one of them looks at its parent first.
    A second time changes nothing. Raises NotFound, AlreadyOver for what has succeeded or failed.
    """
    return ask(engine, ref)


def ask(engine: Engine, ref: Ref, *, tells_parent: bool = True) -> Task:
    """The same; who asks for all children of a parent need not have it looked at for each."""
    for _ in range(TRIES):
        task = _wanted(engine, ref)
        if _is_settled(task):
            return task
        try:
            return _ask(engine, task, tells_parent=tells_parent)
        except Fenced:
            continue
        except Unavailable:
            # It may have been stored all the same, and must then be owned up to.
            task = _wanted(engine, ref)
            if _is_settled(task):
                return task
            raise
    raise Unavailable("dynamodb", "UpdateItem", "TaskMoved", f"{ref} moved on {TRIES} times")


def _ask(engine: Engine, task: Task, *, tells_parent: bool) -> Task:
    asked = replace(task, cancel_requested=engine.clock.now())
    if task.state is State.QUEUED:
        # That somebody asked is of use only where the end has to wait.
        cancelled = asked if may_have_children(task) else task
        ended = end(engine, cancelled, State.CANCELLED, before=task, tells_parent=tells_parent)
        return cast(Task, ended)
    engine.records.write(task, asked)
    engine.telemetry.event("task.cancel_requested", **task.ref.ids, attempt=task.attempt)
    if task.children:
        # A worker stops them.
        send(engine, task.pool, [task.ref])
    return asked


def _is_settled(task: Task) -> bool:
    """Has it been cancelled, or asked to stop?"""
    return task.state is State.CANCELLED or task.cancel_requested is not None


def _wanted(engine: Engine, ref: Ref) -> Task:
    """The task that is to be cancelled. Raises NotFound, and AlreadyOver when it is too late."""
    task = engine.records.task(ref)
    if task is None or task.has_expired(engine.clock.now()):
        raise NotFound(ref.task)
    if task.state in (State.SUCCEEDED, State.FAILED):
        raise AlreadyOver(ref.task, task.state)
    return task
