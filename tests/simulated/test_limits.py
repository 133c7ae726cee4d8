"""Limited tasks in stormy worlds: never more live attempts than the limit, and everything ends."""

from collections import defaultdict
from dataclasses import dataclass, field

import pytest

from tests.simulated.deployment import Deployment
from tests.simulated.dynamodb.schema import Key
from tests.simulated.dynamodb.table import Change
from tests.simulated.invariants.step import Plain, Violation, plain
from tests.simulated.judge import complaints
from tests.simulated.storm import live, stormy
from tests.simulated.time import SECOND
from tests.simulated.world import World
from windrow.engine.system import SYSTEM

LIMIT = 2
# Clocks of these worlds differ by this much, and a lease may look run out to the one that is ahead.
SKEW = 60 * SECOND


@dataclass
class Limited:
    """Watches how many attempts of each task have a lease that no clock of the world finds over."""

    world: World
    limit: int
    most: int = 0
    leases: dict[str, dict[Key, int]] = field(default_factory=lambda: defaultdict(dict))
    names: dict[str, str] = field(default_factory=dict)

    def note(self, change: Change) -> None:
        """Learn of a change. Raises Violation."""
        if not change.key[0].startswith("K#") or change.key[1][0] not in "AC":
            return
        after = plain(change.after.item) if change.after else {}
        name = self._name(change.key, after)
        if name in SYSTEM:
            return  # A group or a chain begins what is made of it, and takes no slot for that.
        leases = self.leases[name]
        if after.get("state") != "running" or "lease" not in after:
            leases.pop(change.key, None)
            return
        leases[change.key] = after["lease"]
        live = [lease for lease in leases.values() if lease - SKEW > self.world.time.now]
        self.most = max(self.most, len(live))
        if len(live) > self.limit:
            raise Violation(f"{len(live)} attempts at once: {sorted(leases)}")

    def _name(self, key: Key, after: Plain) -> str:
        """The task's name; a chunk's is its map's, whose key its own begins with."""
        if key[1] == "A" and after:
            self.names[key[0]] = after["name"]
        return self.names[key[0] if key[1] == "A" else key[0].rpartition("#")[0]]


def limited(monkeypatch: pytest.MonkeyPatch, world: World) -> Limited:
    """A watcher of the deployment that will live in this world."""
    watcher = Limited(world, LIMIT)
    make = Deployment.__init__

    def watched(self: Deployment, *args: object, **options: object) -> None:
        make(self, *args, **options)  # type: ignore[arg-type]
        self.table.watchers.append(watcher.note)

    monkeypatch.setattr(Deployment, "__init__", watched)
    return watcher


# Worlds that are large enough to want more than the limit.
@pytest.mark.parametrize("seed", [4, 5])
def test_no_more_attempts_are_live_than_the_limit_allows_and_all_ends(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stormy(seed) as world:
        watcher = limited(monkeypatch, world)
        deployment = live(world, limit=LIMIT)

        assert complaints(deployment) == [], (seed, list(world.lines)[-40:])
        assert watcher.most == LIMIT
