"""Outcome: how a parent ends when all of its children have. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from windrow.engine.specs import Plan
from windrow.engine.system import CHAIN
from windrow.model.children import Child, counted
from windrow.model.records import Failure, Progress, Task
from windrow.model.states import State


@dataclass(frozen=True, slots=True)
class Found:
    """How a parent ends, why, how many children did not succeed, and the progress to show."""

    state: State
    error: Failure | None
    lost: int
    progress: Progress


def decided(
    parent: Task, plan: Plan | None, children: Sequence[Child], wrong: Failure | None
) -> Found:
    """How a parent ends: by its own verdict where that is no success, else by its children.

    `plan` is that of a group or a chain; what never began of it counts as cancelled. `wrong` is why
    the next step of a chain could not begin.
    """
    came_to = counted(children, parent, len(children))
    lost = came_to.failed + came_to.cancelled
    progress = parent.progress
    if plan is not None:
        unborn = len(plan.children) - len(children)
        progress = replace(came_to, total=len(plan.children), cancelled=came_to.cancelled + unborn)
        lost += unborn
    if parent.cancel_requested is not None or parent.verdict is State.CANCELLED:
        return Found(State.CANCELLED, None, lost, progress)
    if parent.verdict is State.FAILED:
        return Found(State.FAILED, parent.error, lost, progress)
    error = wrong or _failure(parent, plan, children, came_to)
    if error is not None:
        return Found(State.FAILED, error, lost, progress)
    # What a best-effort finish failed with stays on record.
    return Found(State.SUCCEEDED, parent.error, lost, progress)


def _failure(
    parent: Task, plan: Plan | None, children: Sequence[Child], came_to: Progress
) -> Failure | None:
    lost = [child for child in children if child.state is not State.SUCCEEDED]
    if not lost:
        return None
    first = lost[0]
    reason = f"{first.error.kind}: {first.error.message}" if first.error else "it was cancelled"
    if parent.name == CHAIN and plan is not None:
        step = f"Step {first.number + 1} of {len(plan.children)} ({first.name}, {first.ref.task})"
        kind = "StepCancelled" if first.state is State.CANCELLED else "StepFailed"
        return Failure(kind, f"{step} did not succeed: {reason}"[:1000])
    must_all = plan is not None and plan.all_must_succeed
    if came_to.succeeded and not must_all:
        return None
    told = f"{len(lost)} of {len(children)} tasks did not succeed; the first, {first.ref.task}"
    return Failure("ChildrenFailed", f"{told} ({first.name}): {reason}"[:1000])
