"""The fence: which attributes must stand as they were read for a write of a record to count."""

from collections.abc import Iterable, Iterator
from typing import Any

from windrow.aws.dynamodb import expression
from windrow.model.records import AnyRecord, Chunk, Group, Record, Task
from windrow.model.states import Phase, State
from windrow.store.items import Attributes, to_item

# What no two versions share that different writers may have written.
FENCE = ("state", "attempt", "owner", "phase", "closed", "round")
# What moves a waiting record in the `ready` index; its place there must be that of one version.
PLACE = ("priority", "queued", "not_before", "waits_for")


def free_for(instead_of: Task | None) -> dict[str, Any]:
    """The condition that there is no record, or that expired one as it was."""
    if instead_of is None:
        return expression(condition="attribute_not_exists(#PK)")
    old = to_item(instead_of)
    names = ("created", "attempt", "expires")
    return expression(
        condition=" AND ".join(f"#{name} = :{name}" for name in names),
        values={name: old[name] for name in names},
    )


def fence_of(before: AnyRecord, after: AnyRecord) -> tuple[str, ...]:
    """What must be as it was read for a write to count."""
    if _is_of_an_attempt(before, after):
        return attempts_fence()
    fence = FENCE + PLACE if _keeps_waiting(before, after) else FENCE
    return (*fence, "children") if _counts_children(before, after) else fence


def _counts_children(before: AnyRecord, after: AnyRecord) -> bool:
    """Must it be as it was read how many children there are?

    Where one more begins; and where the task ends, or waits for all that there are: an attempt that
    was given up may have begun one since.
    """
    if not isinstance(before, Task) or not isinstance(after, Task):
        return False
    is_last = after.state.is_over or after.phase is Phase.CHILDREN is not before.phase
    return after.children != before.children or is_last


def _is_of_an_attempt(before: AnyRecord, after: AnyRecord) -> bool:
    """Is it a step of a chunk that runs? A map that begins again takes such a chunk over as it is,
    and must not void what its attempt does.
    """
    if not isinstance(before, Chunk) or not isinstance(after, Chunk):
        return False
    return before.state is State.RUNNING and after.round == before.round


def attempts_fence() -> tuple[str, ...]:
    """What tells one attempt from every other: no record is claimed twice as the same attempt."""
    return tuple(name for name in FENCE if name != "round")


def unfenced(before: AnyRecord, after: AnyRecord) -> Iterator[str]:
    """What a step writes even where it looks unchanged: somebody may have changed it behind it.

    Another worker lists a task, the sweeper counts a hint, and neither shows in the fence. What was
    listed under other settings is moved to where these want it.
    """
    if isinstance(before, Record) and before.state is State.QUEUED:
        yield from ("ready_shard", "ready_at", "waits_for")
    if isinstance(before, Record) and isinstance(after, Record):
        has_moved = (before.state, before.attempt) != (after.state, after.attempt)
        if has_moved and not after.state.is_over:
            yield "sends"


def _keeps_waiting(before: AnyRecord, after: AnyRecord) -> bool:
    return (
        isinstance(before, Task)
        and isinstance(after, Task)
        and before.state is after.state is State.QUEUED
    )


def holding(item: Attributes, names: Iterable[str]) -> tuple[str, Attributes]:
    """The condition that these attributes still stand as they were read, and its values."""
    parts = ["attribute_exists(#PK)"]
    values: Attributes = {}
    for name in names:
        value = item.get(name)
        if value is None:
            parts.append(f"attribute_not_exists(#{name})")
        else:
            parts.append(f"#{name} = :old_{name}")
            values[f"old_{name}"] = value
    return " AND ".join(parts), values


def yields_to_cancel(before: AnyRecord, after: AnyRecord) -> bool:
    """Does a write lose against a request to cancel that came before it?

    One that lets a running record start again does, and so does one that begins a child; and a
    second request does, for the first one's time counts.
    """
    if isinstance(before, Group) or isinstance(after, Group) or before.state is not State.RUNNING:
        return False
    is_request = after.cancel_requested is not None and before.cancel_requested is None
    if isinstance(before, Task) and isinstance(after, Task) and after.children > before.children:
        return True
    return is_request or after.state is State.QUEUED or after.attempt > before.attempt
