"""Mutants of submissions, of the keys that name them, and of the locks that they take."""

from typing import Any

from tests.reliability.mutants.mutant import Mutant, Patch, method
from windrow.model.records import Chunk, Group, Task
from windrow.store.locks import Locks
from windrow.store.records import Records
from windrow.store.tasks import Tasks

type Parameters = dict[str, Any]


def _put_without_condition(*kinds: type) -> Patch:
    whole = Records.put

    def put(records: Records, record: Any, **options: Any) -> Parameters:
        made = whole(records, record, **options)
        if isinstance(record, kinds):
            made = {name: made[name] for name in ("TableName", "Item")}
        return made

    return method(Records, "put", put)


def _lock_of_a_live_holder(locks: Locks, task: Task, unique: str) -> Parameters:
    anyhow = "attribute_not_exists(#PK) OR attribute_exists(#PK)"
    return locks._hold(task, unique, anyhow, {})


def _unreleased(tasks: Tasks, before: Task, after: Task, **_options: object) -> Task:
    return tasks.records.write(before, after)


KEYS = (
    Mutant(
        "a submission writes over what is there",
        _put_without_condition(Task),
        ("one key twice", "plain"),
    ),
    Mutant(
        "an expansion writes over what is there",
        _put_without_condition(Group, Chunk),
        ("map", "map of groups"),
    ),
    Mutant(
        "the lock of a live holder is taken",
        method(Locks, "take", _lock_of_a_live_holder),
        ("unique map twice",),
    ),
    Mutant(
        "an end leaves its lock", method(Tasks, "end", _unreleased), ("map", "unique map twice")
    ),
)
