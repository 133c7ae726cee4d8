"""The explicit-state model: every reachable state of the protocol, and each of its mutants."""

from collections.abc import Iterator

from tests.reliability.bars import MODEL
from tests.reliability.frame import Budget, Outcome, Row
from tests.reliability.model.catalogue import models, mutants
from tests.reliability.model.explore import AnyModel, Exploration, explore
from tests.reliability.work import Progress, spread

NAME = "model"
SHARE = 0.08

FULL_STATES = 500_000
QUICK_STATES = 50_000

type Task = tuple[AnyModel, str]
"""A model; and for a mutant, what was left out of it."""


def run(budget: Budget) -> Outcome:
    """Explore each model whole. RUNS has no meaning here: states are not drawn."""
    tasks: list[Task] = [(model, "") for model in models(is_full=budget.is_full)]
    tasks += mutants()
    found = list(_told(spread(budget, _explored, tasks), len(tasks)))
    own = [exploration for meaning, exploration in found if not meaning]
    spoiled = {meaning: exploration for meaning, exploration in found if meaning}
    return Outcome(
        rows=[_explored_row(budget, own), _mutants_row(spoiled)],
        problems=[str(each) for each in own if each.problem]
        + [f"a mutant was not caught: {meaning}" for meaning in _survivors(spoiled)],
    )


def _explored(task: Task) -> tuple[str, Exploration]:
    model, meaning = task
    return meaning, explore(model)


def _told(
    explorations: Iterator[tuple[str, Exploration]], count: int
) -> Iterator[tuple[str, Exploration]]:
    progress = Progress(NAME)
    for number, (meaning, exploration) in enumerate(explorations, start=1):
        progress.tell(f"{number} of {count} models, the last: {exploration.name}")
        yield meaning, exploration


def _explored_row(budget: Budget, own: list[Exploration]) -> Row:
    bar = FULL_STATES if budget.is_full else QUICK_STATES
    states = sum(each.states for each in own)
    violations = sum(each.problem is not None for each in own)
    is_whole = len(own) == len(models(is_full=budget.is_full)) and all(
        each.is_whole for each in own
    )
    return Row(
        what=MODEL.what,
        bar=f">= {bar:,}, 0 violations",
        seen=f"{states:,} in {len(own)} models, {violations} violations"
        + ("" if is_whole else ", cut short"),
        is_met=states >= bar and not violations and is_whole,
        figures={
            "states": states,
            "steps": sum(each.steps for each in own),
            **{f"states of {each.name}": each.states for each in own},
        },
    )


def _mutants_row(spoiled: dict[str, Exploration]) -> Row:
    caught, wanted = len(spoiled) - len(_survivors(spoiled)), len(list(mutants()))
    return Row(
        what="mutants of the model caught",
        bar=f"all {wanted}",
        seen=f"{caught} of {len(spoiled)}",
        is_met=caught == wanted,
        figures={meaning: str(each.problem) for meaning, each in spoiled.items()},
    )


def _survivors(spoiled: dict[str, Exploration]) -> list[str]:
    return [meaning for meaning, each in spoiled.items() if each.problem is None]
