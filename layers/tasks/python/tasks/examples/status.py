"""How polls of the examples are answered, by the status function and by the API alike.

They know every task of the caller, whichever application's it is.
"""

from collections.abc import Callable
from datetime import datetime

from tasks.examples import dialect, names
from windrow.model.estimate import retry_after
from windrow.model.records import Task
from windrow.model.reply import Reply
from windrow.store.polled import Asked, Polled, Routes

type Render = Callable[[Task, datetime], dialect.Json]


def _shown(render: Render, asked: Asked) -> Reply:
    if asked.query:
        return _unknown(asked)
    task = asked.task()
    if task is None:
        return Reply({"error": dialect.TASK_NOT_FOUND}, 404)
    return asked.shown(task, render(task, asked.now))


def task_status(asked: Asked) -> Reply:
    """How a task stands, and its result once it is completed: any task, not only an example's.

    `result` is null until then, and says why a task has failed.
    """
    return _shown(dialect.status, asked)


def task_progress(asked: Asked) -> Reply:
    """How far a task is, in percent, and what it does; `Retry-After` says when to ask again."""
    return _shown(dialect.progress, asked)


def calculation_result(asked: Asked) -> Reply:
    """What a calculation came to, for 24 hours after its end; 404 before, and after that."""
    if asked.query:
        return _unknown(asked)
    task = asked.task()
    found = dialect.calculation(task, asked.now)
    if found is not None:
        return Reply(found)
    headers = {}
    if task is not None and not task.state.is_over:
        headers["retry-after"] = str(retry_after(task, asked.now))
    return Reply({"error": dialect.RESULT_NOT_FOUND}, 404, headers)


def _unknown(asked: Asked) -> Reply:
    """A slip in the name of a parameter would else be taken for an answer to it."""
    details = dict.fromkeys(asked.query, "no parameter of this name")
    return Reply({"error": "Validation failed", "details": details}, 400)


POLLS = {
    names.TASK_STATUS: Polled(task_status),
    names.TASK_PROGRESS: Polled(task_progress),
    names.CALCULATION_RESULT: Polled(calculation_result),
}
routes: Routes = {f"GET {path}": polled for path, polled in POLLS.items()}
