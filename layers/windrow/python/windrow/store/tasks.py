"""The moments at which a task and its lock are written together: its beginnings and its end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

from windrow.aws.dynamodb import decoded
from windrow.aws.errors import ConditionFailed, Reason, Unavailable
from windrow.errors import UniqueKeyHeld
from windrow.model.records import Chunk, Task
from windrow.model.ref import Ref
from windrow.model.states import Phase
from windrow.store import many
from windrow.store.aliases import Alias, Aliases, Begun, alias_of
from windrow.store.children import Children
from windrow.store.items import from_encoded
from windrow.store.keys import alias_key, key
from windrow.store.keys import ref as ref_of
from windrow.store.locks import Locks
from windrow.store.records import Records
from windrow.store.slots import Slots
from windrow.store.transactions import FAILED, Transactions, refused

# A lock changes hands at most once a task; more often than this something else is wrong.
TRIES = 5


@dataclass(frozen=True, slots=True)
class Tasks:
    """Tasks with their locks, each pair written in one transaction."""

    records: Records
    locks: Locks
    transactions: Transactions

    def begin(
        self, task: Task, *, retention: timedelta | None = None, is_unmet: bool = False
    ) -> Begun:
        """Store a new task, and take its unique key if it has one.

        Answers with the task itself, or with the one that is there already: of the same id, or the
        live one that holds its unique key. An expired one of the same id gives way, as if it were
        gone. A task whose id is derived from a key comes with the `retention` of records: where it
        meets the holder of its unique key, an alias is stored, by which the key leads there again.
        With `is_unmet` somebody has just looked whether its key leads to another task.
        """
        try:
            return self._begin(task, retention, is_unmet=is_unmet)
        except Unavailable:
            # It may have been stored all the same, and must then be owned up to.
            stored = self.records.task(task.ref)
            if stored is not None and _is(stored, task):
                return Begun(stored)
            raise

    def met(self, task: Task) -> Begun | None:
        """What `begin` would find under the key of this task; nothing is stored."""
        stored = self.records.task(task.ref)
        if stored is not None and not stored.has_expired(task.created):
            return Begun(stored)
        return self.aliases.met(task, self.aliases.read(task.ref))

    def all_met(self, tasks: Sequence[Task]) -> dict[Ref, Begun]:
        """What `met` answers for each of at most 50 tasks that meets one, by one read for all.

        Another one is read for each key that met another's task. Raises ServiceError.
        """
        wanted = {task.ref: task for task in tasks}
        keys = [each for ref in wanted for each in (key(ref), alias_key(ref))]
        found, aliases = {}, {}
        for item in many.read(self.records.aws, self.records.table, keys):
            ref = ref_of({name: item[name]["S"] for name in ("PK", "SK")})
            if item["PK"]["S"] == alias_key(ref)["PK"]:
                aliases[ref] = alias_of(item)
                continue
            stored = cast(Task, from_encoded(item))
            if not stored.has_expired(wanted[ref].created):
                found[ref] = Begun(stored)
        for ref in aliases.keys() - found.keys():
            begun = self.aliases.met(wanted[ref], aliases[ref])
            if begun is not None:
                found[ref] = begun
        return found

    @property
    def aliases(self) -> Aliases:
        """The keys that met another's task."""
        return Aliases(self.records)

    @property
    def slots(self) -> Slots:
        """The slots of limited tasks."""
        return Slots(self.records, self.transactions)

    @property
    def children(self) -> Children:
        """The tasks that others are made of."""
        return Children(self.records, self.transactions)

    def end(self, before: Task, after: Task, *, callback: Task | None = None) -> Task:
        """Store the end of a task, free its unique key and its slot, tell its parent's row of it,
        and begin the task that is to follow it: all of it, or nothing.

        Raises Fenced when it has moved on.
        """
        others = [{"Update": self.locks.release(after, after.unique)}] if after.unique else []
        if after.parent is not None:
            others.append({"Update": self.children.settle(after)})
        if callback is not None:
            others.append({"Put": self.records.put(callback)})
        return self._write(before, after, others)

    def rest[R: Task | Chunk](self, before: R, after: R) -> R:
        """Store that nobody works on a record any more, and free its slot.

        Raises Fenced when it has moved on, CancelRequested when it may not wait.
        """
        return self._write(before, after, [])

    def _write[R: Task | Chunk](self, before: R, after: R, freed: list[dict[str, Any]]) -> R:
        """Store the next version of a record, and free what it held, if it still does.

        A row of a parent that has expired is not told any more, and a task that is there already
        does not begin a second time.

        Raises ServiceError when AWS refuses that for another reason, as where the record has become
        too large; nothing is stored then.
        """
        if before.slot is not None:
            freed = [*freed, {"Update": self.slots.release(before)}]
        while freed:
            update = {"Update": self.records.update(before, after)}
            reasons = self.transactions.write([update, *freed])
            if not reasons:
                return after
            if reasons[0].code == FAILED:
                self.records.unless_written(after, reasons[0].item)
                return after
            # What is another's by now needs no freeing; what was only in the way of others does.
            held = zip(freed, reasons[1:], strict=True)
            kept = [part for part, reason in held if reason.code != FAILED]
            if len(kept) == len(freed):
                raise refused(after.ref, reasons)
            freed = kept
        return self.records.write(before, after)

    def begin_again(self, before: Task, after: Task) -> Task:
        """Store a task that was over as one that waits, and take its unique key if it has one.

        Raises Fenced when it has moved on, UniqueKeyHeld when another live task has the key.
        """
        if after.unique is None:
            return self.records.write(before, after)
        update = self.records.update(before, after)
        lock = self.locks.take(after, after.unique)
        for _ in range(TRIES):
            reasons = self.transactions.write([{"Update": update}, {"Update": lock}])
            if not reasons:
                return after
            if reasons[0].code == FAILED:
                self.records.unless_written(after, reasons[0].item)
                return after
            if reasons[1].code != FAILED:
                raise refused(after.ref, reasons)
            holder = self._holder(after, after.unique, reasons[1])
            held = self.records.task(holder) if holder else None
            # Its own lock is held because somebody else has let it begin again: the fence says so.
            if held is not None and not held.state.is_over and held.ref != after.ref:
                raise UniqueKeyHeld(after.unique, held.ref.task)
            lock = self._lock(after, after.unique, holder, held)
        codes = [reason.code for reason in reasons]
        raise Unavailable("dynamodb", "TransactWriteItems", "NotBegun", f"{after.ref}: {codes}")

    def _begin(self, task: Task, retention: timedelta | None, *, is_unmet: bool) -> Begun:
        expired: Task | None = None
        stale: Alias | None = None
        lock = self.locks.take(task, task.unique) if task.unique else None
        if lock is None and retention is not None and not is_unmet:
            # Another task may have met one under this key; with a unique key the write says so.
            met = self.aliases.met(task, self.aliases.read(task.ref))
            if met is not None:
                return met
        for _ in range(TRIES):
            # A map's parts outlive it: of one that has expired they may be all that is left.
            may_have_parts = retention is not None and task.phase is Phase.PLAN
            wanted = replace(task, has_remains=expired is not None or may_have_parts)
            parts = [{"Put": self.records.put(wanted, instead_of=expired)}]
            if lock is not None:
                parts.append({"Update": lock})
                if retention is not None:
                    parts.append({"ConditionCheck": self.aliases.check(task.ref, stale)})
            reasons = self._store(parts)
            if not reasons:
                return Begun(wanted)
            if reasons[0].code == FAILED:
                stored = self.records.task(task.ref)
                if stored is not None and (
                    _is(stored, task) or not stored.has_expired(task.created)
                ):
                    return Begun(stored)
                expired = stored
                continue
            if retention is not None and reasons[2].code == FAILED:
                stale = self.aliases.read(task.ref)
                met = self.aliases.met(task, stale)
                if met is not None:
                    return met
                continue
            assert task.unique is not None
            if reasons[1].code != FAILED:
                raise refused(task.ref, reasons)
            holder = self._holder(task, task.unique, reasons[1])
            held = self.records.task(holder) if holder else None
            if held is None or held.state.is_over:
                lock = self._lock(task, task.unique, holder, held)
            elif retention is None or self._lead(task, held, retention, expired, stale):
                return Begun(held)
        codes = [reason.code for reason in reasons]
        raise Unavailable("dynamodb", "TransactWriteItems", "NotBegun", f"{task.ref}: {codes}")

    def _lead(
        self,
        task: Task,
        holder: Task,
        retention: timedelta,
        expired: Task | None,
        stale: Alias | None,
    ) -> bool:
        """Let a task's key lead to the holder of its unique key; False when it leads elsewhere."""
        reasons = self.transactions.write(
            [
                {"Put": self.aliases.put(task, holder, retention, stale)},
                {"ConditionCheck": self.records.check_free(task.ref, instead_of=expired)},
            ]
        )
        if reasons and FAILED not in (reason.code for reason in reasons):
            raise refused(task.ref, reasons)
        return not reasons

    def _store(self, parts: list[dict[str, Any]]) -> tuple[Reason, ...]:
        """Write a task, with its lock if it has one; empty when done."""
        if len(parts) > 1:
            return self.transactions.write(parts)
        try:
            self.records.aws.call("dynamodb", "PutItem", parts[0]["Put"])
        except ConditionFailed as error:
            return (Reason(FAILED, error.item),)
        return ()

    def _lock(
        self, task: Task, unique: str, holder: Ref | None, held: Task | None
    ) -> dict[str, Any]:
        """The part that takes a key from whom it was seen with: nobody, one over, or one gone."""
        if holder is None or held is not None:
            return self.locks.take(task, unique)
        return self.locks.take_over(task, unique, holder)

    def _holder(self, task: Task, unique: str, reason: Reason) -> Ref | None:
        """Who holds the key: the refusal shows it, or a read does."""
        if reason.item is not None:
            return Ref(task.ref.tenant, decoded(reason.item)["holder"])
        return self.locks.holder(task.ref.tenant, unique)


def _is(stored: Task, task: Task) -> bool:
    """Is it the very one that we meant to store, whose answer was lost?"""
    return (stored.owner, stored.created) == (task.owner, task.created)
