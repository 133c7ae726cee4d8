"""Commands about one task: submit, show, cancel, retry, reprioritize."""

import json
import sys
from argparse import Namespace

from rich.console import Console

from windrow.cli import shown
from windrow.engine.cancel import cancel as cancel_task
from windrow.engine.engine import Engine
from windrow.engine.payloads import params_of
from windrow.engine.reprioritize import reprioritize as reprioritize_task
from windrow.engine.retry_again import retry_again
from windrow.engine.submit import submit as submit_task
from windrow.errors import NotFound, NothingToRetry, ObjectChanged
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.model.states import Phase, State

# What was asked for could not be done.
NOTHING_DONE = 2


def submit(engine: Engine, options: Namespace, console: Console) -> int:
    """Submit a task, and say its id."""
    submission = submit_task(
        engine,
        options.name,
        options.params,
        tenant=options.tenant,
        key=options.key,
        delay=options.delay,
        start_within=options.start_within,
        priority=options.priority,
        max_retries=options.max_retries,
    )
    console.print(submission.task.ref.task)
    if not submission.is_new:
        is_same = not submission.is_met or _has_params(engine, submission.task, options)
        others = "" if is_same else "with other params, "
        console.print(f"It was there already, {others}and is {submission.task.state}.")
    return 0


def show(engine: Engine, options: Namespace, console: Console) -> int:
    """Show a task's record."""
    task = engine.records.task(Ref(options.tenant, options.task))
    if task is None or task.has_expired(engine.clock.now()):
        raise NotFound(options.task)
    if options.json:
        print(json.dumps(shown.as_json(engine, task), indent=2))
    else:
        shown.show(task, engine.clock.now(), console)
    return 0


def cancel(engine: Engine, options: Namespace, console: Console) -> int:
    """Cancel a task, and say what becomes of it."""
    task = cancel_task(engine, Ref(options.tenant, options.task))
    if task.state is State.CANCELLED:
        said = "It is cancelled."
    elif task.phase is Phase.CHUNKS:
        said = "It runs: no more of its chunks start, and it ends when those that run have ended."
    else:
        said = (
            "It runs: it was asked to stop, and ends when it next reports or would be tried again."
        )
    console.print(said, soft_wrap=True)
    return 0


def retry(engine: Engine, options: Namespace, console: Console) -> int:
    """Let a task that failed or was cancelled begin again; 2 when it has not ended."""
    ref = Ref(options.tenant, options.task)
    before = engine.records.task(ref)
    if options.failed_items and before is not None and before.phase is None:
        raise NothingToRetry(options.task, "it is no map, and has no failed items")
    task = retry_again(engine, ref, failed_items_only=options.failed_items)
    if before is None or task.round == before.round:
        print(f"Nothing was done: it is {task.state}, and has not ended.", file=sys.stderr)
        return NOTHING_DONE
    console.print(f"It begins again, and is {task.state}.")
    return 0


def reprioritize(engine: Engine, options: Namespace, console: Console) -> int:
    """Give a waiting task another priority."""
    ref = Ref(options.tenant, options.task)
    task = reprioritize_task(engine, ref, options.priority)
    console.print(f"Its priority is {task.priority}.")
    return 0


def _has_params(engine: Engine, task: Task, options: Namespace) -> bool:
    """Does a task do what was asked for? One that was met by its unique key may not."""
    wanted = engine.registry.get(options.name).checked(options.params or {})
    try:
        return task.name == options.name and params_of(engine, task) == wanted
    except ObjectChanged:
        return False
