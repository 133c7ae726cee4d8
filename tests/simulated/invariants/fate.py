"""How a record begins, ends and goes: S1, S13, S14 and S16."""

from tests.simulated.dynamodb.table import Table
from tests.simulated.invariants.step import OVER, Plain, Step


class Fate:
    """S1   what has ended stays exactly as it is, unless somebody lets it begin again; and what a
         map that begins again has done is kept longer
    S13  a record expires when it has ended, and only then, a map's parts not before their map;
         none is without its state
    S14  what has not ended is due, and only that; only what waits is ready
    S16  nothing but TTL deletes a record, and only after it has expired; but one of its key may
         take an expired task's place, and what is left of a map goes with it

    `skew` is by how much two clocks may differ, in milliseconds.
    """

    def __init__(self, table: Table, skew: int) -> None:
        self._table = table
        self._skew = skew

    def check_rebirth(self, step: Step, before: Plain) -> None:
        """Look at a task that is stored in the place of another one."""
        if before["state"] not in OVER or before["expires"] * 1000 - self._skew > step.now:
            raise step.broken("S16", "it took the place of a task that had not expired")

    def check(self, step: Step) -> None:
        after = step.after
        if after is None:
            self._check_removal(step)
            return
        if step.kind == "G":
            is_over, was_over = bool(after.get("closed")), bool(step.before.get("closed"))
            if "chunks" not in after:
                raise step.broken("S13", "a group appeared out of nothing")
        else:
            if "state" not in after or "pool" not in after:
                raise step.broken("S13", "a record appeared out of nothing")
            is_over, was_over = after["state"] in OVER, step.before.get("state") in OVER
        is_again = after.get("round", 0) > step.before.get("round", 0)
        if was_over and not is_again and not _is_kept_longer(step.before, after):
            raise step.broken("S1", f"what had ended changed: {_difference(step.before, after)}")
        if is_over != ("expires" in after):
            raise step.broken("S13", f"over={is_over} with expires={after.get('expires')}")
        if is_over and step.kind != "A" and after["expires"] * 1000 < after["deadline"]:
            raise step.broken("S13", "a part of a map expires before its map has to end")
        if is_over == ("due_shard" in after):
            raise step.broken("S14", f"over={is_over} with due={after.get('due_at')}")
        if "ready_shard" in after and after.get("state") != "queued":
            raise step.broken("S14", f"ready while {after.get('state')}")

    def _check_removal(self, step: Step) -> None:
        if not step.by_ttl and not self._is_remains(step):
            raise step.broken("S16", "a record was deleted")
        if step.by_ttl and step.before.get("expires", step.now) * 1000 > step.now:
            raise step.broken("S16", "a record was deleted before it expired")

    def _is_remains(self, step: Step) -> bool:
        """Is it a part of a map whose place another one has taken?"""
        map_ = step.key[0] if step.kind == "G" else step.key[0].rpartition("#")[0]
        stands = self._table.rows.get((map_, "A"))
        if step.kind == "A" or stands is None or "remains" not in stands.item:
            return False
        told_by = "deadline" if step.kind == "G" else "created"
        return bool(step.before[told_by] < int(stands.item[told_by]["N"]))


def _is_kept_longer(before: Plain, after: Plain) -> bool:
    """Nothing but a later time to expire; so is the same once more."""
    return after == before | {"expires": max(before["expires"], after.get("expires", 0))}


def _difference(before: Plain, after: Plain) -> dict[str, tuple[object, object]]:
    return {
        name: (before.get(name), after.get(name))
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
    }
