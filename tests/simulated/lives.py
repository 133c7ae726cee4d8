"""Short lives with faults planned call by call: what the exhaustive schedules go through."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from tests.simulated.deployment import Deployment
from tests.simulated.faults import Effect
from tests.simulated.invariants import Invariants, Violation
from tests.simulated.judge import complaints
from tests.simulated.outside import Outside
from tests.simulated.scenario import registry
from tests.simulated.sizes import small_sizes
from tests.simulated.time import MINUTE, SECOND
from tests.simulated.world import World
from windrow.engine.control import pause, resume
from windrow.engine.submit import Submission, submit
from windrow.telemetry.metrics import Metric

type Begin = Callable[[Deployment], None]

# After all is over a request may still be on its way.
DELAY = (SECOND, 170 * SECOND)
SETTLE = 180 * SECOND
LONGEST = 30 * MINUTE
LATER = timedelta(seconds=100)
# What one fault may cost: a function's timeout and 75 s. A repeated call costs no recovery, and one
# that travels long its way besides, where it is the one that begins a life.
SOON, AT_ONCE, TRAVEL = 135.0, 10.0, 170.0
# Two faults: the second may make what mends the first miss its next turn, after a longer pause.
SECOND_TURN = 120.0
# A record that waits is hinted at less and less often.
SPARE_HINTS = 3
# By then every life has begun.
BEGUN = 5 * SECOND


@dataclass(frozen=True, slots=True)
class Lived:
    """How a life with planned faults went.

    calls       how many calls there were until all was over
    injected    how many faults there were: fewer than planned when the life was too short for them
    seconds     how long the slowest task took
    hints       how many hints were sent
    complaints  promises that were not kept
    """

    calls: int
    injected: int
    seconds: float
    hints: int
    complaints: list[str]
    trace: str


def lived(name: str, planned: Mapping[int, Effect], seed: int = 1) -> Lived:
    """Live a life with these faults; calls are numbered from 0, whoever makes them.

    The seed is that of the little that is left to chance: latencies, delays, backoff.
    """
    end = _lived(name, planned, seed)
    well = lived_well(name)
    most = well.seconds + _cost(planned)
    if not end.complaints and end.seconds > most:
        end.complaints.append(f"L1: it took {end.seconds:.0f} s, of at most {most:.0f}")
    if not end.complaints and end.hints > well.hints + SPARE_HINTS * (1 + 2 * len(planned)):
        end.complaints.append(f"{end.hints} hints were sent, {well.hints} are enough")
    return end


@cache
def lived_well(name: str) -> Lived:
    """The life without any fault. Others are measured by it."""
    return _lived(name, {}, 1)


def _cost(planned: Mapping[int, Effect]) -> float:
    """How many seconds longer a life with these faults may be."""
    cost = 0.0
    for effect in planned.values():
        cost += 0 if effect is Effect.REPEATED else SOON
        cost += TRAVEL if effect in (Effect.DELAYED, Effect.LATE) else 0
    return AT_ONCE + cost + SECOND_TURN * max(0, len(planned) - 1)


def _lived(name: str, planned: Mapping[int, Effect], seed: int) -> Lived:
    with World(seed) as world, small_sizes():
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
        hints = deployment.telemetry.metrics[Metric.HINTS_SENT]
        return Lived(
            calls, world.faults.injected.total(), seconds, hints, found, "\n".join(world.lines)
        )


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


def _without_workers(deployment: Deployment) -> None:
    """For ten minutes there is no worker, and hints pile up: but not too many."""
    deployment.worker.concurrency = 0
    deployment.submit("plain")

    def begin() -> None:
        deployment.worker.concurrency = 3

    deployment.world.after(10 * MINUTE, begin)


def _doubled(name: str) -> Begin:
    def begin(deployment: Deployment) -> None:
        deployment.world.quirks.duplicate = 0.5
        deployment.submit(name)

    return begin


def _read_late(deployment: Deployment) -> None:
    deployment.world.lags.stale = (0, SECOND)
    deployment.submit("numbers")


def _too_late(deployment: Deployment) -> None:
    """Its deadline passes while its pool is paused."""
    deployment.ask(pause)
    deployment.world.after(SECOND, lambda: _submit(deployment, deadline=LATER))
    deployment.world.after(400 * SECOND, lambda: deployment.ask(resume))
    deployment.world.after(500 * SECOND, lambda: deployment.ask(resume))


def _paused(deployment: Deployment) -> None:
    deployment.ask(pause)
    deployment.world.after(SECOND, lambda: deployment.submit("plain"))
    deployment.world.after(100 * SECOND, lambda: deployment.ask(resume))
    # The operator looks whether it was done, and does it again.
    deployment.world.after(200 * SECOND, lambda: deployment.ask(resume))


def _submit(deployment: Deployment, **terms: timedelta) -> None:
    """A submission of a plain task on other terms than its declaration's."""

    def told(_caller: str, answer: Submission | Exception) -> None:
        if not isinstance(answer, Exception):
            deployment.accepted.append(answer)

    deployment.ask(
        lambda engine: submit(
            engine, "plain", delay=terms.get("delay"), deadline=terms.get("deadline")
        ),
        told=told,
    )


LIVES: Mapping[str, Begin] = {
    "plain": _one("plain"),
    "retried": _one("flaky"),
    "given up": _one("hopeless"),
    "cancelled while it waits": _cancelled("plain", 15),
    "cancelled while it runs": _cancelled("plain", 45),
    "counted": _one("counted"),
    "continued": _one("stepping"),
    "one key twice": _two("plain", key="the same"),
    "cancelled retry": _cancelled("flaky", 45),
    "slow": _one("slow"),
    "deadly": _one("deadly"),
    "stumbling": _one("stumbling"),
    "no worker": _without_workers,
    "retried, hints doubled": _doubled("flaky"),
    "slow, hints doubled": _doubled("slow"),
    "delayed": lambda deployment: _submit(deployment, delay=LATER),
    "too late": _too_late,
    "map, read late": _read_late,
    "paused": _paused,
    "map": _one("numbers"),
    "unique map twice": _two("numbers"),
    "cancelled map": _cancelled("numbers", 150),
    "map of groups": _one("groups"),
}
