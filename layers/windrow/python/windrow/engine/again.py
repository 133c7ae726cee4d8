"""Again: a task that was over, as it waits to do what it has not done."""

from dataclasses import replace
from datetime import datetime

from windrow.engine.engine import Engine
from windrow.engine.system import SYSTEM
from windrow.model.children import may_have_children
from windrow.model.records import HINT_GRACE, Progress, Task
from windrow.model.states import Phase, State


def begun_again(engine: Engine, task: Task, deadline: datetime, round_: int) -> Task:
    """The version of an ended task that follows when it begins again; nothing is written.

    A map is planned on; one that has children lets those that did not succeed begin again first.
    """
    now = engine.clock.now()
    queued = replace(
        task,
        state=task.state.again(),
        owner=f"{engine.random.getrandbits(64):016x}",
        failures=0,
        crashes=0,
        sends=0,
        queued=now,
        not_before=now,
        start_by=None,
        due=now + HINT_GRACE,
        deadline=deadline,
        chunks_began=now,
        ended=None,
        expires=None,
        error=None,
        result=None,
        result_object=None,
        result_expires=None,
        cancel_requested=None,
        is_work_done=False,
        round=round_,
    )
    if may_have_children(task):
        return _parent(task, queued)
    if task.phase is None:
        return queued if task.checkpoint else replace(queued, progress=Progress(), message=None)
    return replace(
        queued,
        phase=Phase.PLAN,
        groups=None,
        expanded=0,
        checkpoint=None,
        progress=Progress(task.progress.total, task.progress.succeeded)
        if task.items
        else Progress(),
    )


def _parent(task: Task, queued: Task) -> Task:
    making = replace(queued, phase=Phase.MAKE, lost_children=0)
    if task.name in SYSTEM:
        progress = Progress(task.progress.total, task.progress.succeeded)
        return replace(making, verdict=None, progress=progress)
    if task.verdict is State.SUCCEEDED:
        # Its function has done its part, and only its children have not.
        return replace(making, result=task.result, result_object=task.result_object)
    return replace(making, verdict=None)
