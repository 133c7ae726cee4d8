"""The load that every contender carries: the same tasks, the same weather, one way of counting.

A task does two things: it asks something outside of AWS, which now and then takes up to a minute
or is the death of its process, and then it adds one to a row of its own. More than one there is a
doubled effect; none is none.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

from tests.simulated.faults import evenly
from tests.simulated.time import MINUTE, SECOND
from tests.simulated.world import World
from windrow.aws.dynamodb import decoded, encoded, expression
from windrow.clock import Clock

TASKS = 120
ARRIVALS = 8 * MINUTE
STORM = 45 * MINUTE
RATE = 0.1
WORKERS = 20
TABLE = "ApplicationTable"


class Standing(StrEnum):
    """What a contender says of a task that it accepted, once all is calm."""

    DONE = "done"
    FAILED = "failed"
    WAITS = "waits"
    UNKNOWN = "unknown"


class Contender(Protocol):
    """Whoever is given the load."""

    def submit(self, name: str) -> None:
        """Let a client submit a task now; `Work.accepted` is told when he has an answer."""
        ...

    def settle(self) -> None:
        """Let all the time pass that it may need once AWS works again."""
        ...

    def standing(self, name: str) -> Standing:
        """What it says of a task that it accepted."""
        ...


@dataclass
class Work:
    """What each task does, and what is known of it from outside.

    Of all attempts at a task `slow` take long, and `deadly` are killed while they are at it.
    """

    world: World
    slow: float = 0.1
    deadly: float = 0.02
    accepted: set[str] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)

    def ask(self, clock: Clock, name: str) -> None:
        """The part outside of AWS: sometimes it takes 5 to 60 seconds, or the process dies."""
        self.asked[name] += 1
        if self.world.random.random() < self.slow:
            clock.sleep(timedelta(seconds=self.world.random.uniform(5, 60)))
        fiber = self.world.current
        if fiber is not None and self.world.random.random() < self.deadly:
            fiber.is_killed = True
            fiber.check()

    def effect(self, name: str) -> dict[str, Any]:
        """The part in AWS, as the parameters of an UpdateItem: one more."""
        return {
            "TableName": TABLE,
            "Key": encoded({"PK": f"done/{name}", "SK": "ROW"}),
            **expression(update="ADD #count :one", values={"one": 1}),
        }

    def effects(self, name: str) -> int:
        """How often its effect happened."""
        row = self.world.services.dynamodb.tables[TABLE].rows.get((f"done/{name}", "ROW"))
        return int(decoded(row.item)["count"]) if row else 0


@dataclass
class Tally:
    """What became of the accepted tasks of one contender.

    lost     its effect never happened, and nobody who could make it happen knows of it
    doubled  its effect happened more than once
    stuck    its effect never happened; it still waits, or a person must fetch it from dead letters
    failed   it ended as failed, and says so: its caller knows, and may try again
    repeated what was asked outside was asked more than once: no system can promise it otherwise
    """

    accepted: int = 0
    lost: int = 0
    doubled: int = 0
    stuck: int = 0
    failed: int = 0
    repeated: int = 0
    faults: int = 0

    def add(self, other: "Tally") -> None:
        """Take in what another world came to."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def rate(self, name: str) -> float:
        """How many of 1,000 accepted tasks."""
        return round(1000 * float(getattr(self, name)) / max(self.accepted, 1), 1)


def weather(seed: int) -> World:
    """A world in which one call in ten meets a fault; three of the eight kinds kill the caller."""
    world = World(seed)
    world.lags.index, world.lags.stale = (10, 3 * SECOND), (0, SECOND)
    quirks = world.quirks
    quirks.unsent = quirks.duplicate = quirks.unreceived = quirks.undeleted = 0.05
    quirks.window = 5
    world.faults.rates, world.faults.delay = evenly(RATE), (100, 5 * MINUTE)
    return world


def carried(world: World, work: Work, contender: Contender) -> Tally:
    """Let clients submit in bad weather, let it pass, and count."""
    for number in range(TASKS):
        submit = partial(contender.submit, f"task-{number:04d}")
        world.after(world.random.randrange(ARRIVALS), submit)
    world.run(STORM)
    world.faults.stop()
    world.quirks.unsent = world.quirks.unreceived = 0
    contender.settle()
    tally = Tally(accepted=len(work.accepted), faults=world.faults.injected.total())
    for name in sorted(work.accepted):
        _count(tally, work, name, contender.standing(name))
    return tally


def _count(tally: Tally, work: Work, name: str, standing: Standing) -> None:
    effects = work.effects(name)
    tally.doubled += effects > 1
    tally.repeated += work.asked[name] > 1
    tally.failed += standing is Standing.FAILED
    if effects:
        # A task that waits for ever though its work is done is stuck all the same.
        tally.stuck += standing is Standing.WAITS
    elif standing is Standing.WAITS:
        tally.stuck += 1
    elif standing is not Standing.FAILED:
        tally.lost += 1
