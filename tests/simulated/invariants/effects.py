"""What a task does outside of its record: S4. S5 is asked where it acts, in the scenario."""

from tests.simulated.dynamodb.table import Change
from tests.simulated.invariants.step import violation
from tests.simulated.world import World


class Effects:
    """S4  an effect made with `transact` happens at most once: a row's `count` never passes 1

    That it has happened when its task succeeds is asked by the judge, once all is over.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def check(self, change: Change) -> None:
        """Look at a row of the application's table."""
        if change.after is None or "count" not in change.after.item:
            return
        count = change.after.item["count"]["N"]
        if count != "1":
            raise violation(self._world, "S4", f"{change.key} happened {count} times")
