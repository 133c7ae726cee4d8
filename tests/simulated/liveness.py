"""How soon things must happen once faults have stopped: L1, L3, L4 and L5.

The bounds are computed from a task's policy and its function's timeout, the way the research on
reliability states them; what the engine says of itself is not asked.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from tests.simulated.deployment import Deployment
from tests.simulated.overdue import LONGEST
from tests.simulated.time import instant
from windrow.engine.cancel import cancel
from windrow.engine.definition import Definition, MapDefinition
from windrow.engine.submit import submit
from windrow.errors import WindrowError
from windrow.model.records import Task
from windrow.model.retry import RetryPolicy
from windrow.model.states import State

TIMEOUTS = {"default": timedelta(seconds=60), "long": timedelta(minutes=15)}
# From a death to the next attempt, beyond the dead one's timeout: a lease's margin and a tick.
RECOVERY = timedelta(seconds=75)
# What AWS's own failures may cost a record: five waits of up to 8, 32, 128, 512 and 900 seconds.
INTERRUPTIONS = tuple(timedelta(seconds=min(2 * 4**n, 900)) for n in range(1, 6))
# How long a deadline may have passed before the sweeper comes by, as L3 has it.
TICKS = timedelta(milliseconds=LONGEST)
# What was hinted at in vain before all was calm is hinted at each hour.
HINTED = timedelta(hours=1)
# Plan, chunks, finish: each with attempts and deaths of its own.
PHASES = 3


def delays(deployment: Deployment) -> Iterator[str]:
    """Every promise of time that was not kept. Whoever lets all be calm has resumed every pool."""
    yield from deployment.overlooked
    yield from _of_keys(deployment)
    if deployment.calm_since is None:
        return
    calm = instant(deployment.calm_since)
    starts = {
        each.task.ref: each.task.not_before for each in deployment.accepted if each.is_new
    } | {each.task.ref: each.task.created for each in deployment.accepted if not each.is_new}
    for task in _tasks(deployment):
        if task.ended is None:
            continue
        definition = deployment.registry.get(task.name)
        began = max(calm, starts[task.ref])
        latest = began + longest(definition) + of_children(deployment, task, longest)
        latest += HINTED if began == calm else timedelta()
        most = attempt(definition) + of_children(deployment, task, attempt)
        latest = min(latest, max(calm, task.deadline) + most + TICKS)
        if task.error is not None and task.error.kind == "NotStarted" and task.start_by:
            latest = min(latest, max(calm, task.start_by) + TICKS)
        if task.ended > latest:
            yield f"L1: {task.ref} took {task.ended - began} of at most {latest - began}"
        if task.cancel_requested is None or isinstance(definition, MapDefinition):
            continue
        took = task.ended - max(calm, task.cancel_requested)
        if took > most:
            yield f"L5: {task.ref} ended {took} after it was to be cancelled"


def of_children(
    deployment: Deployment, parent: Task, most: Callable[[Definition], timedelta]
) -> timedelta:
    """How much longer a parent may take than its own function: its children, one after another."""
    spans = timedelta()
    for (partition, sort), row in deployment.table.rows.items():
        if sort.startswith("T#") and partition.startswith(
            f"K#{parent.ref.tenant}#{parent.ref.task}#"
        ):
            spans += most(deployment.registry.get(row.item["name"]["S"])) + TICKS
    return spans


def attempt(definition: Definition) -> timedelta:
    """How long one attempt takes at the most, with the recovery from its death."""
    return TIMEOUTS[definition.pool] + RECOVERY


def longest(definition: Definition) -> timedelta:
    """How long a task may take at the most: its waits, and all of its attempts and deaths."""
    policy = definition.retry
    assert isinstance(policy, RetryPolicy)
    waits = sum(
        (min(policy.cap, policy.base * policy.factor**n) for n in range(policy.attempts - 1)),
        sum(INTERRUPTIONS, timedelta()),
    )
    once = waits + (policy.attempts + len(INTERRUPTIONS)) * attempt(definition)
    return once * (PHASES if isinstance(definition, MapDefinition) else 1)


def _of_keys(deployment: Deployment) -> Iterator[str]:
    """L4: whoever wants a unique key that nobody holds gets it."""
    wanted = {(task.ref.tenant, task.name): task for task in _tasks(deployment) if task.unique}
    for (tenant, name), task in wanted.items():
        try:
            submission = submit(deployment.engine, name, tenant=tenant)
        except WindrowError as error:
            yield f"L4: {task.unique} of {tenant} cannot be taken: {error!r}"
            continue
        if not submission.is_new and submission.task.state.is_over:
            yield f"L4: {task.unique} of {tenant} is held by {submission.task.ref}, which is over"
        if submission.is_new:
            ended = cancel(deployment.engine, submission.task.ref)
            if ended.state is not State.CANCELLED:
                yield f"L5: {ended.ref} waited, and is {ended.state} after it was cancelled"


def _tasks(deployment: Deployment) -> Iterator[Task]:
    for ref in {submission.task.ref for submission in deployment.accepted}:
        task = deployment.engine.records.task(ref)
        if task is not None:
            yield task
