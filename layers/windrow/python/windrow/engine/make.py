"""Make: begin the children of a group or a chain, or let those of any parent begin again.

The parent counts its children in the transactions that begin them. So whoever takes over sees where
to go on, whoever was overtaken begins none, and none is begun after a request to cancel.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import batched

from windrow.engine.again import begun_again
from windrow.engine.engine import Engine
from windrow.engine.plan import stops_at
from windrow.engine.send import send_all
from windrow.engine.settle import continued, end
from windrow.engine.specs import child_of, plan_of
from windrow.engine.system import CHAIN, SYSTEM
from windrow.errors import CancelRequested, Fenced
from windrow.model.children import Child
from windrow.model.records import Task
from windrow.model.states import State
from windrow.store.children import AT_ONCE


def make(engine: Engine, task: Task, until: datetime) -> Task | None:
    """Begin every child that is to be begun now, and let the parent wait for them.

    When the time of this attempt is nearly up, the parent is queued for another one, which goes on.
    Returns a parent whose own function is to run again; None for any other.
    """
    stops = stops_at(engine.clock.now(), until)
    if task.round and not _begin_again(engine, task, stops):
        return None
    if task.name in SYSTEM:
        made = _bear(engine, task, stops)
        if made is None:
            return None
        task = made
    elif task.verdict is not State.SUCCEEDED:
        return engine.records.write(task, replace(task, phase=None, verdict=None))
    end(engine, task, State.SUCCEEDED)
    return None


def _bear(engine: Engine, task: Task, stops: datetime) -> Task | None:
    """Begin the children of a group, or the first of a chain; None when the parent is settled."""
    specs = plan_of(engine, task).children
    wanted = range(task.children, 1 if task.name == CHAIN else len(specs))
    for some in batched(wanted, AT_ONCE):
        if some[0] != wanted[0] and engine.clock.now() >= stops:
            continued(engine, task, replace(task, crashes=0))
            return None
        children = [child_of(engine, task, number, specs[number]) for number in some]
        after = replace(task, children=some[-1] + 1)
        try:
            task = engine.tasks.children.bear(task, after, children, engine.retention)
        except CancelRequested:
            end(engine, _as_it_stands(engine, task), State.CANCELLED)
            return None
        engine.telemetry.event("children.begun", **task.ref.ids, children=task.children)
        send_all(engine, children)
    return task


def _as_it_stands(engine: Engine, task: Task) -> Task:
    """The record of this attempt with what others wrote to it meanwhile."""
    stands = engine.records.task(task.ref)
    if stands is None or (stands.attempt, stands.owner) != (task.attempt, task.owner):
        raise Fenced(str(task.ref), task.attempt)
    return stands


def _begin_again(engine: Engine, task: Task, stops: datetime) -> bool:
    """Let each child that has not succeeded begin again; False when another attempt must go on."""
    begun = []
    for number, child in enumerate(_to_begin_again(engine, task)):
        if number and engine.clock.now() >= stops:
            continued(engine, task, replace(task, crashes=0))
            break
        record = engine.records.task(child.ref)
        if record is not None and record.state.is_over and record.round < task.round:
            begun.append(begin_child_again(engine, task, record))
    else:
        send_all(engine, begun)
        return True
    send_all(engine, begun)
    return False


def _to_begin_again(engine: Engine, task: Task) -> Iterator[Child]:
    for child in engine.tasks.children.all(task):
        if child.state.is_over and not child.has_ended(task.round):
            yield child


def begin_child_again(engine: Engine, parent: Task, child: Task) -> Task:
    """Let one child do what it has not done, in this round of its parent."""
    now = engine.clock.now()
    deadline = parent.deadline
    if child.name in engine.registry:
        deadline = min(deadline, now + engine.registry.get(child.name).deadline)
    return engine.tasks.children.begin_again(
        child, begun_again(engine, child, deadline, parent.round)
    )
