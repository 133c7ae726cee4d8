"""Long random runs: world after world of many tasks, most of whose calls something happens to.

A run is an attempt: one that a worker began on a task or on a chunk of a map, once its claim was
stored. So a task of three attempts is three runs, and a map has those of its phases and of all of
its chunks besides. A fault is a call that failed, was throttled, lost its answer, was delayed or
repeated, or took its caller with it. Neither the lags of indexes and reads nor what SQS does to
messages are counted as faults, though both are there. A run met a fault if one of the calls did
that the worker who began it made, before or after, in that invocation. Every write is judged as it
happens, and every world at its end.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.reliability.bars import RANDOM
from tests.reliability.frame import Budget, Outcome, Row
from tests.reliability.work import Progress, pieces, spread
from tests.simulated.invariants import Violation
from tests.simulated.judge import complaints
from tests.simulated.storm import live, stormy
from tests.simulated.world import World

NAME = "random"
SHARE = 0.16

FULL_RUNS, FULL_FAULTS = 1_000_000, 5_000_000
QUICK_RUNS, QUICK_FAULTS = 4_000, 15_000
# Far more worlds than the full profile needs: it stops when it has seen enough.
FULL_WORLDS, QUICK_WORLDS = 200_000, 24
PIECE = 10

# What a broken promise is called in the table, by the label that its complaint begins with. One
# without a label is a wrong end, as is every other promise of safety.
KINDS = {
    "lost": ("S13", "S16"),
    "doubled": ("S2", "S3", "S4", "S5", "S6", "S10", "S11", "S12"),
    "stuck": ("L", "S14"),
}
WRONG_END = "wrong end"
LABEL = re.compile(r"([SL])\d+(?=:)")


@dataclass
class Tally:
    """What some worlds came to. `problems` are broken promises, `broken` counts them by kind."""

    worlds: int = 0
    tasks: int = 0
    runs: int = 0
    struck: int = 0
    calls: int = 0
    hours: float = 0
    faults: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    trace: str = ""

    def add(self, other: "Tally") -> None:
        """Take in what other worlds came to."""
        self.worlds += other.worlds
        self.tasks += other.tasks
        self.runs += other.runs
        self.struck += other.struck
        self.calls += other.calls
        self.hours += other.hours
        self.faults += other.faults
        self.broken += other.broken
        self.problems += other.problems
        self.trace = other.trace or self.trace


def run(budget: Budget) -> Outcome:
    """Run worlds of seeds from SEED on. RUNS is how many; one alone prints its trace."""
    tally = Tally()
    for each in _told(spread(budget, lived, pieces(budget.seed, _worlds(budget), PIECE)), tally):
        tally.add(each)
        if budget.runs is None and budget.is_full and _is_enough(budget, tally):
            break
    if budget.runs == 1:
        print(tally.trace)  # noqa: T201 - the replay of a seed
    return Outcome([_row(budget, tally)], tally.problems)


def lived(seeds: range) -> Tally:
    """The worlds of these seeds, lived and judged."""
    tally = Tally()
    for seed in seeds:
        with stormy(seed) as world:
            if len(seeds) == 1:
                world.lines = deque()  # All of them, for whoever replays a seed.
            try:
                found = _judged(world, tally)
            except Violation as violation:
                found = [str(violation).partition("\n")[0]]
            tally.worlds += 1
            tally.calls += world.faults.calls
            tally.faults.update({str(kind): n for kind, n in world.faults.injected.items()})
            tally.broken.update(_kind(complaint) for complaint in found)
            tally.problems += [f"{complaint} | {_replay(seed)}" for complaint in found]
            if len(seeds) == 1:
                tally.trace = "\n".join([*world.lines, f"digest {world.digest}"])
    return tally


def _judged(world: World, tally: Tally) -> list[str]:
    began = world.time.now
    deployment = live(world)
    begun = deployment.telemetry.begun
    tally.struck += sum(count for caller, count in begun.items() if world.struck[caller])
    tally.hours += (world.time.now - began) / 3_600_000
    tally.tasks += len({submission.task.ref for submission in deployment.accepted})
    tally.runs += deployment.telemetry.verbs["task.claimed"]
    return complaints(deployment)


def _kind(complaint: str) -> str:
    found = LABEL.match(complaint)
    if found is not None:
        for kind, labels in KINDS.items():
            if found[0] in labels or found[1] in labels:
                return kind
    return WRONG_END


def _replay(seed: int) -> str:
    return f"make reliability LAYER={NAME} SEED={seed} RUNS=1"


def _worlds(budget: Budget) -> int:
    if budget.runs is not None:
        return budget.runs
    return FULL_WORLDS if budget.is_full else QUICK_WORLDS


def _is_enough(budget: Budget, tally: Tally) -> bool:
    runs, faults = _bars(budget)
    return tally.runs >= runs and tally.faults.total() >= faults and budget.seconds is None


def _bars(budget: Budget) -> tuple[int, int]:
    return (FULL_RUNS, FULL_FAULTS) if budget.is_full else (QUICK_RUNS, QUICK_FAULTS)


def _told(tallies: Iterator[Tally], total: Tally) -> Iterator[Tally]:
    progress = Progress(NAME)
    for tally in tallies:
        yield tally
        progress.tell(
            f"{total.worlds:,} worlds, {total.runs:,} runs, {total.faults.total():,} faults,"
            f" {len(total.problems)} problems"
        )


def _row(budget: Budget, tally: Tally) -> Row:
    runs, faults = _bars(budget)
    seen = tally.faults.total()
    broken = {kind: tally.broken[kind] for kind in (*KINDS, WRONG_END)}
    ends = ", ".join(f"{kind} {count}" for kind, count in broken.items())
    return Row(
        what=RANDOM.what,
        bar=f">= {runs:,} runs, >= {faults:,} faults; lost 0, doubled 0, stuck 0, wrong end 0",
        seen=f"{tally.runs:,} attempts at {tally.tasks:,} tasks and their chunks,"
        f" {tally.struck:,} of which met one of {seen:,} faults; {ends}",
        is_met=tally.runs >= runs and seen >= faults and not tally.problems,
        figures={
            "runs": tally.runs,
            "tasks": tally.tasks,
            "runs that met a fault": tally.struck,
            "faults": seen,
            "calls": tally.calls,
            "worlds": tally.worlds,
            "simulated hours": round(tally.hours, 1),
            **broken,
            **{f"faults: {kind}": count for kind, count in sorted(tally.faults.items())},
        },
    )
