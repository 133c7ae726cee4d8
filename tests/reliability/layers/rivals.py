"""Windrow and three naive ways to run a task, under the same load and the same faults.

The figures of the others have no bar: they say what the same faults do without a fence, a record
and a sweeper. Windrow's own line must be noughts.
"""

from collections.abc import Callable

from tests.reliability.bars import RIVALS
from tests.reliability.frame import Budget, Figure, Outcome, Row
from tests.reliability.rivals.background import Background
from tests.reliability.rivals.load import Contender, Tally, Work, carried, weather
from tests.reliability.rivals.own import Own
from tests.reliability.rivals.queued import ByReceiveCount, Unfenced
from tests.reliability.work import Progress, spread
from tests.simulated.world import World

NAME = "rivals"
SHARE = 0.02

FULL_WORLDS, QUICK_WORLDS = 100, 2
PROMISES = ("lost", "doubled", "stuck")
# A task whose worker is killed six times ends as failed, and says so; but that must be rare.
MOST_FAILED = 10.0

CONTENDERS: dict[str, Callable[[World, Work], Contender]] = {
    "Windrow": Own,
    "in-process background task": Background,
    "queue, retries by receive count": ByReceiveCount,
    "queue and a record without a fence": Unfenced,
}


def run(budget: Budget) -> Outcome:
    """The worlds of seeds from SEED on, once for each contender. RUNS is how many worlds."""
    worlds = budget.runs or (FULL_WORLDS if budget.is_full else QUICK_WORLDS)
    parts = [
        (seed, name) for seed in range(budget.seed, budget.seed + worlds) for name in CONTENDERS
    ]
    tallies = {name: Tally() for name in CONTENDERS}
    problems = []
    progress = Progress(NAME)
    for seed, name, tally in spread(budget, lived, parts):
        tallies[name].add(tally)
        progress.tell(f"{sum(each.accepted for each in tallies.values()):,} tasks")
        if name == "Windrow":
            problems += _problems(seed, tally)
    rows = [_row(name, tally) for name, tally in tallies.items() if tally.accepted]
    return Outcome(rows, problems)


def lived(part: tuple[int, str]) -> tuple[int, str, Tally]:
    """One contender in the world of one seed."""
    seed, name = part
    with weather(seed) as world:
        work = Work(world)
        return seed, name, carried(world, work, CONTENDERS[name](world, work))


def _row(name: str, tally: Tally) -> Row:
    is_own = name == "Windrow"
    rates = ", ".join(f"{promise} {tally.rate(promise):g}" for promise in PROMISES)
    figures: dict[str, Figure] = dict(vars(tally))
    return Row(
        what=RIVALS.what,
        bar="lost 0, doubled 0, stuck 0" if is_own else "for comparison, per 1,000",
        seen=f"{name}: {rates} of {tally.accepted:,}; failed {tally.rate('failed'):g}",
        is_met=not is_own or _has_kept(tally),
        figures={"contender": name, **figures},
    )


def _has_kept(tally: Tally) -> bool:
    is_kept = not any(getattr(tally, promise) for promise in PROMISES)
    return is_kept and tally.rate("failed") <= MOST_FAILED


def _problems(seed: int, tally: Tally) -> list[str]:
    return [
        f"{getattr(tally, promise)} {promise} | make reliability LAYER={NAME} SEED={seed} RUNS=1"
        for promise in PROMISES
        if getattr(tally, promise)
    ]
