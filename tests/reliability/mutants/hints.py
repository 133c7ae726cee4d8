"""Mutants of what wakes workers, and of the sweeper, who sees to what nobody was woken for.

That the sweeper lists what it finds unlisted is missed by nobody here: the hint that it sends
starts the task as well. Only what outranks it might go first, which the layer `priority` counts.
"""

from datetime import datetime
from typing import Any

from tests.reliability.mutants.mutant import Mutant, method, nothing, replaced
from windrow.aws.dynamodb import encoded, expression
from windrow.engine.engine import Engine
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.store.due import DueIndex, Overdue
from windrow.store.keys import key, sortable


def _unsent(_engine: Engine, _pool: str, _refs: list[Ref], **_options: Any) -> list[Ref]:
    return []


def _unlisted(_engine: Engine, task: Task) -> Task:
    return task


def _put_off_anyhow(index: DueIndex, overdue: Overdue, due: datetime) -> None:
    update = {
        "TableName": index.table,
        "Key": encoded(key(overdue.ref)),
        **expression(
            update="SET #due_at = :next", values={"next": f"{sortable(due)}#{overdue.ref}"}
        ),
    }
    index.aws.call("dynamodb", "UpdateItem", update)


HINTS = (
    Mutant(
        "a submission sends no hint",
        replaced("windrow.engine.submit.send_for_its_time", by=nothing),
        ("plain",),
    ),
    Mutant(
        "a retry sends no hint",
        replaced("windrow.engine.settle.send_for_its_time", by=nothing),
        ("retried",),
    ),
    Mutant(
        "the sweeper sends no hint", replaced("windrow.engine.sweep.send", by=_unsent), ("plain",)
    ),
    Mutant(
        "the sweeper moves no due time",
        replaced("windrow.engine.sweep._postpone", by=nothing),
        ("no worker",),
    ),
    Mutant(
        "the sweeper gives nothing up",
        replaced("windrow.engine.sweep._give_up", by=nothing),
        ("too late",),
    ),
    Mutant(
        "the sweeper puts nothing off",
        replaced("windrow.engine.sweep._put_off", by=nothing),
        ("pool gone",),
    ),
    Mutant(
        "what is put off may be over",
        method(DueIndex, "put_off", _put_off_anyhow),
        ("cancelled, pool gone",),
    ),
    Mutant(
        "a task that lets another go first is not listed",
        replaced("windrow.engine.choose.enlist", by=_unlisted),
        ("urgent first",),
    ),
)
