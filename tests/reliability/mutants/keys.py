"""Mutants of submissions, of the keys that name them, and of the locks that they take.

Two conditions of locks show nothing when they are left out. What ends holds its lock until then,
and ends once: so its end frees nobody else's. And a lock is taken over from a record that is gone
only where somebody has deleted one by hand, for its end has released it.
"""

from dataclasses import replace
from typing import Any

from tests.reliability.mutants.mutant import Mutant, Patch, always, method, never, replaced
from windrow.aws.dynamodb import expression
from windrow.engine.engine import Engine
from windrow.model.records import Chunk, Group, Task
from windrow.model.ref import Ref
from windrow.store.aliases import Aliases
from windrow.store.fence import free_for
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


def _no_check(aliases: Aliases, ref: Ref, _stale: Any) -> Parameters:
    anyhow = "attribute_not_exists(#PK) OR attribute_exists(#PK)"
    return {**aliases._at(ref), **expression(condition=anyhow)}


def _free_anyhow(instead_of: Task | None) -> Parameters:
    if instead_of is None:
        return free_for(None)
    return expression(condition="attribute_exists(#PK)")


def _left_as_it_is(engine: Engine, task: Task, _until: object) -> Task:
    return engine.records.write(task, replace(task, has_remains=False))


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
        "a key takes another body",
        replaced("windrow.engine.submit._is_same", by=always),
        ("one key, two bodies",),
    ),
    Mutant(
        "a key does not remember whom it met",
        method(Tasks, "_lead", always),
        ("met by key",),
    ),
    Mutant(
        "a key forgets whom it met",
        method(Aliases, "check", _no_check),
        ("met by key",),
    ),
    Mutant(
        "a task takes an expired one's place without looking",
        replaced("windrow.store.records.free_for", by=_free_anyhow),
        ("key used again", "one key twice"),
    ),
    Mutant(
        "an expired task is there for ever",
        method(Task, "has_expired", never),
        ("key used again",),
    ),
    Mutant(
        "what is left of an expired map stays",
        replaced("windrow.engine.run.clear", by=_left_as_it_is),
        ("key of a map that is gone used again", "key of a map used again"),
    ),
    Mutant(
        "an end leaves its lock", method(Tasks, "end", _unreleased), ("map", "unique map twice")
    ),
)
