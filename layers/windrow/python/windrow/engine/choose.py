"""Choose: which waiting task a hint starts: the most urgent of its pool, its own among equals.

Each waiting task has a hint, and each hint starts one task, though not always its own. A hint whose
own task was started by another's starts the most urgent one in its stead. So none is left over.
"""

from collections.abc import Iterator
from datetime import datetime

from windrow.engine.children import is_unwanted, look_at_parent
from windrow.engine.claim import claim, ends_at, enlist, is_free, is_given_up
from windrow.engine.draw import SLACK, draw
from windrow.engine.engine import Engine
from windrow.engine.settle import end
from windrow.errors import Fenced
from windrow.model.priority import Mode, earlier
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.ready import ALL, Waiting

# Entries that a hint looks at: those of tasks that were just started are seen for about a second.
MOST = 400
# From so many equals one is drawn: enough that two workers seldom meet.
EQUALS = 20
# So many of other tenants a hint passes by, looking for an older one of its own tenant: about what
# the first pages of the index show. No tenant's start pays for the backlog of another.
OTHERS = 40


def choose(engine: Engine, own: Task | None, pool: str, until: datetime) -> Task | None:
    """Claim a task for an attempt that ends at `until` at the latest; None when there is none.

    `own` is the task of the hint, as it was read. It is claimed unless something outranks it; then
    it stays in the index, and the hint of what was started in its stead will find it there.
    """
    if own is not None and is_free(own, engine.clock.now()) and not is_given_up(engine, own):
        claimed = _own_or_better(engine, own, pool, until)
        if claimed is not None:
            return claimed
    for waiting in _drawn(engine, engine.ready.waiting(pool)):
        if own is None or waiting.ref != own.ref:
            task = _live(engine, waiting.ref, ALL)
            claimed = task and _claimed(engine, task, until)
            if claimed:
                return claimed
    return None


def _own_or_better(engine: Engine, own: Task, pool: str, until: datetime) -> Task | None:
    """Claim what outranks a hint's own task, if anything does, else that."""
    rank = engine.ready.order.rank(own)
    before = earlier(rank, SLACK)
    passed = 0
    for waiting in _drawn(engine, engine.ready.waiting(pool, before=before)):
        if _is_ordered_by_sqs(engine, own, rank, waiting):
            passed += 1
            if passed == OTHERS:
                break
            continue
        task = _live(engine, waiting.ref, before)
        if task is None:
            continue
        try:
            own = enlist(engine, own)
        except Fenced:
            # Another worker has it, and this hint is free for anything.
            return _claimed(engine, task, until)
        claimed = _claimed(engine, task, until)
        if claimed is not None:
            return claimed
    return _claimed(engine, own, until)


def _is_ordered_by_sqs(engine: Engine, own: Task, rank: str, waiting: Waiting) -> bool:
    """Is it another tenant's, and no more important? Its age is then no reason to go first.

    Hints are in groups by tenant, and SQS hands out first those of tenants with a short backlog.
    By age a tenant's ten thousand tasks would all come before another's one of the same priority.
    """
    is_as_important = waiting.rank[:2] == rank[:2]
    is_strict = engine.ready.order.mode is Mode.STRICT
    return is_strict and is_as_important and waiting.ref.tenant != own.ref.tenant


def _drawn(engine: Engine, waiting: Iterator[Waiting]) -> Iterator[Waiting]:
    return draw(engine.random, waiting, most=MOST, equals=EQUALS)


def _live(engine: Engine, ref: Ref, before: str) -> Task | None:
    """The task of an entry, if it is what the entry says: the index may be behind."""
    task = engine.records.task(ref)
    if task is None or task.state is not State.QUEUED or task.not_before > engine.clock.now():
        return None
    if task.waits_for is not None or task.name not in engine.registry:
        # Whoever frees a slot wakes it; a newer worker may know it.
        return None
    return task if engine.ready.order.rank(task) < before else None


def _claimed(engine: Engine, task: Task, until: datetime) -> Task | None:
    """Claim a task; None when another worker was faster, or there was nothing to start."""
    definition = engine.registry.get(task.name)
    try:
        if is_unwanted(engine, task):
            # A hint for each of a thousand would make a worker look at the other 999 each time.
            end(engine, task, State.CANCELLED, tells_parent=False)
            look_at_parent(engine, task)
            return None
        ends = ends_at(engine, definition, task, until)
        return claim(engine, task, ends, definition.slots)
    except Fenced:
        return None
