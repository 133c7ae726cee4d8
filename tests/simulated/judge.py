"""What must be true once faults have stopped and time has passed: nothing lost or stuck."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.simulated.deployment import Deployment
from tests.simulated.dynamodb.table import Version
from tests.simulated.families import callbacks, children_of, may_end_so, of_family
from tests.simulated.liveness import delays
from tests.simulated.outside import life_of
from tests.simulated.scenario import SHAPES, STEPS
from windrow.engine.payloads import params_of
from windrow.engine.result import result
from windrow.engine.system import SYSTEM
from windrow.errors import NotFound, ResultExpired
from windrow.model.records import Chunk, Task
from windrow.model.ref import Ref
from windrow.model.retry import RetryPolicy
from windrow.model.states import State
from windrow.store.keys import key

# How many deaths a record may have: the engine's promise, written down a second time on purpose.
DEATHS = 5
# By how much the clock of who ended a task may be wrong.
SKEW = timedelta(seconds=30)
# Tasks that never succeed.
ENDLESS = ("hopeless", "deadly", "refused")


def complaints(deployment: Deployment) -> list[str]:
    """Every promise that was not kept, in words; empty when all is well."""
    return [
        *_of_tasks(deployment),
        *_of_counts(deployment),
        *_of_leftovers(deployment),
        *delays(deployment),
    ]


def _of_tasks(deployment: Deployment) -> Iterator[str]:
    for ref in {submission.task.ref for submission in deployment.accepted}:
        task = deployment.engine.records.task(ref)
        if task is None:
            if key(ref)["PK"] not in deployment.expired:
                yield f"S16: {ref} was accepted and is lost"
        elif not task.state.is_over:
            yield f"L1: {ref} is stuck: {task.state}"
        elif not _may_end_so(deployment, task, task):
            yield f"{ref} {task.name} ended as {task.state}: {task.error}"
        elif (
            (ref, task.created) in deployment.told_cancelled
            and ref not in deployment.begun_again
            and task.state is not State.CANCELLED
        ):
            yield f"{ref} ended as {task.state} after somebody was told that it was cancelled"
        elif task.name in SHAPES:
            yield from _of_map(deployment, task)
        elif task.name in SYSTEM:
            yield from _of_family(deployment, task)
        elif task.state is State.SUCCEEDED:
            for row in _rows(task):
                if not _has_row(deployment, row):
                    yield f"{ref} succeeded without its effect {row}"
            yield from _of_result(deployment, task)
            yield from _of_family(deployment, task)


def _of_family(deployment: Deployment, parent: Task) -> Iterator[str]:
    """What is wrong with a task that is made of others, or with one of these."""
    yield from of_family(deployment, parent)
    for child in [*children_of(deployment, parent), *callbacks(deployment, parent)]:
        if not child.state.is_over:
            yield f"L1: {child.ref} of {parent.ref} is stuck: {child.state}"
        elif not _may_end_so(deployment, child, child):
            yield f"{child.ref} {child.name} ended as {child.state}: {child.error}"
        elif child.state is State.SUCCEEDED and child.name not in SHAPES:
            for row in _rows(child):
                if not _has_row(deployment, row):
                    yield f"{child.ref} succeeded without its effect {row}"


def _of_result(deployment: Deployment, task: Task) -> Iterator[str]:
    """A result can be had as long as it is kept, and not longer, wherever it lies."""
    keep = min(deployment.registry.get(task.name).keep_result, deployment.engine.retention)
    try:
        found = result(deployment.engine, task.ref)
    except ResultExpired:
        if task.ended is None or deployment.engine.clock.now() < task.ended + keep - SKEW:
            yield f"the result of {task.ref} is gone before its time"
        return
    except NotFound:
        if task.expires is None or deployment.engine.clock.now() < task.expires - SKEW:
            yield f"{task.ref} is gone before its time"
        return
    if task.ended is None or deployment.engine.clock.now() > task.ended + keep + SKEW:
        yield f"the result of {task.ref} is kept too long"
    if task.name == "wordy" and (
        found.url is None
        or task.result_object is None
        or json.loads(deployment.engine.bucket.get(task.result_object)) != _words(deployment, task)
    ):
        yield f"the result of {task.ref} is not what it returned: {found}"


def _words(deployment: Deployment, task: Task) -> str:
    """What `wordy` makes of its params."""
    return str(params_of(deployment.engine, task)["text"] * 2)


def _of_map(deployment: Deployment, task: Task) -> Iterator[str]:
    ended = dict.fromkeys((State.SUCCEEDED, State.FAILED, State.CANCELLED), 0)
    for chunk in _chunks(deployment, task.ref):
        if not chunk.state.is_over:
            yield f"L1: {chunk.ref} is stuck: {chunk.state}"
            continue
        ended[State.SUCCEEDED] += chunk.progress.succeeded
        ended[State.FAILED] += chunk.progress.failed
        ended[State.CANCELLED] += chunk.progress.cancelled
        if not _may_end_so(deployment, task, chunk):
            yield f"{chunk.ref} ended as {chunk.state}: {chunk.error}"
        if chunk.state is State.SUCCEEDED or chunk.left is not None:
            yield from _of_chunk(deployment, task, chunk)
    if task.state is not State.SUCCEEDED:
        return
    progress = task.progress
    if progress.cancelled:
        yield f"{task.ref} succeeded without {progress.cancelled} of its items"
    if (progress.succeeded, progress.failed, progress.cancelled) != tuple(ended.values()):
        yield f"S9: {task.ref} counts {progress}, its chunks {ended}"
    if progress.ended != SHAPES[task.name].items or task.result != str(progress.succeeded):
        yield f"{task.ref} ended with {progress} and {task.result}"
    if not _has_row(deployment, f"finish/{_life(task)}"):
        yield f"{task.ref} succeeded without its finish"


def _of_chunk(deployment: Deployment, task: Task, chunk: Chunk) -> Iterator[str]:
    for position in set(range(chunk.count)) - set(chunk.unfinished):
        item = chunk.first + position
        if item in SHAPES[task.name].bad:
            yield f"{chunk.ref} succeeded though item {item} never does"
        elif not _has_row(deployment, f"item/{_life(task)}/{item}"):
            yield f"{chunk.ref} succeeded without item {item}"


def _of_counts(deployment: Deployment) -> Iterator[str]:
    rows = deployment.world.services.dynamodb.tables["ApplicationTable"].rows
    for (name, _), row in rows.items():
        if "count" in row.item and row.item["count"] != {"N": "1"}:
            yield f"S4: {name} was doubled: {row.item['count']}"


def _life(task: Task) -> str:
    return life_of(task.ref.task, task.created)


def _rows(task: Task) -> list[str]:
    """What a plain task leaves behind when it has succeeded."""
    if task.name == "stepping":
        return [f"step {step}/{_life(task)}" for step in range(STEPS)]
    return [f"{task.name}/{_life(task)}"]


def _of_leftovers(deployment: Deployment) -> Iterator[str]:
    for name in ("due", "ready"):
        for entry in deployment.table.indexes[name].entries:
            yield f"{entry} is still in the index {name}"
    attempts = deployment.attempts_gone + sum(
        int(row.item["attempt"]["N"]) for row in _claimable(deployment)
    )
    if deployment.telemetry.verbs["task.claimed"] > attempts:
        yield f"S3: more attempts began than the {attempts} that were claimed"
    for (partition, _), row in deployment.table.rows.items():
        if partition.startswith("U#") and "released" not in row.item:
            yield f"L4: {partition} is locked still by {row.item['holder']['S']}"
    for error in deployment.worker.errors + deployment.sweeper.errors:
        if not getattr(error, "retryable", False):
            yield f"a handler raised {error!r}"


def _claimable(deployment: Deployment) -> Iterator[Version]:
    """The tasks and chunks of the table."""
    for (_, sort), row in deployment.table.rows.items():
        if sort[0] in "AC" and "attempt" in row.item:
            yield row


def _may_end_so(deployment: Deployment, task: Task, record: Task | Chunk) -> bool:
    """Is this an end that the record may have, after what happened to it?"""
    if record is task and (task.name in SYSTEM or task.children):
        return may_end_so(task, deployment)
    match record.state:
        case State.SUCCEEDED:
            return record is not task or task.name not in ENDLESS
        case State.CANCELLED:
            is_stopped = record is not task and task.state.is_over
            return is_stopped or _was_asked_for(deployment, task)
        case _ if record.error is not None and record.error.kind == "MapFailed":
            return all(chunk.state is State.FAILED for chunk in _chunks(deployment, task.ref))
        case _ if record.error is not None and record.error.kind == "NotStarted":
            start_by = record.start_by if isinstance(record, Task) else None
            return start_by is not None and record.started is None and _is_after(record, start_by)
        case _ if record.error is not None and record.error.kind == "DeadlinePassed":
            return record.ended is not None and record.ended >= record.deadline
        case _:
            return record.error is not None and _is_spent(deployment, task, record)


def _was_asked_for(deployment: Deployment, task: Task) -> bool:
    """Has somebody wanted its end, or that of what it is a part of; or has that failed itself?"""
    if task.ref in deployment.to_be_cancelled:
        return True
    parent = deployment.engine.records.task(task.parent_ref) if task.parent_ref else None
    if parent is None:
        return False
    return parent.state is State.FAILED or _was_asked_for(deployment, parent)


def _is_spent(deployment: Deployment, task: Task, record: Task | Chunk) -> bool:
    """Did it fail, or was it killed, as often as it may?"""
    # The last failure ends the record, and is not counted any more.
    if record.crashes == DEATHS:
        return True
    if task.name == "refused":
        return record.failures == 0
    policy = deployment.registry.get(task.name).retry
    assert isinstance(policy, RetryPolicy)
    for kind, other in policy.on.items():
        if other is not None and record.error is not None and record.error.kind == kind.__name__:
            # Failures of other kinds count as well.
            return record.failures >= other.attempts - 1
    return record.failures == policy.attempts - 1


def _is_after(record: Task | Chunk, instant: datetime) -> bool:
    return record.ended is not None and record.ended >= instant


def _has_row(deployment: Deployment, name: str) -> bool:
    rows = deployment.world.services.dynamodb.tables["ApplicationTable"].rows
    return (name, "ROW") in rows


def _chunks(deployment: Deployment, ref: Ref) -> Iterator[Chunk]:
    for group in deployment.engine.records.groups(ref):
        yield from deployment.engine.records.chunks(group.ref)
