"""When it is worth while to ask again how a task is. Pure, and on the polling path."""

from datetime import datetime, timedelta
from math import ceil

from windrow.model.progress import estimated_completion
from windrow.model.records import Task

# What a task takes of which nothing is known: a hint to its worker, and a little work.
USUAL = timedelta(seconds=2)
# Whoever asks gets a better answer by then.
LONGEST = timedelta(minutes=1)


def retry_after(task: Task, now: datetime, usual: timedelta = USUAL) -> int:
    """In how many whole seconds a task may be over, from 1 to 60, or to when it may start.

    What runs and says how far it is answers for itself. Of another, `usual` is how long tasks of
    its type take, from when it can start; before its time it is not worth a poll.
    """
    waits = max(task.not_before - now, timedelta())
    done = estimated_completion(task, now)
    left = done - now if done else usual
    return max(1, ceil((waits + min(left, LONGEST)).total_seconds()))
