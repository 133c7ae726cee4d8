"""Short lives with faults planned call by call: what the exhaustive schedules go through."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from tests.simulated.deployment import Deployment
from tests.simulated.faults import Effect
from tests.simulated.invariants import Invariants, Violation
from tests.simulated.judge import complaints
from tests.simulated.scenario import Outside, registry
from tests.simulated.sizes import small_sizes
from tests.simulated.time import MINUTE, SECOND
from tests.simulated.world import World
from windrow.engine.control import pause, resume
from windrow.engine.submit import Submission, submit

type Begin = Callable[[Deployment], None]

# After all is over a request may still be on its way.
DELAY = (SECOND, 80 * SECOND)
SETTLE = 90 * SECOND
LONGEST = 30 * MINUTE
LATER = timedelta(seconds=100)
# What one fault may cost: a function's timeout and 75 s. A repeated call costs no recovery.
SOON, AT_ONCE = 135.0, 10.0
# Two faults: the second may make what mends the first miss its next turn, after a longer pause.
SECOND_TURN = 120.0
# By then every life has begun.
BEGUN = 5 * SECOND


@dataclass(frozen=True, slots=True)
class Lived:
    """How a life with planned faults went.

    calls       how many calls there were until all was over
    injected    how many faults there were: fewer than planned when the life was too short for them
    seconds     how long the slowest task took
    complaints  promises that were not kept
    """

    calls: int
    injected: int
    seconds: float
    complaints: list[str]
    trace: str


def lived(name: str, planned: Mapping[int, Effect]) -> Lived:
    """Live a life with these faults; calls are numbered from 0, whoever makes them."""
    end = _lived(name, planned)
    if planned and not end.complaints:
        most = _lived_well(name).seconds + _cost(planned)
        if end.seconds > most:
            end.complaints.append(f"L1: it took {end.seconds:.0f} s, of at most {most:.0f}")
    return end


@cache
def _lived_well(name: str) -> Lived:
    return _lived(name, {})


def _cost(planned: Mapping[int, Effect]) -> float:
    """How many seconds longer a life with these faults may be."""
    cost = sum(AT_ONCE if each is Effect.REPEATED else SOON for each in planned.values())
    return cost + SECOND_TURN * (len(planned) - 1)


def _lived(name: str, planned: Mapping[int, Effect]) -> Lived:
    with World(1) as world, small_sizes():
        world.faults.planned, world.faults.delay = planned, DELAY
        deployment = Deployment(world, registry(Outside()), workers=3)
        Invariants(world, deployment.table, 0, deployment).watch()
        calls, seconds = 0, 0.0
        try:
            LIVES[name](deployment)
            world.run(BEGUN)
            deployment.run_until_quiet(LONGEST)
            calls = world.faults.calls
            world.run(SETTLE)
            deployment.run_until_quiet(LONGEST)
            seconds = _slowest(deployment)
            found = complaints(deployment)
        except Violation as violation:
            found = [str(violation).partition("\n")[0]]
        return Lived(calls, world.faults.injected.total(), seconds, found, "\n".join(world.lines))


def _slowest(deployment: Deployment) -> float:
    tasks = [deployment.engine.records.task(each.task.ref) for each in deployment.accepted]
    took = [each.ended - each.created for each in tasks if each is not None and each.ended]
    return max(took, default=timedelta()).total_seconds()


def _one(name: str) -> Begin:
    return lambda deployment: deployment.submit(name)


def _two(name: str, *, key: str | None = None) -> Begin:
    def begin(deployment: Deployment) -> None:
        for _ in range(2):
            deployment.submit(name, key=key)

    return begin


def _cancelled(name: str, after: int) -> Begin:
    """Somebody cancels it so many milliseconds after it was submitted."""

    def begin(deployment: Deployment) -> None:
        deployment.submit(name)
        deployment.world.after(after, lambda: _cancel(deployment))

    return begin


def _cancel(deployment: Deployment) -> None:
    for submission in deployment.accepted:
        deployment.cancel(submission.task.ref)


def _paused(deployment: Deployment) -> None:
    deployment.ask(pause)
    deployment.world.after(SECOND, lambda: deployment.submit("plain"))
    deployment.world.after(100 * SECOND, lambda: deployment.ask(resume))
    # The operator looks whether it was done, and does it again.
    deployment.world.after(200 * SECOND, lambda: deployment.ask(resume))


def _delayed(deployment: Deployment) -> None:
    def told(_caller: str, answer: Submission | Exception) -> None:
        if not isinstance(answer, Exception):
            deployment.accepted.append(answer)

    deployment.ask(lambda engine: submit(engine, "plain", delay=LATER), told=told)


LIVES: Mapping[str, Begin] = {
    "plain": _one("plain"),
    "retried": _one("flaky"),
    "given up": _one("hopeless"),
    "cancelled while it waits": _cancelled("plain", 15),
    "cancelled while it runs": _cancelled("plain", 45),
    "counted": _one("counted"),
    "continued": _one("stepping"),
    "one key twice": _two("plain", key="the same"),
    "delayed": _delayed,
    "paused": _paused,
    "map": _one("numbers"),
    "unique map twice": _two("numbers"),
    "cancelled map": _cancelled("numbers", 150),
    "map of groups": _one("groups"),
}
