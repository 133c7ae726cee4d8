"""One change of one item, as the invariants look at it, and how one of them says that it is broken.

These run after each of millions of writes: plain dicts and strings, and nothing computed twice.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.simulated.dynamodb.schema import Key
from tests.simulated.dynamodb.values import Item
from tests.simulated.world import World

type Plain = dict[str, Any]

OVER = frozenset({"succeeded", "failed", "cancelled"})
TRACE = 40


class Violation(GeneratorExit):
    """A promise was broken. The code under test may not swallow this."""


@dataclass(slots=True)
class Step:
    """A record's step from one version to the next; `before` is empty for one that is new.

    kind    A a task, G a group, C a chunk
    after   None when it was deleted

    A task that takes the place of an expired one of its key is reborn: it is new, and `before` is
    empty.
    """

    world: World
    key: Key
    kind: str
    tenant: str
    actor: str
    now: int
    before: Plain
    after: Plain | None
    by_ttl: bool = False

    @property
    def is_claim(self) -> bool:
        """Does an attempt begin?"""
        if self.after is None:
            return False
        return bool(self.after.get("attempt", 0) > self.before.get("attempt", 0))

    def broken(self, name: str, how: str) -> Violation:
        """The violation to raise."""
        return violation(self.world, name, f"{how}: {self.key} by {self.actor}")


def violation(world: World, name: str, how: str) -> Violation:
    """A broken promise with the seed that replays it and the last lines of its trace."""
    trace = "\n".join(list(world.lines)[-TRACE:])
    return Violation(f"{name}: {how}, seed {world.seed}\n{trace}")


def plain(item: Item) -> Plain:
    """An item's plain values: what `decoded` gives, for the types that Windrow writes."""
    values: Plain = {}
    for name, value in item.items():
        if "S" in value:
            values[name] = value["S"]
        elif "N" in value:
            number = value["N"]
            values[name] = int(number) if number.isdecimal() else Decimal(number)
        else:
            values[name] = value.get("BOOL")
    return values
