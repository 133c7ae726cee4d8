"""Mutants of the engine's own code: each must be caught, and the report says by what.

A mutant lives the lives that are named with it: first without faults, then with every single fault,
then with two faults near each other, then stormy worlds. The first broken promise catches it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from random import Random

from tests.reliability.bars import MUTANTS as BAR
from tests.reliability.frame import Budget, Outcome, Row
from tests.reliability.mutants import BY_NAME, MUTANTS, Mutant
from tests.reliability.work import Progress, spread
from tests.simulated.faults import FAULTS, Effect
from tests.simulated.invariants import Violation
from tests.simulated.judge import complaints
from tests.simulated.lives import lived, lived_well
from tests.simulated.storm import live, stormy

NAME = "mutants"
SHARE = 0.15

AT_LEAST = 15
# What is tried before a mutant is called uncaught.
DRAWN, NEAR = 400, 12
STORMS = 60

type Job = tuple[str, int]
"""A mutant's name, and the seed of what is drawn."""


@dataclass(frozen=True)
class Catch:
    """What caught a mutant, how many lives that took, and the promise that it broke.

    `error` is what ended the hunt instead: neither a promise nor an engine may raise that.
    """

    mutant: str
    by: str
    lives: int
    broken: str | None
    error: str | None = None

    def __str__(self) -> str:
        return f"{self.by}: {self.broken}" if self.broken else "nothing"


def run(budget: Budget) -> Outcome:
    """Hunt each mutant. RUNS is how many of them."""
    jobs = [(mutant.name, budget.seed) for mutant in MUTANTS][: budget.runs]
    progress = Progress(NAME)
    caught: list[Catch] = []
    missed: list[Catch] = []
    for catch in spread(budget, hunt, jobs):
        (caught if catch.broken else missed).append(catch)
        progress.tell(f"{len(caught)} caught, {len(missed)} not, the last: {catch.mutant}")
    problems = [
        f"a mutant was not caught: {catch.mutant}"
        + (f", {catch.by} raised {catch.error}" if catch.error else "")
        for catch in missed
    ]
    return Outcome([_row(len(jobs), caught)], problems)


def hunt(job: Job) -> Catch:
    """Let a mutant live until it breaks a promise."""
    mutant, seed = BY_NAME[job[0]], job[1]
    number = 0
    for name in mutant.lives:
        lived_well(name)  # What the mutant is measured by must be the engine itself.
    ways = chain(_known(mutant), _lives(mutant), _drawn(mutant, seed), _storms(mutant, seed))
    try:
        for by, found in ways:
            number += 1
            if found:
                return Catch(mutant.name, by, number, found[0])
    except Exception as error:  # noqa: BLE001 - of one mutant; the others are hunted all the same
        return Catch(mutant.name, f"life {number + 1}", number + 1, None, repr(error))
    return Catch(mutant.name, "nothing", number, None)


def _known(mutant: Mutant) -> Iterator[tuple[str, list[str]]]:
    if mutant.storm is not None:
        yield f"the random run of seed {mutant.storm}", _stormed(mutant, mutant.storm)


def _lives(mutant: Mutant) -> Iterator[tuple[str, list[str]]]:
    for name in mutant.lives:
        yield f"the life {name!r}", _lived(mutant, name, {})
    for name in mutant.lives:
        for call in range(lived_well(name).calls):
            for effect in FAULTS:
                yield f"the life {name!r}, {call}={effect}", _lived(mutant, name, {call: effect})


def _drawn(mutant: Mutant, first: int) -> Iterator[tuple[str, list[str]]]:
    """One fault or two near each other, in a world of a seed of its own."""
    for seed in range(first, first + DRAWN):
        random = Random(seed)
        name = random.choice(mutant.lives)
        call = random.randrange(lived_well(name).calls)
        plan: dict[int, Effect] = {call: random.choice(FAULTS)}
        plan[call + random.randint(1, NEAR)] = random.choice(FAULTS)
        faults = ", ".join(f"{call}={effect}" for call, effect in plan.items())
        yield f"the life {name!r}, {faults}, seed {seed}", _lived(mutant, name, plan, seed)


def _lived(mutant: Mutant, name: str, plan: dict[int, Effect], seed: int = 1) -> list[str]:
    with mutant.patch():
        return lived(name, plan, seed).complaints


def _storms(mutant: Mutant, first: int) -> Iterator[tuple[str, list[str]]]:
    for seed in range(first, first + STORMS):
        yield f"the random run of seed {seed}", _stormed(mutant, seed)


def _stormed(mutant: Mutant, seed: int) -> list[str]:
    with mutant.patch(), stormy(seed) as world:
        try:
            return complaints(live(world))
        except Violation as violation:
            return [str(violation).partition("\n")[0]]


def _row(hunted: int, caught: list[Catch]) -> Row:
    return Row(
        what=BAR.what,
        bar=f">= {AT_LEAST}, all of them",
        seen=f"{len(caught)} of {hunted} caught",
        is_met=len(caught) == hunted >= AT_LEAST,
        figures={
            "hunted": hunted,
            "caught": len(caught),
            **{f"caught by: {catch.mutant}": str(catch) for catch in caught},
            **{f"lives until caught: {catch.mutant}": catch.lives for catch in caught},
        },
    )
