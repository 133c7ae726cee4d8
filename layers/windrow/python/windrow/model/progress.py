"""Progress as readers see it: percent, and when it will be done. Pure, and on the polling path."""

from dataclasses import replace
from datetime import datetime, timedelta

from windrow.model.records import Progress, Task
from windrow.model.states import State


def reported(before: Progress, current: int, total: int | None) -> Progress:
    """What a task's report makes of its progress: the share that is done never falls.

    Without a total the one that was given last stays. A report of a smaller share than the one on
    record leaves that as it is: so a second attempt that starts over shows nothing until it has
    come as far as the first. `current` is at most the total.
    """
    known = total or before.total
    after = replace(before, total=known, succeeded=min(current, known) if known else current)
    if before.total:
        has_fallen = after.ended * before.total < before.ended * after.total
    else:
        # The first total makes a share out of what was a mere count.
        has_fallen = not known and after.ended < before.ended
    return before if has_fallen else after


def percent(task: Task) -> int | None:
    """How much is done, from 0 to 100; None when nobody can know. 100 is all, and never rounded."""
    if task.state is State.SUCCEEDED:
        return 100
    if not task.progress.total:
        return None
    return min(100 * task.progress.ended // task.progress.total, 100)


def estimated_completion(task: Task, now: datetime) -> datetime | None:
    """When the task will be done if it goes on as it has gone so far; None when that is unknown.

    A plain task's rate is measured since it was first started, and not since its present attempt
    was: what it reports counts the work of all its attempts, so their time counts too. A map's is
    measured since its chunks began, for planning says nothing of them. Either's is measured since
    it was begun again by hand, for the days before that were idle. Never in the past.
    """
    began = task.chunks_began or task.started
    progress = task.progress
    if task.state.is_over or began is None or not progress.total or not progress.ended:
        return None
    share = min(progress.ended / progress.total, 1)
    try:
        return began + max(now - began, timedelta()) / share
    except OverflowError:
        # Not in any year that a calendar has: as good as unknown.
        return None
