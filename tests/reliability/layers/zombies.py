"""Forced zombies: workers that are frozen until their lease is another's, and then go on.

Clocks are wrong by up to 30 s either way, requests arrive up to five minutes late, and the platform
does not kill in time. A zombie is counted when it asks for a write to the record that it no longer
holds; what it asks for must be refused each time.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from tests.reliability.bars import ZOMBIES
from tests.reliability.frame import Budget, Outcome, Row
from tests.reliability.work import Progress, pieces, spread
from tests.simulated.deployment import Deployment
from tests.simulated.dynamodb.schema import Key
from tests.simulated.dynamodb.table import Change
from tests.simulated.faults import evenly
from tests.simulated.invariants import Invariants, Violation
from tests.simulated.judge import complaints
from tests.simulated.outside import Outside
from tests.simulated.scenario import registry
from tests.simulated.time import HOUR, MINUTE, SECOND
from tests.simulated.world import World
from windrow import Context
from windrow.aws.port import Parameters

NAME = "zombies"
SHARE = 0.05

FULL_ZOMBIES, QUICK_ZOMBIES = 10_000, 500
# Far more worlds than are needed: it stops when it has seen enough.
WORLDS = 10_000
TASKS, MAPS = 60, 2
FREEZES = 0.8
# Longer than a lease, and long enough for somebody else to take the record over.
FROZEN = (70, 400)
SKEW = (-30 * SECOND, 30 * SECOND)


class Frozen(Outside):
    """An outside world that freezes whoever asks it for something."""

    def ask(self, context: Context, what: str) -> int:
        if self.random.random() < FREEZES:
            context.clock.sleep(timedelta(seconds=self.random.uniform(*FROZEN)))
        return super().ask(context, what)


@dataclass
class Overtaken:
    """Who was overtaken, and what they asked for afterwards.

    stale      writes to the record that were asked for by somebody who had been overtaken
    refused    those of them that AWS refused, counted where it answers
    accepted   those of them that were stored, counted where they are
    """

    world: World
    holders: dict[Key, str] = field(default_factory=dict)
    overtaken: set[tuple[str, Key]] = field(default_factory=set)
    zombies: set[tuple[str, Key]] = field(default_factory=set)
    stale: int = 0
    refused: int = 0
    accepted: int = 0

    def changed(self, change: Change) -> None:
        """Learn who holds a record now."""
        actor, key = self.world.acting or "-", change.key
        if change.after is None or "attempt" not in change.after.item:
            return
        if (actor, key) in self.overtaken:
            self.accepted += 1
        if change.before is None or change.before.item["attempt"] == change.after.item["attempt"]:
            return
        held = self.holders.get(key)
        if held is not None:
            self.overtaken.add((held, key))
        self.holders[key] = actor

    def asked(self, caller: str, service: str, operation: str, parameters: Parameters) -> None:
        """Notice a write that is asked for by somebody who was overtaken."""
        stale = self._stale(caller, operation, parameters)
        self.zombies.update(stale)
        self.stale += len(stale)

    def denied(self, caller: str, service: str, operation: str, parameters: Parameters) -> None:
        """Notice that such a write was refused."""
        self.refused += len(self._stale(caller, operation, parameters))

    def _stale(self, caller: str, operation: str, parameters: Parameters) -> list[tuple[str, Key]]:
        if operation not in ("UpdateItem", "PutItem", "TransactWriteItems"):
            return []
        writes = [
            write
            for part in parameters.get("TransactItems") or [{"": parameters}]
            for action, write in part.items()
            if action != "ConditionCheck"
        ]
        items = [write.get("Key") or write["Item"] for write in writes]
        asked = [(caller, (item["PK"]["S"], item["SK"]["S"])) for item in items]
        return [who for who in asked if who in self.overtaken]


@dataclass
class Tally:
    """What some worlds came to."""

    zombies: int = 0
    stale: int = 0
    refused: int = 0
    accepted: int = 0
    tasks: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Take in what another world came to."""
        self.zombies += other.zombies
        self.stale += other.stale
        self.refused += other.refused
        self.accepted += other.accepted
        self.tasks += other.tasks
        self.problems += other.problems


def run(budget: Budget) -> Outcome:
    """Worlds of seeds from SEED on, until there were enough zombies. RUNS is how many worlds."""
    tally, progress = Tally(), Progress(NAME)
    wanted = FULL_ZOMBIES if budget.is_full else QUICK_ZOMBIES
    worlds = budget.runs or WORLDS
    for each in spread(budget, lived, pieces(budget.seed, worlds, 1)):
        tally.add(each)
        progress.tell(f"{tally.zombies:,} zombies")
        if tally.zombies >= wanted and budget.runs is None:
            break
    row = Row(
        what=ZOMBIES.what,
        bar=f">= {wanted:,}; stale writes accepted 0",
        seen=(
            f"{tally.zombies:,} asked for {tally.stale:,} stale writes;"
            f" refused {tally.refused:,}, accepted {tally.accepted}"
        ),
        is_met=tally.zombies >= wanted and not tally.accepted,
        figures={
            "zombies": tally.zombies,
            "stale writes asked for": tally.stale,
            "stale writes refused": tally.refused,
            "stale writes accepted": tally.accepted,
            "tasks": tally.tasks,
        },
    )
    return Outcome([row], tally.problems)


def lived(seeds: range) -> Tally:
    """The world of one seed, lived and judged."""
    (seed,) = seeds
    with World(seed) as world:
        world.faults.rates, world.faults.delay = evenly(0.05), (SECOND, 5 * MINUTE)
        world.lags.index = (10, 3 * SECOND)
        deployment = Deployment(world, registry(Frozen(world.random)), workers=500, skew=SKEW)
        deployment.worker.overrun = HOUR
        Invariants(world, deployment.table, 60 * SECOND, deployment).watch()
        watched = Overtaken(world)
        deployment.table.watchers.append(watched.changed)
        world.witnesses.append(watched.asked)
        world.refusals.append(watched.denied)
        for name, count in (("plain", TASKS), ("numbers", MAPS)):
            for number in range(count):
                submit = partial(deployment.submit, name, tenant=f"tenant-{number % 2}")
                world.after(world.random.randrange(MINUTE), submit)
        try:
            world.run(20 * MINUTE)
            deployment.calm()
            deployment.run_until_quiet(7 * HOUR)
            problems = complaints(deployment)
        except Violation as violation:
            problems = [str(violation).partition("\n")[0]]
        return Tally(
            len(watched.zombies),
            watched.stale,
            watched.refused,
            watched.accepted,
            len(deployment.accepted),
            [f"{problem} | {_replay(seed)}" for problem in problems],
        )


def _replay(seed: int) -> str:
    return f"make reliability LAYER={NAME} SEED={seed} RUNS=1"
