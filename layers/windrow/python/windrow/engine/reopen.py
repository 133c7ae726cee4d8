"""Reopen: let the chunks of a map that begins again do what they have not done.

A part of planning it: what is written here is found by the next attempt if this one is cut off. The
round says what is done: a group is opened first, and is not whole again until each of its chunks
has succeeded or has ended in this round.
"""

from dataclasses import replace
from datetime import datetime

from windrow.engine.engine import Engine
from windrow.engine.plan import stops_at
from windrow.engine.send import send
from windrow.engine.settle import continued
from windrow.errors import Fenced
from windrow.model.records import HINT_GRACE, Chunk, Group, Progress, Task
from windrow.store.children import LONGER

# A late hint of a chunk that had not ended may get between our read and our write.
TRIES = 3


def reopen(engine: Engine, task: Task, until: datetime) -> bool:
    """Open every group that has not succeeded whole; False when another attempt must go on."""
    stops = stops_at(engine.clock.now(), until)
    groups = engine.records.groups(task.ref)
    for number, group in enumerate(groups):
        if number and engine.clock.now() >= stops:
            continued(engine, task, replace(task, crashes=0))
            engine.telemetry.event("map.continued", **task.ref.ids, groups=number)
            return False
        is_whole = group.is_whole and (number + 1 < len(groups) or _is_written(engine, group))
        if group.is_closed and (group.round == task.round or is_whole):
            _keep_whole(engine, task, group)
        else:
            _open(engine, task, group)
    return True


def _open(engine: Engine, task: Task, group: Group) -> None:
    now = engine.clock.now()
    if group.round < task.round:
        opened = replace(
            group,
            is_closed=False,
            round=task.round,
            deadline=task.deadline,
            due=now + HINT_GRACE,
            sends=0,
            expires=None,
            progress=Progress(),
            error=None,
        )
        engine.records.write(group, opened)
    moved = []
    for chunk in engine.records.chunks(group.ref):
        if chunk.round == task.round:
            continue
        if chunk.has_succeeded:
            _keep(engine, task, chunk)
        else:
            moved.append(_again(engine, task, chunk).ref)
    send(engine, task.pool, moved)


def _again(engine: Engine, task: Task, chunk: Chunk) -> Chunk:
    """Let one chunk do what it has not done; one that has not ended just belongs to this round."""
    for _ in range(TRIES):
        try:
            return engine.records.write(chunk, _next(task, chunk, engine.clock.now()))
        except Fenced:
            stands = engine.records.read(chunk.ref)
            if not isinstance(stands, Chunk) or stands.round == task.round:
                return chunk
            chunk = stands
    raise Fenced(str(chunk.ref), chunk.attempt)


def _next(task: Task, chunk: Chunk, now: datetime) -> Chunk:
    ours = replace(chunk, round=task.round, deadline=task.deadline)
    if not chunk.state.is_over:
        return ours
    left = chunk.unfinished
    return replace(
        ours,
        state=chunk.state.again(),
        failures=0,
        crashes=0,
        sends=0,
        queued=now,
        not_before=now,
        due=now + HINT_GRACE,
        ended=None,
        expires=None,
        error=None,
        left=left if len(left) < chunk.count else None,
        lost=(),
    )


def _is_written(engine: Engine, group: Group) -> bool:
    """Has it all of its chunks? The last one of a map that ended in its expansion may not."""
    return len(engine.records.chunks(group.ref)) == group.chunks


def _keep_whole(engine: Engine, task: Task, group: Group) -> None:
    """Keep a group and its chunks; the group last, for it says whether there is anything to do."""
    if _goes_too_soon(task, group):
        for chunk in engine.records.chunks(group.ref):
            _keep(engine, task, chunk)
    _keep(engine, task, group)


def _goes_too_soon(task: Task, record: Group | Chunk) -> bool:
    # A group outlives its chunks by so much: it tells of them.
    last = task.deadline + LONGER if isinstance(record, Group) else task.deadline
    return record.expires is not None and record.expires <= last


def _keep(engine: Engine, task: Task, record: Group | Chunk) -> None:
    """What has succeeded must be there when the map gathers it, however late that is."""
    if _goes_too_soon(task, record):
        moved = replace(record, deadline=task.deadline)
        kept = replace(record, expires=engine.kept_until(moved, engine.clock.now()))
        engine.records.write(record, kept)
