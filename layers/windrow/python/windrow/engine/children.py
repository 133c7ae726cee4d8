"""Children: end a task when all that it is made of has ended, and stop what must not start.

Whoever ends a child stores that first, in the child's record and in its parent's row, and looks at
all rows afterwards, both strongly consistent: so the last one sees that it is the last, whoever it
is. There is no count to keep. Done twice, or by two at once, it changes nothing.
"""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from windrow.engine.cancel import ask
from windrow.engine.engine import Engine
from windrow.engine.outcome import decided
from windrow.engine.plan import stops_at
from windrow.engine.previous import stored_result
from windrow.engine.send import send, send_all
from windrow.engine.settle import Ended, end
from windrow.engine.specs import Plan, callback_of, child_of, filled, plan_of
from windrow.engine.summary import summary
from windrow.engine.system import CHAIN, SYSTEM
from windrow.errors import AlreadyOver, Fenced, NotFound, ObjectChanged, TooLarge
from windrow.model.children import Child, counted, is_stopping
from windrow.model.records import Failure, Task
from windrow.model.ref import Ref
from windrow.model.states import Phase, State

# Of a hundred children every tenth end looks at all rows, and shows how far their parent is.
STEP = 10


def is_unwanted(engine: Engine, child: Task) -> bool:
    """Must this child start no more, because its parent is to end? A read, strongly consistent."""
    ref = child.parent_ref
    if ref is None:
        return False
    parent = engine.records.task(ref)
    return parent is None or is_stopping(parent)


def look_at_parent(engine: Engine, child: Task) -> None:
    """After an attempt of a child: if it has ended, and was the last, end its parent too."""
    if child.parent_ref is not None and child.number is not None:
        gather_children(engine, child.parent_ref, child.number)


def gather_children(engine: Engine, ref: Ref, number: int | None = None) -> None:
    """Move a parent on when all of its children have ended; before that, show how far it is.

    With `number` it looks at the rows about that child first, and at the others where it must.
    """
    parent = engine.records.task(ref)
    if parent is None or not _is_waiting(parent):
        return
    if number is not None and not _is_worth_it(engine, parent, number):
        return
    children = list(engine.tasks.children.all(parent))
    if sum(child.is_over_for(parent) for child in children) < parent.children:
        if parent.name in SYSTEM:
            progress = counted(children, parent, parent.progress.total)
            if progress.ended > parent.progress.ended:
                engine.records.advance(parent, progress)
        return
    try:
        _move_on(engine, parent, children)
    except Fenced:
        # Another worker saw the same, and moved it on.
        engine.telemetry.event("children.gathered_elsewhere", **ref.ids)


def tend(engine: Engine, parent: Task, until: datetime) -> None:
    """Do what the hint of a parent asks for: stop its children if they must, then look at them."""
    if is_stopping(parent) and not parent.state.is_over:
        stop_children(engine, parent, until)
    gather_children(engine, parent.ref)


def stop_children(engine: Engine, parent: Task, until: datetime) -> None:
    """Cancel every child that waits, and ask those that run to stop.

    None of them can start meanwhile: whoever would claim one looks at its parent. What there is no
    time for is left to another hint.
    """
    stops = stops_at(engine.clock.now(), until)
    for child in engine.tasks.children.all(parent):
        if child.state.is_over:
            continue
        if engine.clock.now() >= stops:
            send(engine, parent.pool, [parent.ref])
            return
        with suppress(AlreadyOver, NotFound):
            ask(engine, child.ref, tells_parent=False)


def _is_waiting(parent: Task) -> bool:
    return parent.state is State.RUNNING and parent.phase is Phase.CHILDREN


def _is_worth_it(engine: Engine, parent: Task, number: int) -> bool:
    """May this child be the last, or is it time to show how far its parent is?"""
    near = engine.tasks.children.some(parent, number)
    ended = sum(child.is_over_for(parent) for child in near)
    own = [child for child in near if child.number == number]
    if not own or not own[0].is_over_for(parent):
        return False
    return ended == len(near) or len(near) == parent.children or ended % STEP == 0


def _move_on(engine: Engine, parent: Task, children: list[Child]) -> None:
    """Begin the next step of a chain, or end the parent; both hold only while its fence does."""
    plan = plan_of(engine, parent) if parent.name in SYSTEM else None
    has_next = parent.name == CHAIN and plan is not None and len(children) < len(plan.children)
    if plan and has_next and not is_stopping(parent) and children[-1].state is State.SUCCEEDED:
        try:
            _bear_next(engine, parent, plan, children)
        except (TooLarge, ObjectChanged) as error:
            # What the step before came to cannot be handed on: nobody could tell before.
            _end(engine, parent, plan, children, Failure.of(error))
        return
    _end(engine, parent, plan, children, None)


def _bear_next(engine: Engine, chain: Task, plan: Plan, ended: list[Child]) -> None:
    number, last, value = chain.children, ended[-1], None
    if plan.children[number].into is not None:
        before = engine.records.task(last.ref)
        value = stored_result(engine.bucket, before) if before is not None else None
    spec = filled(plan.children[number], value)
    step = child_of(engine, chain, number, spec, previous=last.ref.task)
    after = replace(chain, children=number + 1)
    engine.tasks.children.bear(chain, after, [step], engine.retention)
    engine.telemetry.event("children.begun", **chain.ref.ids, children=after.children)
    send_all(engine, [step])
    engine.records.advance(after, counted(ended, chain, chain.progress.total))


def _end(
    engine: Engine, parent: Task, plan: Plan | None, children: list[Child], wrong: Failure | None
) -> None:
    """End a parent by what its children came to, and begin its callback in the same write."""
    found = decided(parent, plan, children, wrong)
    told = replace(parent, progress=found.progress, error=found.error)
    if found.state is State.SUCCEEDED and parent.name in SYSTEM:
        told = _with_result(engine, told, children[-1])
    callback = None
    if plan is not None and plan.callback is not None:
        value = summary(replace(told, state=found.state), None)
        callback = callback_of(engine, parent, filled(plan.callback, value))
    end(
        engine,
        told,
        found.state,
        error=found.error,
        before=parent,
        children=Ended(found.lost, callback),
    )
    if callback is not None:
        send_all(engine, [callback])


def _with_result(engine: Engine, parent: Task, last: Child) -> Task:
    """A group's result is its summary, a chain's that of its last step: the text, or its object."""
    if parent.name != CHAIN:
        text = json.dumps(summary(replace(parent, state=State.SUCCEEDED), None))
        return replace(parent, result=text)
    step = engine.records.task(last.ref)
    if step is None:
        return parent
    return replace(parent, result=step.result, result_object=step.result_object)
