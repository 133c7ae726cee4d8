"""Bear: a task that runs submits another one as its child, once, however often it is tried."""

from dataclasses import replace

from windrow.engine.attempt import Attempt
from windrow.engine.engine import Engine
from windrow.engine.make import begin_child_again
from windrow.engine.payloads import have_same_params, keep_params
from windrow.engine.send import send_for_its_time
from windrow.engine.signals import CancelSeen, interruptions
from windrow.engine.specs import as_child
from windrow.engine.submit import prepared
from windrow.errors import CancelRequested, InvalidOption, Misused
from windrow.model.children import MOST_CHILDREN
from windrow.model.draft import Draft
from windrow.model.ids import derived_id
from windrow.model.payload import fingerprint
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.model.terms import named
from windrow.store.keys import milliseconds


def bear(engine: Engine, attempt: Attempt, draft: Draft, key: str | None) -> str:
    """Submit a child of the task that runs; returns its id, also when it is there already.

    It is known by its key; without one by its name and params, and by how often this attempt has
    submitted the same: so another attempt, and one that goes on from a cursor, meets it again.
    Child and parent are written together, while this attempt owns the parent. Raises Misused for a
    key of another child, and what `prepared` raises; ends the attempt when its end was asked for.
    """
    if key is not None and (expected := named(key)):
        raise InvalidOption("key", expected, key)
    with attempt.lock:
        parent = attempt.record
        if not isinstance(parent, Task):
            raise AssertionError("only the attempt of a task has children")
        wanted = prepared(engine, draft, parent.ref.tenant, "draft")
        if wanted.unique is not None:
            raise InvalidOption("unique", "left out: no child has one", wanted.unique)
        child_id = _identity(attempt, parent, wanted, key)
        child = as_child(engine, parent, replace(wanted, ref=child_id), parent.children)
        with interruptions():
            try:
                return _born(engine, attempt, parent, child).ref.task
            except CancelRequested:
                raise CancelSeen from None


def _born(engine: Engine, attempt: Attempt, parent: Task, child: Task) -> Task:
    stands = engine.records.task(child.ref)
    if stands is not None:
        if stands.name != child.name or not have_same_params(stands, child):
            raise Misused(f"Another child than {child.name!r} has this key: give each its own.")
        is_left = stands.state.is_over and stands.state is not State.SUCCEEDED
        if is_left and stands.round < parent.round:
            begun = begin_child_again(engine, parent, stands)
            send_for_its_time(engine, begun)
        return stands
    if parent.children >= MOST_CHILDREN:
        raise Misused(f"A task has at most {MOST_CHILDREN:,} children: submit a group, or a map.")
    text, key = keep_params(engine, child.ref, child.params, child.deadline)
    child = replace(child, params=text, params_object=key)
    after = replace(parent, children=parent.children + 1)
    attempt.record = engine.tasks.children.bear(parent, after, [child], engine.retention)
    engine.telemetry.event("children.begun", **parent.ref.ids, children=after.children)
    send_for_its_time(engine, child)
    return child


def _identity(attempt: Attempt, parent: Task, child: Task, key: str | None) -> Ref:
    what = f"key\n{key}"
    if key is None:
        content = f"{child.name}\n{fingerprint(child.params)}"
        attempt.submitted[content] += 1
        what = f"{content}\n{attempt.submitted[content]}"
    derived = f"{parent.ref.task}\n{milliseconds(parent.created)}\n{what}"
    return Ref(parent.ref.tenant, derived_id(parent.ref.tenant, derived))
