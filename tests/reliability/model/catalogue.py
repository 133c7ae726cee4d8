"""Which models are explored in which profile, and every mutant with the smallest model it needs."""

from collections.abc import Iterator

from tests.reliability.model import lock, priority, task, two_levels
from tests.reliability.model.explore import AnyModel
from tests.reliability.model.gathering import Map
from tests.reliability.model.life import TaskModel
from tests.reliability.model.lock import Lock
from tests.reliability.model.priority import Priority


def models(*, is_full: bool) -> list[AnyModel]:
    """The models as the protocol is, the largest first."""
    return list(_full() if is_full else _quick())


def mutants() -> Iterator[tuple[AnyModel, str]]:
    """A model with one condition left out, and what that means."""
    for without, meaning in task.MUTANTS.items():
        yield _task_without(without), f"task: {meaning}"
    for without, meaning in two_levels.MUTANTS.items():
        yield Map(sizes=(2, 1), without=without), f"map: {meaning}"
    for without, meaning in two_levels.MUTANTS_THAT_END.items():
        yield Map(sizes=(1, 1), can_end=True, without=without), f"map: {meaning}"
    for without, meaning in two_levels.MUTANTS_WITHOUT_SWEEPER.items():
        yield Map(sizes=(2, 1), has_sweeper=False, without=without), f"map: {meaning}"
    for without, meaning in lock.MUTANTS.items():
        yield Lock(without=without), f"lock: {meaning}"
    for without, meaning in (priority.MUTANTS | priority.MUTANTS_WITH_LAG).items():
        yield Priority(priorities=(2, 1), without=without), f"priority: {meaning}"
    for without, meaning in priority.MUTANTS_WITHOUT_SWEEPER.items():
        yield _balanced((2, 1), without), f"priority: {meaning}"


def _quick() -> Iterator[AnyModel]:
    yield TaskModel(name="task that dies", deaths=1, surprises=0)
    yield TaskModel(name="task that is cancelled", deaths=0, surprises=0, is_cancelled=True)
    yield TaskModel(name="task that is tried again", deaths=0, surprises=0, retries=1)
    yield Map(name="map of two groups", sizes=(1, 1))
    yield Map(name="map that may end early", sizes=(1, 1), zombies=0, can_end=True)
    yield Map(name="map without a sweeper", sizes=(2, 1), has_sweeper=False)
    yield Lock(callers=3)
    yield Priority(priorities=(2, 1), deaths=0)
    yield _balanced((2, 1))


def _full() -> Iterator[AnyModel]:
    yield Priority(name="priority of three", priorities=(3, 2, 1), deaths=0, retries=0)
    yield TaskModel(name="task that dies, cancelled", deaths=1, surprises=0, is_cancelled=True)
    yield Priority(name="priority, one dies", priorities=(2, 1))
    yield TaskModel(name="zombie, cancelled", deaths=0, surprises=1, is_cancelled=True)
    yield TaskModel(name="task that dies, with a zombie", deaths=1, surprises=1)
    yield Map(name="map of two groups", sizes=(2, 2))
    yield Map(name="map that may end early", sizes=(2, 1), can_end=True)
    yield TaskModel(name="task with two surprises", deaths=0, surprises=2)
    yield TaskModel(name="task that is continued", deaths=1, surprises=0, cursors=1)
    yield TaskModel(
        name="task whose requests are late", deaths=1, surprises=0, has_late_writes=True
    )
    yield TaskModel(name="task that dies twice", deaths=2, surprises=0)
    yield Map(name="map without a sweeper", sizes=(2, 2), has_sweeper=False)
    yield Lock(callers=4)
    yield TaskModel(name="task that is tried again", deaths=0, surprises=0, retries=1)
    yield _balanced((2, 1))


def _balanced(priorities: tuple[int, ...], without: str = "") -> Priority:
    """Hints and tasks in balance: nothing lags, dies or is swept."""
    return Priority(
        priorities=priorities,
        deaths=0,
        has_lag=False,
        has_sweeper=False,
        without=without,
        name="priority without a sweeper",
    )


def _task_without(without: str) -> TaskModel:
    match without:
        case "cancel" | "changes":
            return TaskModel(deaths=1, surprises=0, is_cancelled=True, without=without)
        case "budget" | "effect":
            return TaskModel(deaths=1, surprises=1, without=without)
        case _:
            return TaskModel(deaths=1, surprises=0, without=without)
