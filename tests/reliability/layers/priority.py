"""Priorities under load: nobody starts before a more urgent task that could be seen.

Twenty workers, an index that lags by 10 to 800 ms, ten priorities; at 90 % of what the workers can
do, at 120 %, and all at once. The sweeper is off, so what hints leave behind is seen: a hint that
finds nothing in the lagging index, when something waits, leaks.

And worlds that are far behind, with their sweeper, where urgent tasks are delayed or tried again.
Their own hints stand behind all others, so it is the sweeper that makes them visible.
"""

from dataclasses import dataclass

from tests.reliability.bars import OVERTAKES
from tests.reliability.frame import Budget, Outcome, Row
from tests.reliability.work import Progress, pieces, spread
from tests.simulated.deployment import Deployment
from tests.simulated.time import MINUTE, SECOND
from tests.simulated.traffic import WORKERS, Starts, arrive, arrive_later, busy, registry

NAME = "priority"
SHARE = 0.06

LOADS = (0.9, 1.2, None)
# Tasks of one world; the loads take turns from seed to seed.
TASKS, QUICK_TASKS = 1_500, 150
FULL_STARTS, QUICK_STARTS = 10_000, 400
FULL_WORLDS, QUICK_WORLDS = 30, 3
LONGEST = 20 * MINUTE
# A world that is far behind: so many tasks at once on so few workers take two minutes.
BEHIND, BEHIND_WORKERS, LATE = 480, 2, 24
FULL_BEHIND, QUICK_BEHIND = 10, 1
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
    late: tuple[int, ...] = ()


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
    behind = worlds if budget.runs else (FULL_BEHIND if budget.is_full else QUICK_BEHIND)
    later = list(spread(budget, _behind, [(budget.seed + number,) for number in range(behind)]))
    return Outcome(
        rows=[_overtakes(budget, seen, later), _leaks(seen), _lateness(later)],
        problems=[
            f"{each.overtakes} overtakes at load {each.load or 'burst'}: make reliability"
            f" LAYER={NAME} SEED={each.seed} RUNS=1"
            for each in [*seen, *later]
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


def _behind(part: tuple[int]) -> Seen:
    (seed,) = part
    with busy(seed) as world:
        deployment = Deployment(world, registry(world), workers=BEHIND_WORKERS)
        starts = Starts(world)
        starts.watch(deployment)
        arrive_later(deployment, LATE)
        world.run(arrive(deployment, BEHIND, load=None))
        end = world.time.now + LONGEST
        while deployment.queues["DefaultQueue"].messages and world.time.now < end:
            world.run(5 * SECOND)
        return Seen(
            seed=seed,
            load=None,
            starts=starts.count,
            overtakes=len(starts.overtakes),
            leaked=starts.left,
            calls=0,
            read_units=0,
            late=tuple(starts.late),
        )


def _lateness(later: list[Seen]) -> Row:
    late = sorted(each for world in later for each in world.late)
    seconds = [each / SECOND for each in late] or [0.0]
    middle, longest = seconds[len(seconds) // 2], seconds[-1]
    return Row(
        what="a delayed or retried urgent task's wait beyond its time, pool far behind",
        bar="shown only",
        seen=f"median {middle:.0f} s, longest {longest:.0f} s of {len(late)}",
        is_met=True,
        figures={
            "late starts": len(late),
            "median": round(middle, 1),
            "longest": round(longest, 1),
        },
    )


def _overtakes(budget: Budget, seen: list[Seen], later: list[Seen]) -> Row:
    bar = FULL_STARTS if budget.is_full and not budget.is_chosen else QUICK_STARTS
    starts = sum(each.starts for each in [*seen, *later])
    overtakes = sum(each.overtakes for each in [*seen, *later])
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
            "read units a start": round(
                sum(each.read_units for each in seen) / max(1, sum(each.starts for each in seen)),
                1,
            ),
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
