"""The two moments at which a task and its lock are written together: its beginning and its end."""

from dataclasses import dataclass

from windrow.aws.dynamodb import decoded
from windrow.aws.errors import Reason, Unavailable
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.store.locks import Locks
from windrow.store.records import Records
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
        that holds its unique key.
        """
        try:
            if task.unique is None:
                return task if self.records.create(task) else self._existing(task)
            return self._begin_unique(task, task.unique)
        except Unavailable:
            # It may have been stored all the same, and must then be owned up to.
            if self.records.task(task.ref) == task:
                return task
            raise

    def end(self, before: Task, after: Task) -> Task:
        """Store the end of a task and free its unique key. Raises Fenced when it has moved on."""
        if after.unique is None:
            return self.records.write(before, after)
        reasons = self.transactions.write(
            [
                {"Update": self.records.update(before, after)},
                {"Update": self.locks.release(after, after.unique)},
            ]
        )
        if not reasons:
            return after
        if reasons[0].code == FAILED:
            self.records.unless_written(after, reasons[0].item)
            return after
        # The key is another task's by now: there is nothing to free.
        return self.records.write(before, after)

    def _begin_unique(self, task: Task, unique: str) -> Task:
        part = self.locks.take(task, unique)
        for _ in range(TRIES):
            reasons = self.transactions.write([{"Put": self.records.put(task)}, {"Update": part}])
            if not reasons:
                return task
            if reasons[0].code == FAILED:
                return self._existing(task)
            holder = self._holder(task, unique, reasons[1])
            held = self.records.task(holder) if holder else None
            if held is not None and not held.state.is_over:
                return held
            part = (
                self.locks.take_over(task, unique, holder)
                if holder
                else self.locks.take(task, unique)
            )
        codes = [reason.code for reason in reasons]
        raise Unavailable("dynamodb", "TransactWriteItems", "LockNotTaken", f"{unique}: {codes}")

    def _existing(self, task: Task) -> Task:
        """What is stored under the id: this very task, when the answer to storing it was lost."""
        stored = self.records.task(task.ref)
        return task if stored is None or stored == task else stored

    def _holder(self, task: Task, unique: str, reason: Reason) -> Ref | None:
        """Who holds the key: the refusal shows it, or a read does."""
        if reason.item is not None:
            return Ref(task.ref.tenant, decoded(reason.item)["holder"])
        return self.locks.holder(task.ref.tenant, unique)
