"""The newest task of a unique key, for those who poll it."""

from dataclasses import dataclass, field

from windrow.clock import Clock
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.store.locks import Locks
from windrow.store.records import Records


@dataclass(frozen=True, slots=True)
class Latest:
    """Finds the task that holds a unique key, or held it last; strongly consistent.

    While a task lives nobody else can hold its key. So a task that was seen alive is read directly,
    and a poll costs one read until the task is over.
    """

    records: Records
    locks: Locks
    clock: Clock
    _alive: dict[tuple[str, str], Ref] = field(default_factory=dict)

    def task(self, tenant: str, unique: str) -> Task | None:
        """The newest task of this key; None if there never was one, or its record has expired."""
        known = self._alive.pop((tenant, unique), None)
        task = self._living(known) if known else None
        if task is None:
            holder = self.locks.holder(tenant, unique)
            task = self.records.task(holder) if holder else None
        if task is None or task.has_expired(self.clock.now()):
            return None
        if not task.state.is_over:
            self._alive[tenant, unique] = task.ref
        return task

    def _living(self, ref: Ref) -> Task | None:
        task = self.records.task(ref)
        return task if task and not task.state.is_over else None
