"""Who holds the slots of limited tasks: S18."""

from tests.simulated.dynamodb.schema import Key
from tests.simulated.dynamodb.table import Change, Table
from tests.simulated.invariants.step import Plain, Step, plain, violation
from tests.simulated.world import World
from windrow.engine.registry import Registry


class Slots:
    """S18  an attempt of a limited task holds one of its slots, and nobody else the same one while
         it may run; who stops working holds none: both as of the very write that says so

    So no more attempts run at once than the limit allows. `skew` is by how much two clocks differ.
    """

    def __init__(self, world: World, table: Table, skew: int, registry: Registry | None) -> None:
        self._world = world
        self._table = table
        self._skew = skew
        self._registry = registry
        # What must be so when the call is over that is under way: slots that somebody has taken,
        # and slots that somebody has left.
        self._taken: list[tuple[Step, str]] = []
        self._left: list[tuple[Step, str]] = []

    def check(self, step: Step, after: Plain) -> None:
        """Learn who needs a slot, and who needs it no more."""
        old, new = step.before.get("slot"), after.get("slot")
        if step.is_claim:
            self._check_limit(step, after, new)
        if old is not None and (old != new or step.is_claim):
            self._left.append((step, old))
        if new is not None and step.is_claim:
            self._taken.append((step, new))

    def check_slot(self, change: Change) -> None:
        """A slot changes hands: not out of those of somebody who works."""
        before = plain(change.before.item) if change.before else {}
        after = plain(change.after.item) if change.after else {}
        if "holder" not in before or _held(before) == _held(after):
            return
        row = self._table.rows.get((before["holder"], before["holder_sort"]))
        record = plain(row.item) if row else {}
        is_on = record.get("state") == "running" and record["attempt"] == before["attempt"]
        if is_on and record.get("lease", 0) - self._skew > self._world.time.now:
            how = f"{change.key} was taken from {_held(before)} by {_held(after)}"
            raise violation(self._world, "S18", how)

    def settle(self) -> None:
        """The call is over."""
        while self._taken or self._left:
            is_left = bool(self._left)
            step, slot = self._left.pop() if is_left else self._taken.pop()
            number = int(slot.rpartition("#")[2])
            row = self._table.rows.get((f"N#{slot.rpartition('#')[0]}", f"S#{number:05d}"))
            held = _held(plain(row.item)) if row else None
            assert step.after is not None
            attempt = step.before["attempt"] if is_left else step.after["attempt"]
            if (held == (step.key, attempt)) is is_left:
                raise step.broken("S18", f"{slot} is held by {held}")

    def _check_limit(self, step: Step, after: Plain, slot: str | None) -> None:
        name = after.get("name") or self._name_of_map(step.key)
        if self._registry is None or name not in self._registry:
            return
        limit = self._registry.get(name).limit
        if limit is None:
            return
        if slot is None or int(slot.rpartition("#")[2]) >= limit:
            raise step.broken("S18", f"it started with slot {slot} of {limit}")

    def _name_of_map(self, key: Key) -> str:
        row = self._table.rows.get((key[0].rpartition("#")[0], "A"))
        return str(row.item["name"]["S"]) if row else ""


def _held(slot: Plain) -> tuple[Key, int] | None:
    if "holder" not in slot:
        return None
    return (slot["holder"], slot["holder_sort"]), slot["attempt"]
