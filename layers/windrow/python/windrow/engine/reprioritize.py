"""Reprioritize: let a task that waits be more urgent, or less."""

from dataclasses import replace

from windrow.aws.errors import Unavailable
from windrow.engine.engine import Engine
from windrow.errors import Fenced, InvalidOption, NotFound, NotQueued
from windrow.model.priority import HIGHEST, LOWEST
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.model.states import State

# Each try is lost to another change of the place where it waits, between our read and our write.
TRIES = 5


def reprioritize(engine: Engine, ref: Ref, priority: int) -> Task:
    """Give a task that waits another priority, 1 to 10; returns it as it stands then.

    It keeps its age, and one that waits for a later time takes the priority there. Record and index
    change in one write, so a worker sees the old place or the new one, never both or none; the
    index follows within about a second. A second time changes nothing.
    Raises NotFound, InvalidOption, and NotQueued for what runs or has ended.
    """
    if not LOWEST <= priority <= HIGHEST:
        raise InvalidOption("priority", f"a whole number from {LOWEST} to {HIGHEST}", priority)
    for _ in range(TRIES):
        task = _waiting(engine, ref)
        if task.priority == priority:
            return task
        try:
            moved = engine.records.write(task, replace(task, priority=priority))
        except Fenced:
            continue
        engine.telemetry.event("task.reprioritized", **ref.ids, priority=priority)
        return moved
    raise Unavailable("dynamodb", "UpdateItem", "TaskMoved", f"{ref} moved on {TRIES} times")


def _waiting(engine: Engine, ref: Ref) -> Task:
    task = engine.records.task(ref)
    if task is None or task.has_expired(engine.clock.now()):
        raise NotFound(ref.task)
    if task.state is not State.QUEUED:
        raise NotQueued(ref.task, task.state)
    return task
