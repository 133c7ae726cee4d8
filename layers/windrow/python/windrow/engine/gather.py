"""Gather: draw a map's progress from the facts of its chunks, and move it on after the last one.

Every worker that ends a chunk stores that first and looks at the whole group afterwards, both
strongly consistent: so the last one sees that it is the last, whoever it is. Groups report to their
task in the same way. Done twice, or by two at once, it changes nothing.
"""

from dataclasses import replace

from windrow.engine.engine import Engine
from windrow.engine.send import send
from windrow.engine.settle import DEADLINE_PASSED, end
from windrow.errors import CancelRequested, Fenced
from windrow.model.children import is_stopping
from windrow.model.records import HINT_GRACE, Chunk, Failure, Group, Progress, Task
from windrow.model.ref import Ref
from windrow.model.states import Phase, State

GATHERED = (Phase.PLAN, Phase.CHUNKS)
# A map's record is written about as often as this, however many groups it has.
STEPS = 100


def gather_group(engine: Engine, ref: Ref) -> None:
    """Close a group whose chunks have all ended, and gather its task.

    A map that is over has no more chunks to come: one that ended while it was being expanded leaves
    groups without some of theirs.
    """
    group = engine.records.group(ref)
    task = engine.records.task(ref.parent)
    if group is None or task is None:
        return
    chunks = engine.records.chunks(ref)
    if not group.is_closed:
        if not _have_ended(group, chunks, is_map_over=task.state.is_over):
            _report(engine, task, group, chunks)
            return
        _close(engine, group, chunks)
    gather_task(engine, ref.parent)


def gather_task(engine: Engine, ref: Ref) -> None:
    """Move a map on when all of its groups are closed; before that, show how far it is."""
    task = engine.records.task(ref)
    if task is None or task.state is not State.RUNNING or task.phase not in GATHERED:
        return
    if task.has_remains:
        # What lies there is of an expired map of the same key.
        return
    groups = engine.records.groups(ref)
    closed = [group for group in groups if _is_done(task, group)]
    progress = sum((group.progress for group in closed), Progress())
    # Chunks end before the last group is written; until then nobody knows how many there are.
    if task.groups is None or len(closed) < task.groups:
        grown = progress.ended - task.progress.ended
        if grown > 0 and grown * STEPS >= task.progress.total:
            engine.records.advance(task, progress)
        return
    done = replace(task, progress=replace(progress, total=task.progress.total))
    try:
        _move_on(engine, task, done, _first_error(closed))
    except CancelRequested:
        end(engine, task, State.CANCELLED, progress=done.progress)
    except Fenced:
        # Another worker gathered the same facts and moved it on.
        engine.telemetry.event("map.gathered_elsewhere", **ref.ids)


def is_complete(engine: Engine, record: Task | Chunk | Group) -> bool:
    """Has all ended that a group, a map or a parent waits for, or must it be stopped? Strongly
    consistent.
    """
    match record:
        case Group():
            chunks = engine.records.chunks(record.ref)
            if not _have_ended(record, chunks, is_map_over=True):
                return False
            task = engine.records.task(record.ref.parent)
            return task is not None and _have_ended(record, chunks, is_map_over=task.state.is_over)
        case Task() if record.phase is Phase.CHILDREN:
            return is_stopping(record) or _children_have_ended(engine, record)
        case Task():
            groups = engine.records.groups(record.ref)
            return len(groups) == record.groups and all(group.is_closed for group in groups)
        case Chunk():
            return record.state.is_over


def _children_have_ended(engine: Engine, parent: Task) -> bool:
    children = engine.tasks.children.all(parent)
    return sum(child.is_over_for(parent) for child in children) == parent.children


def _move_on(engine: Engine, task: Task, done: Task, error: Failure | None) -> None:
    progress = done.progress
    if task.cancel_requested:
        end(engine, task, State.CANCELLED, progress=progress)
        return
    if progress.total and progress.failed == progress.total:
        reason = error.message if error else "unknown"
        failure = Failure("MapFailed", f"Every item failed: {reason}")
        end(engine, task, State.FAILED, error=failure, progress=progress)
        return
    if progress.ended < progress.total:
        # The sweeper gave groups up: their items were never done, whatever the clock says.
        end(engine, task, State.FAILED, error=DEADLINE_PASSED, progress=progress)
        return
    now = engine.clock.now()
    waiting = replace(
        done,
        state=task.state.to(State.QUEUED),
        phase=Phase.FINISH,
        is_work_done=engine.registry.map(task.name).is_finish_best_effort,
        queued=now,
        not_before=now,
        due=now + HINT_GRACE,
        failures=0,
        crashes=0,
        sends=0,
    )
    engine.records.write(task, waiting)
    engine.telemetry.event(
        "map.gathered", **task.ref.ids, succeeded=progress.succeeded, failed=progress.failed
    )
    send(engine, task.pool, [task.ref])


def _close(engine: Engine, group: Group, chunks: list[Chunk]) -> None:
    closed = replace(
        group,
        is_closed=True,
        due=None,
        expires=engine.kept_until(group, engine.clock.now()),
        progress=_progress(chunks),
        error=_first_error(chunks),
    )
    try:
        engine.records.write(group, closed)
    except Fenced:
        # Another worker closed it with the same facts.
        return


def _report(engine: Engine, task: Task, group: Group, chunks: list[Chunk]) -> None:
    """Show each chunk of a map that has one group.

    A larger map shows each group: so its record is written 100 times or so, never per chunk.
    """
    ended = _progress([chunk for chunk in chunks if has_ended(group, chunk)])
    total = sum(chunk.count for chunk in chunks)
    if ended.ended and group.round == task.round and total == task.progress.total:
        engine.records.advance(task, replace(ended, total=total))


def _have_ended(group: Group, chunks: list[Chunk], *, is_map_over: bool) -> bool:
    """A group knows how many chunks it must have: its rows may still be being written."""
    is_whole = len(chunks) == group.chunks or is_map_over
    return is_whole and all(has_ended(group, chunk) for chunk in chunks)


def _is_done(task: Task, group: Group) -> bool:
    """Does it count? What it came to in an earlier round of its map is about to be done again."""
    return group.is_closed and (group.round == task.round or group.is_whole)


def has_ended(group: Group, chunk: Chunk) -> bool:
    """What failed in an earlier round of its map has not begun again yet."""
    return chunk.state.is_over and (chunk.round == group.round or chunk.has_succeeded)


def _progress(chunks: list[Chunk]) -> Progress:
    return sum((chunk.progress for chunk in chunks), Progress())


def _first_error(records: list[Chunk] | list[Group]) -> Failure | None:
    return next((record.error for record in records if record.error), None)
