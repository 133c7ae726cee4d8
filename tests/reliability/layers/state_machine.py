"""A hypothesis state machine: orders of events that nobody would have thought of."""

from dataclasses import dataclass, field
from typing import ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.reliability.frame import Budget, Outcome, Row
from tests.reliability.machine import Lives
from tests.reliability.work import Progress, pieces, spread

NAME = "state_machine"
SHARE = 0.12

FULL_LIVES, QUICK_LIVES = 20_000, 100
PIECE, RULES = 100, 20


@dataclass
class Tally:
    """What some lives came to: the events of their worlds, and the orders of their rules."""

    lives: int = 0
    steps: int = 0
    orders: set[tuple[str, ...]] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


def run(budget: Budget) -> Outcome:
    """Lives of up to twenty rules each. RUNS is how many; the same SEED gives the same lives."""
    wanted = budget.runs or (FULL_LIVES if budget.is_full else QUICK_LIVES)
    total, progress = Tally(), Progress(NAME)
    for each in spread(budget, lived, pieces(budget.seed, wanted, PIECE)):
        total.lives += each.lives
        total.steps += each.steps
        total.orders |= each.orders
        total.problems += each.problems
        progress.tell(f"{total.lives:,} lives, {total.steps:,} events")
    row = Row(
        what="orders of events found by hypothesis",
        bar=f">= {wanted:,} lives, 0 violations",
        seen=(
            f"{total.lives:,} lives in {len(total.orders):,} orders of rules,"
            f" {total.steps:,} events, {len(total.problems)} violations"
        ),
        is_met=total.lives >= wanted and not total.problems,
        figures={
            "lives": total.lives,
            "distinct orders of rules": len(total.orders),
            "events": total.steps,
            "rules a life": RULES,
        },
    )
    return Outcome([row], total.problems)


def lived(seeds: range) -> Tally:
    """As many lives as there are seeds, drawn from the first of them; so are their worlds."""
    tally = Tally()

    @seed(seeds.start)
    class Piece(Lives):
        first = seeds.start << 17
        orders: ClassVar[set[tuple[str, ...]]] = set()

    try:
        run_state_machine_as_test(Piece, settings=_settings(len(seeds)))
    except AssertionError as error:
        notes = " / ".join(getattr(error, "__notes__", []))
        replay = f"make reliability LAYER={NAME} SEED={seeds.start} RUNS={len(seeds)}"
        tally.problems.append(f"{str(error).partition(chr(10))[0]} | {notes} | {replay}")
    tally.lives, tally.steps, tally.orders = Piece.lives, Piece.steps, Piece.orders
    return tally


def _settings(count: int) -> settings:
    """Examples that the seed alone decides, and no files."""
    return settings(
        max_examples=count,
        stateful_step_count=RULES,
        database=None,
        deadline=None,
        print_blob=False,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
