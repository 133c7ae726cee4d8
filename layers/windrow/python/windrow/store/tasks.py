"""The moments at which a task and its lock are written together: its beginnings and its end."""

from dataclasses import dataclass, replace
from typing import Any

from windrow.aws.dynamodb import decoded
from windrow.aws.errors import ConditionFailed, Reason, ServiceError, Unavailable
from windrow.errors import UniqueKeyHeld
from windrow.model.records import Chunk, Task
from windrow.model.ref import Ref
from windrow.store.locks import Locks
from windrow.store.records import Records
from windrow.store.slots import Slots
from windrow.store.transactions import Transactions

FAILED = "ConditionalCheckFailed"
# A lock changes hands at most once a task; more often than this something else is wrong.
TRIES = 5


@dataclass(frozen=True, slots=True)
class Tasks:
    """Tasks with their locks, each pair written in one transaction."""

    records: Records
    locks: Locks
    transactions: Transactions

    def begin(self, task: Task) -> Task:
        """Store a new task, and take its unique key if it has one.

        Returns the task itself, or the one that is there already: of the same id, or the live one
        that holds its unique key. An expired one of the same id gives way, as if it were gone.
        """
        try:
            return self._begin(task)
        except Unavailable:
            # It may have been stored all the same, and must then be owned up to.
            stored = self.records.task(task.ref)
            if stored is not None and _is(stored, task):
                return stored
            raise

    def met(self, task: Task) -> Task | None:
        """The task that `begin` would find under this id; nothing is stored."""
        stored = self.records.task(task.ref)
        return stored if stored is not None and not stored.has_expired(task.created) else None

    @property
    def slots(self) -> Slots:
        """The slots of limited tasks."""
        return Slots(self.records, self.transactions)

    def end(self, before: Task, after: Task) -> Task:
        """Store the end of a task and free its unique key and its slot.

        Raises Fenced when it has moved on.
        """
        freed = [{"Update": self.locks.release(after, after.unique)}] if after.unique else []
        return self._write(before, after, freed)

    def rest[R: Task | Chunk](self, before: R, after: R) -> R:
        """Store that nobody works on a record any more, and free its slot.

        Raises Fenced when it has moved on, CancelRequested when it may not wait.
        """
        return self._write(before, after, [])

    def _write[R: Task | Chunk](self, before: R, after: R, freed: list[dict[str, Any]]) -> R:
        """Store the next version of a record, and free what it held, if it still does.

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
                raise _refused(after, reasons)
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
                raise _refused(after, reasons)
            holder = self._holder(after, after.unique, reasons[1])
            held = self.records.task(holder) if holder else None
            # Its own lock is held because somebody else has let it begin again: the fence says so.
            if held is not None and not held.state.is_over and held.ref != after.ref:
                raise UniqueKeyHeld(after.unique, held.ref.task)
            lock = self._lock(after, after.unique, holder, held)
        codes = [reason.code for reason in reasons]
        raise Unavailable("dynamodb", "TransactWriteItems", "NotBegun", f"{after.ref}: {codes}")

    def _begin(self, task: Task) -> Task:
        expired: Task | None = None
        lock = self.locks.take(task, task.unique) if task.unique else None
        for _ in range(TRIES):
            wanted = task if expired is None else replace(task, has_remains=True)
            reasons = self._store(self.records.put(wanted, instead_of=expired), lock)
            if not reasons:
                return wanted
            if reasons[0].code == FAILED:
                stored = self.records.task(task.ref)
                if stored is not None and (
                    _is(stored, task) or not stored.has_expired(task.created)
                ):
                    return stored
                expired = stored
                continue
            assert task.unique is not None
            if reasons[1].code != FAILED:
                raise _refused(task, reasons)
            holder = self._holder(task, task.unique, reasons[1])
            held = self.records.task(holder) if holder else None
            if held is not None and not held.state.is_over:
                return held
            lock = self._lock(task, task.unique, holder, held)
        codes = [reason.code for reason in reasons]
        raise Unavailable("dynamodb", "TransactWriteItems", "NotBegun", f"{task.ref}: {codes}")

    def _store(self, put: dict[str, Any], lock: dict[str, Any] | None) -> tuple[Reason, ...]:
        """Write a task, with its lock if it has one; empty when done."""
        if lock is not None:
            return self.transactions.write([{"Put": put}, {"Update": lock}])
        try:
            self.records.aws.call("dynamodb", "PutItem", put)
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


def _refused(record: Task | Chunk, reasons: tuple[Reason, ...]) -> ServiceError:
    """What a transaction was refused for, where that is no condition and no other writer."""
    reason = next(each for each in reasons if each.code not in ("None", FAILED))
    told = f"{record.ref}: {reason.message}" if reason.message else str(record.ref)
    return ServiceError("dynamodb", "TransactWriteItems", reason.code, told)
