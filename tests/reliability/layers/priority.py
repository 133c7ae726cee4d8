"""Priorities under load: nobody starts before a more urgent task that could be seen.

Twenty workers, an index that lags by 10 to 800 ms, ten priorities; at 90 % of what the workers can
do, at 120 %, and all at once. The sweeper is off, so what hints leave behind is seen: a hint that
finds nothing in the lagging index, when something waits, leaks.
"""

from dataclasses import dataclass

from tests.reliability.bars import OVERTAKES
from tests.reliability.frame import Budget, Outcome, Row
from tests.reliability.work import Progress, pieces, spread
from tests.simulated.deployment import Deployment
from tests.simulated.time import MINUTE, SECOND
from tests.simulated.traffic import WORKERS, Starts, arrive, busy, registry

NAME = "priority"
SHARE = 0.06

LOADS = (0.9, 1.2, None)
# Tasks of one world; the loads take turns from seed to seed.
TASKS, QUICK_TASKS = 1_500, 150
FULL_STARTS, QUICK_STARTS = 10_000, 400
FULL_WORLDS, QUICK_WORLDS = 30, 3
LONGEST = 20 * MINUTE
# One task in five hundred may be left to the sweeper, which finds it within two minutes.
LEAKS = 1 / 500


@dataclass(frozen=True)
class Seen:
    """What one world came to."""

    seed: int
    load: float | None
    starts: int
    overtakes: int
    leaked: int
    calls: int
    read_units: float


def run(budget: Budget) -> Outcome:
    """Let a world for each seed live; RUNS says how many worlds."""
    worlds = budget.runs or (FULL_WORLDS if budget.is_full else QUICK_WORLDS)
    tasks = TASKS if budget.is_full else QUICK_TASKS
    parts = [(seed, tasks) for piece in pieces(budget.seed, worlds, 1) for seed in piece]
    progress = Progress(NAME)
    seen: list[Seen] = []
    for each in spread(budget, _lived, parts):
        seen.append(each)
        progress.tell(f"{sum(world.starts for world in seen):,} starts in {len(seen)} worlds")
    return Outcome(
        rows=[_overtakes(budget, seen), _leaks(seen)],
        problems=[
            f"{each.overtakes} overtakes at load {each.load or 'burst'}: make reliability"
            f" LAYER={NAME} SEED={each.seed} RUNS=1"
            for each in seen
            if each.overtakes
        ],
    )


def _lived(part: tuple[int, int]) -> Seen:
    seed, tasks = part
    load = LOADS[seed % len(LOADS)]
    with busy(seed) as world:
        deployment = Deployment(world, registry(world), workers=WORKERS)
        deployment.schedule.missed = 1
        starts = Starts(world)
        starts.watch(deployment)
        world.run(arrive(deployment, tasks, load=load))
        end = world.time.now + LONGEST
        while deployment.queues["DefaultQueue"].messages and world.time.now < end:
            world.run(5 * SECOND)
        return Seen(
            seed=seed,
            load=load,
            starts=starts.count,
            overtakes=len(starts.overtakes),
            leaked=starts.left,
            calls=starts.calls["GetItem"] + starts.calls["Query"],
            read_units=world.services.dynamodb.meter.reads,
        )


def _overtakes(budget: Budget, seen: list[Seen]) -> Row:
    bar = FULL_STARTS if budget.is_full and not budget.is_chosen else QUICK_STARTS
    starts = sum(each.starts for each in seen)
    overtakes = sum(each.overtakes for each in seen)
    return Row(
        what=OVERTAKES.what,
        bar=f"0 of >= {bar:,} starts",
        seen=f"{overtakes} of {starts:,} starts",
        is_met=not overtakes and (starts >= bar or budget.is_chosen),
        figures={
            "starts": starts,
            "overtakes": overtakes,
            **{
                f"reads a start at {load or 'burst'}": round(
                    sum(each.calls for each in seen if each.load == load)
                    / max(1, sum(each.starts for each in seen if each.load == load)),
                    1,
                )
                for load in LOADS
            },
            "read units a start": round(sum(each.read_units for each in seen) / max(1, starts), 1),
        },
    )


def _leaks(seen: list[Seen]) -> Row:
    starts, leaked = sum(each.starts for each in seen), sum(each.leaked for each in seen)
    return Row(
        what="tasks whose hint was used up, left to the sweeper",
        bar="<= 2 per 1,000 starts",
        seen=f"{leaked} of {starts:,}, {leaked / max(1, starts) * 45_000:.0f} per 45,000",
        is_met=leaked <= max(2, starts * LEAKS),
        figures={"leaked": leaked},
    )
