"""Explain: why a task is not running, or what became of it."""

from itertools import islice

from windrow.engine.children import is_unwanted
from windrow.engine.claim import SKEW
from windrow.engine.engine import Engine
from windrow.engine.gather import has_ended
from windrow.engine.settle import CRASH_BUDGET
from windrow.errors import NotFound
from windrow.model.explanation import Ahead, Chunks, Explanation, Facts, Family, Slots, explained
from windrow.model.modes import Orders
from windrow.model.priority import Mode
from windrow.model.records import Chunk, Task
from windrow.model.ref import Ref
from windrow.model.retry import RetryPolicy
from windrow.model.states import Phase, State

# Where more than this come first, "at least so many" is all that anybody wants to know.
MOST_AHEAD = 100
# The chunks of so many groups that are not closed are read, 100 each.
OPEN_GROUPS = 5


def explain(engine: Engine, ref: Ref) -> Explanation:
    """Why a task does not run, or what became of it: a sentence and the facts, at this moment.

    What decides is read strongly consistent: the record, the orders for its pool, who holds the
    slots that it waits for, a map's groups and its chunks, a parent's children. Only what is ahead
    of it is read from an index, which is about a second behind. It writes nothing. Raises NotFound,
    also for a task whose record has expired, and ServiceError.
    """
    task = engine.records.task(ref)
    if task is None or task.has_expired(engine.clock.now()):
        raise NotFound(ref.task)
    return explained(_facts(engine, task, task, _orders(engine, task)))


def _orders(engine: Engine, task: Task) -> Orders:
    return Orders() if task.state.is_over else engine.control.read().of(task.pool)


def _facts(engine: Engine, task: Task, record: Task | Chunk, orders: Orders) -> Facts:
    """The facts about a task, or about a chunk of it."""
    return Facts(
        record=record,
        now=engine.clock.now(),
        orders=orders,
        is_known=task.name in engine.registry,
        has_queue=record.pool in engine.queue.urls,
        tries=_tries(engine, task, record),
        crashes=CRASH_BUDGET,
        lease_over=record.lease + SKEW if record.lease else None,
        ahead=_ahead(engine, record),
        slots=_slots(engine, record),
        chunks=_chunks(engine, task, orders) if record is task else None,
        family=_family(engine, task) if record is task else None,
        parent_ends=record is task and task.state is State.QUEUED and is_unwanted(engine, task),
    )


def _tries(engine: Engine, task: Task, record: Task | Chunk) -> int | None:
    """How many attempts may fail, where the policy says so for what failed last."""
    if record.max_retries is not None:
        return record.max_retries + 1
    if record.error is None or task.name not in engine.registry:
        return None
    policy = engine.registry.get(task.name).retry
    if not isinstance(policy, RetryPolicy):
        return None
    # The record has the name of the error's class, and not those of the classes above it.
    own = [each for kind, each in policy.on.items() if kind.__name__ == record.error.kind]
    if own:
        return own[0].attempts if own[0] else None
    return None if policy.on else policy.attempts


def _ahead(engine: Engine, record: Task | Chunk) -> Ahead | None:
    """What the `ready` index shows before a task; for a chunk there is no such order."""
    is_waiting = record.state is State.QUEUED and record.waits_for is None
    if not isinstance(record, Task) or not is_waiting or record.not_before > engine.clock.now():
        return None
    rank = engine.ready.order.rank(record)
    found = list(islice(engine.ready.waiting(record.pool, before=rank), MOST_AHEAD + 1))
    counted = [each for each in found[:MOST_AHEAD] if each.ref != record.ref]
    is_more = len(found) > MOST_AHEAD
    if engine.ready.order.mode is Mode.AGING:
        return Ahead(urgent=len(counted), is_more=is_more)
    higher = sum(each.rank[:2] < rank[:2] for each in counted)
    return Ahead(higher, len(counted) - higher, is_more=is_more)


def _slots(engine: Engine, record: Task | Chunk) -> Slots | None:
    """Who holds the slots of the limit that a record waits for; a holder's id is its tenant's."""
    limit = record.waits_for
    if limit is None or record.state is not State.QUEUED:
        return None
    count = engine.registry.get(limit).limit if limit in engine.registry else None
    held = engine.tasks.slots.held(limit)
    own = sorted(str(holder) for holder in held if holder.tenant == record.ref.tenant)
    return Slots(count, len(held), tuple(own))


def _chunks(engine: Engine, task: Task, orders: Orders) -> Chunks | None:
    """How far the chunks of a map are, if it waits for them. Those of a closed group have ended."""
    if task.state is not State.RUNNING or task.phase is not Phase.CHUNKS:
        return None
    groups = engine.records.groups(task.ref)
    opened = [group for group in groups if not group.is_closed]
    read = [
        (group, chunk)
        for group in opened[:OPEN_GROUPS]
        for chunk in engine.records.chunks(group.ref)
    ]
    left = [chunk for group, chunk in read if not has_ended(group, chunk)]
    oldest = min(left, key=lambda chunk: (chunk.queued, chunk.ref.chunk), default=None)
    running = sum(chunk.state is State.RUNNING for chunk in left)
    return Chunks(
        total=sum(group.chunks for group in groups),
        ended=sum(group.chunks for group in groups if group.is_closed) + len(read) - len(left),
        running=running,
        waiting=len(left) - running,
        is_partial=len(opened) > OPEN_GROUPS,
        oldest=_facts(engine, task, oldest, orders) if oldest else None,
    )


def _family(engine: Engine, task: Task) -> Family | None:
    """How far the children of a task are, if it waits for them."""
    if task.state is not State.RUNNING or task.phase is not Phase.CHILDREN:
        return None
    children = list(engine.tasks.children.all(task))
    left = tuple(child.ref.task for child in children if not child.is_over_for(task))
    return Family(max(task.progress.total, task.children), task.children, left)
