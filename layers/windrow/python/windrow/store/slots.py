"""Slots: how many attempts of a limited task may run at once, each on an item that says which one.

A slot is taken in the transaction that claims a record and freed in the one that ends the attempt
or lets the record wait. Its truth is the record that holds it: a slot may be taken over only when
that record says that the attempt is over, or that its lease has run out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from windrow.aws.dynamodb import encoded, expression, pages
from windrow.aws.errors import CONFLICTS
from windrow.model.records import Chunk, Group, Task
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.keys import key, milliseconds, ref, slot_key
from windrow.store.records import Records
from windrow.store.transactions import FAILED, Transactions, refused

# Each try is lost to somebody who took the slot that we saw free.
TRIES = 4
HELD = "#holder = :holder AND #holder_sort = :sort AND #attempt = :attempt"


@dataclass(frozen=True, slots=True)
class Held:
    """A slot's number, and the attempt that holds it; without a holder it is free."""

    number: int
    holder: Ref | None = None
    attempt: int = 0
    lease: datetime | None = None


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots of the table; reads are strongly consistent."""

    records: Records
    transactions: Transactions

    def claim[R: Task | Chunk](
        self, before: R, after: R, name: str, count: int, *, overdue: datetime
    ) -> R | None:
        """Claim a record together with one of `count` slots; None when none is free.

        A lease that ended before `overdue` has run out. Raises Fenced and CancelRequested, as any
        claim does, and ServiceError when AWS refuses it for what no other writer did, as where the
        record has become too large; then no slot is taken.
        """
        for _ in range(TRIES):
            slot = self._free(before, name, count, overdue)
            if slot is None:
                return None
            claimed = replace(after, slot=f"{name}#{slot.number}")
            reasons = self.transactions.write(
                [
                    {"Update": self.records.update(before, claimed)},
                    {"Update": self._take(slot, name, claimed)},
                ]
            )
            if reasons and reasons[0].code == FAILED:
                self.records.unless_written(claimed, reasons[0].item)
            if not reasons or reasons[0].code == FAILED:
                return claimed
            if {each.code for each in reasons} - {"None", FAILED, *CONFLICTS}:
                raise refused(claimed.ref, reasons)
        return None

    def held(self, name: str) -> list[Ref]:
        """Whose attempts hold the slots of a limited task now."""
        return [slot.holder for slot in self._all(name).values() if slot.holder]

    def release(self, record: Task | Chunk) -> dict[str, Any]:
        """The part that frees the slot of a record's present attempt."""
        name, _, number = (record.slot or "").rpartition("#")
        held = Held(int(number), record.ref, record.attempt)
        return {
            "TableName": self.records.table,
            "Key": encoded(slot_key(name, held.number)),
            **expression(
                update="REMOVE #holder, #holder_sort, #attempt, #lease",
                condition=HELD,
                values=_holder(held),
            ),
        }

    def _take(self, slot: Held, name: str, claimed: Task | Chunk) -> dict[str, Any]:
        if claimed.lease is None:
            raise AssertionError("whoever claims a record has a lease")
        taken = key(claimed.ref)
        return {
            "TableName": self.records.table,
            "Key": encoded(slot_key(name, slot.number)),
            **expression(
                update="SET #holder = :new_holder, #holder_sort = :new_sort,"
                " #attempt = :new_attempt, #lease = :new_lease",
                condition=HELD if slot.holder else "attribute_not_exists(#holder)",
                values={
                    **(_holder(slot) if slot.holder else {}),
                    "new_holder": taken["PK"],
                    "new_sort": taken["SK"],
                    "new_attempt": claimed.attempt,
                    "new_lease": milliseconds(claimed.lease),
                },
            ),
        }

    def _free(self, record: Task | Chunk, name: str, count: int, overdue: datetime) -> Held | None:
        """The slot of the attempt that crashed, one that nobody holds, or one of who is gone."""
        slots = self._all(name)
        crashed = (record.ref, record.attempt)
        own = [slot for slot in slots.values() if (slot.holder, slot.attempt) == crashed]
        if own:
            return own[0]
        free = [
            number for number in range(count) if number not in slots or not slots[number].holder
        ]
        if free:
            # Not all at the first one, where only one would get in.
            return Held(self.transactions.random.choice(free))
        for slot in slots.values():
            is_late = slot.lease is not None and slot.lease < overdue
            if slot.number < count and is_late and self._is_gone(slot, overdue):
                return slot
        return None

    def _is_gone(self, slot: Held, overdue: datetime) -> bool:
        """Ask the record: is this attempt not the one that runs?"""
        record = self.records.read(slot.holder) if slot.holder else None
        if record is None or isinstance(record, Group) or record.state is not State.RUNNING:
            return True
        return record.attempt != slot.attempt or record.lease is None or record.lease < overdue

    def _all(self, name: str) -> dict[int, Held]:
        query = {
            "TableName": self.records.table,
            "ConsistentRead": True,
            **expression(
                key_condition="#PK = :partition", values={"partition": slot_key(name, 0)["PK"]}
            ),
        }
        slots = (_slot(item) for item in pages(self.records.aws, query))
        return {slot.number: slot for slot in slots}


def _holder(slot: Held) -> dict[str, str | int]:
    assert slot.holder is not None
    holder = key(slot.holder)
    return {"holder": holder["PK"], "sort": holder["SK"], "attempt": slot.attempt}


def _slot(item: Mapping[str, Any]) -> Held:
    number = int(item["SK"].partition("#")[2])
    if "holder" not in item:
        return Held(number)
    return Held(
        number,
        ref({"PK": item["holder"], "SK": item["holder_sort"]}),
        item["attempt"],
        datetime.fromtimestamp(item["lease"] / 1000, UTC),
    )
