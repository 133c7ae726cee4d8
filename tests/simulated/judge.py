"""What must be true once faults have stopped and time has passed: nothing lost or stuck."""

from collections.abc import Iterator

from tests.simulated.deployment import Deployment
from tests.simulated.liveness import delays
from tests.simulated.scenario import ITEMS
from windrow.model.records import Chunk, Task
from windrow.model.states import State

# How many deaths a record may have: the engine's promise, written down a second time on purpose.
DEATHS = 5


def complaints(deployment: Deployment) -> list[str]:
    """Every promise that was not kept, in words; empty when all is well."""
    return [*_of_tasks(deployment), *_of_leftovers(deployment), *delays(deployment)]


def _of_tasks(deployment: Deployment) -> Iterator[str]:
    for ref in {submission.task.ref for submission in deployment.accepted}:
        task = deployment.engine.records.task(ref)
        if task is None:
            yield f"S16: {ref} was accepted and is lost"
        elif not task.state.is_over:
            yield f"L1: {ref} is stuck: {task.state}"
        else:
            yield from _of_end(deployment, task)


def _of_end(deployment: Deployment, task: Task) -> Iterator[str]:
    match task.state:
        case State.SUCCEEDED:
            yield from _of_success(deployment, task)
        case State.CANCELLED if task.ref in deployment.to_be_cancelled:
            return
        case State.FAILED if _is_spent(task) or _is_map_of_failures(deployment, task):
            return
        case _:
            yield f"{task.ref} ended as {task.state}: {task.error}"


def _of_success(deployment: Deployment, task: Task) -> Iterator[str]:
    rows = deployment.world.services.dynamodb.tables["ApplicationTable"].rows
    if task.name == "plain":
        if (f"plain/{task.ref.task}", "ROW") not in rows:
            yield f"{task.ref} succeeded without its effect"
        return
    succeeded = failed = 0
    for chunk in _chunks(deployment, task):
        succeeded += chunk.progress.succeeded
        failed += chunk.progress.failed
        if chunk.state is State.SUCCEEDED:
            yield from _of_chunk(task, chunk, rows.keys())
        elif not _is_spent(chunk):
            yield f"{chunk.ref} ended as {chunk.state}: {chunk.error}"
    if (task.progress.succeeded, task.progress.failed) != (succeeded, failed):
        yield f"S9: {task.ref} counts {task.progress}, its chunks {succeeded} and {failed}"
    if succeeded + failed != ITEMS or task.result != str(succeeded):
        yield f"{task.ref} ended with {task.progress} and {task.result}"
    if (f"finish/{task.ref.task}", "ROW") not in rows:
        yield f"{task.ref} succeeded without its finish"


def _is_map_of_failures(deployment: Deployment, task: Task) -> bool:
    """Did every one of its chunks fail, for a reason that counts?"""
    if task.error is None or task.error.kind != "MapFailed":
        return False
    return all(_is_spent(chunk) for chunk in _chunks(deployment, task))


def _chunks(deployment: Deployment, task: Task) -> Iterator[Chunk]:
    for group in deployment.engine.records.groups(task.ref):
        yield from deployment.engine.records.chunks(group.ref)


def _of_chunk(task: Task, chunk: Chunk, rows: object) -> Iterator[str]:
    for item in range(chunk.first, chunk.first + chunk.count):
        if (f"number/{task.ref.task}/{item}", "ROW") not in rows:  # type: ignore[operator]
            yield f"{chunk.ref} succeeded without item {item}"


def _of_leftovers(deployment: Deployment) -> Iterator[str]:
    for name in ("due", "ready"):
        for key in deployment.table.indexes[name].entries:
            yield f"{key} is still in the index {name}"
    for error in deployment.worker.errors + deployment.sweeper.errors:
        if not getattr(error, "retryable", False):
            yield f"a handler raised {error!r}"


def _is_spent(record: Task | Chunk) -> bool:
    """Was it killed as often as it may be?"""
    return record.error is not None and record.crashes == DEATHS
