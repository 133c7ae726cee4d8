"""Short lives with faults planned call by call: what the exhaustive schedules go through."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from tests.simulated.beginnings import BEGUN, LIVES, Life
from tests.simulated.deployment import Deployment
from tests.simulated.faults import Effect
from tests.simulated.invariants import Invariants, Violation
from tests.simulated.judge import complaints
from tests.simulated.outside import Outside
from tests.simulated.scenario import registry
from tests.simulated.sizes import small_sizes
from tests.simulated.time import MINUTE, SECOND
from tests.simulated.world import World
from windrow.telemetry.metrics import Metric

# After all is over a request may still be on its way.
DELAY = (SECOND, 170 * SECOND)
SETTLE = 180 * SECOND
LONGEST = 30 * MINUTE
# A repeated call costs no recovery, and one that travels long its way besides, where it is the one
# that begins a life.
AT_ONCE, TRAVEL = 10.0, 170.0
# Two faults: the second may make what mends the first miss its next turn, after a longer pause.
SECOND_TURN = 120.0


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
    # What is asked for later may take that long, if it is granted.
    begun = LIVES[name].begun / SECOND if LIVES[name].begun > BEGUN else 0
    most = max(well.seconds, begun) + _cost(LIVES[name], planned)
    if not end.complaints and end.seconds > most:
        end.complaints.append(f"L1: it took {end.seconds:.0f} s, of at most {most:.0f}")
    spare = LIVES[name].spare_hints * (1 + 2 * len(planned))
    if not end.complaints and end.hints > well.hints + spare:
        end.complaints.append(f"{end.hints} hints were sent, {well.hints} are enough")
    return end


@cache
def lived_well(name: str) -> Lived:
    """The life without any fault. Others are measured by it."""
    return _lived(name, {}, 1)


def _cost(life: Life, planned: Mapping[int, Effect]) -> float:
    """How many seconds longer a life with these faults may be."""
    cost = 0.0
    for effect in planned.values():
        cost += 0 if effect is Effect.REPEATED else life.soon.total_seconds()
        cost += TRAVEL if effect in (Effect.DELAYED, Effect.LATE) else 0
    return AT_ONCE + cost + SECOND_TURN * max(0, len(planned) - 1)


def _lived(name: str, planned: Mapping[int, Effect], seed: int) -> Lived:
    with World(seed) as world, small_sizes():
        world.faults.planned, world.faults.delay = planned, DELAY
        life = LIVES[name]
        world.lags.ttl = life.ttl
        deployment = Deployment(
            world,
            registry(Outside(), limit=life.limit),
            workers=life.workers,
            retention=life.retention,
        )
        Invariants(world, deployment.table, 0, deployment).watch()
        calls, seconds = 0, 0.0
        try:
            life.begin(deployment)
            world.run(life.begun)
            _let_faults_pass(deployment, planned)
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


def _let_faults_pass(deployment: Deployment, planned: Mapping[int, Effect]) -> None:
    """From the last planned fault on all is calm."""
    world = deployment.world
    last, end = max(planned, default=-1), world.time.now + LONGEST
    while (
        planned and world.faults.calls <= last and world.time.now < end and not deployment.is_quiet
    ):
        world.run(SECOND)
    deployment.calm()


def _slowest(deployment: Deployment) -> float:
    tasks = [deployment.engine.records.task(each.task.ref) for each in deployment.accepted]
    took = [each.ended - each.created for each in tasks if each is not None and each.ended]
    return max(took, default=timedelta()).total_seconds()
