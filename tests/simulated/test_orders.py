"""Orders under faults: L6, a resume restarts everything that waits; L7, a drain ends.

Here an operator gives orders while everybody else lives through the weather. His own calls have no
faults: an order that is refused is given again by whoever gave it.
"""

from collections.abc import Iterator
from functools import partial

import pytest

from tests.simulated.deployment import Deployment
from tests.simulated.dynamodb.table import Change
from tests.simulated.invariants import Invariants
from tests.simulated.judge import complaints
from tests.simulated.outside import Outside
from tests.simulated.scenario import registry
from tests.simulated.storm import stormy
from tests.simulated.time import HOUR, MINUTE, SECOND
from tests.simulated.world import World
from windrow.aws.dynamodb import decoded
from windrow.engine.control import drain, pause, resume
from windrow.engine.report import shutdown_report
from windrow.errors import Draining
from windrow.model.modes import Mode
from windrow.store.control import FRESH

SEEDS = 6
# When every process has read an order: what it believes is five seconds old at most, and a claim
# that was decided on it has arrived.
KNOWN = int(FRESH.total_seconds()) * SECOND + SECOND
# What the engine promises for what waits when its pool is resumed (L6).
SOON = 2 * MINUTE


class Starts:
    """Every attempt that began in a world: when, and of which record."""

    def __init__(self, deployment: Deployment) -> None:
        self.world = deployment.world
        self.seen: list[tuple[int, str]] = []
        deployment.table.watchers.append(self._note)

    def between(self, first: int, last: int) -> set[str]:
        return {record for at, record in self.seen if first <= at <= last}

    def _note(self, change: Change) -> None:
        if change.after is None or not change.key[0].startswith("K#"):
            return
        before = decoded(change.before.item) if change.before else {}
        if decoded(change.after.item).get("attempt", 0) > before.get("attempt", 0):
            self.seen.append((self.world.time.now, "/".join(change.key)))


@pytest.fixture
def calm() -> Iterator[Deployment]:
    with World(7) as world:
        deployment = Deployment(world, registry(Outside()))
        Invariants(world, deployment.table).watch()
        yield deployment


@pytest.mark.parametrize("minutes", [1, 5, 12, 45])
def test_nothing_starts_in_a_pause_and_everything_soon_after_it(
    calm: Deployment, minutes: int
) -> None:
    world, starts = calm.world, Starts(calm)
    pause(calm.engine)
    ordered = world.time.now
    for _ in range(20):
        calm.submit("plain")
    calm.submit("numbers")
    world.run(minutes * MINUTE)
    assert starts.between(ordered + KNOWN, world.time.now) == set()

    resume(calm.engine)
    resumed = world.time.now
    world.run(SOON)

    started = starts.between(resumed, resumed + SOON)
    for submission in calm.accepted:
        assert any(submission.task.ref.task in record for record in started)
    calm.run_until_quiet(HOUR)
    assert complaints(calm) == []


def test_a_map_that_is_paused_among_its_chunks_goes_on_soon(calm: Deployment) -> None:
    world, starts = calm.world, Starts(calm)
    calm.submit("numbers")
    world.run(120)
    pause(calm.engine)
    ordered = world.time.now
    world.run(20 * MINUTE)
    (task,) = (calm.engine.records.task(each.task.ref) for each in calm.accepted)
    assert task is not None
    assert starts.between(ordered + KNOWN, world.time.now) == set()

    resume(calm.engine)
    world.run(SOON + MINUTE)

    assert complaints(calm) == []


def test_a_drain_ends_with_everything_done_and_nobody_let_in(calm: Deployment) -> None:
    world = calm.world
    for _ in range(20):
        calm.submit("plain")
    calm.submit("numbers")
    world.run(50)
    drain(calm.engine)
    world.after(KNOWN, partial(calm.submit, "plain"))
    calm.run_until_quiet(10 * MINUTE)

    report = shutdown_report(calm.engine)
    assert report.is_quiet
    assert report.active_tasks == 0
    assert isinstance(calm.refused[-1], Draining)
    # The judge takes every key that is free, which nobody may while it drains.
    resume(calm.engine)
    assert complaints(calm) == []


@pytest.mark.parametrize("seed", range(SEEDS))
def test_orders_in_a_storm_lose_nothing_and_leave_nothing(seed: int) -> None:
    with stormy(seed) as world:
        outside = Outside(world.random, failing=0.1, slow=0.1)
        deployment = Deployment(world, registry(outside), skew=(-30 * SECOND, 30 * SECOND))
        Invariants(world, deployment.table, skew=60 * SECOND).watch()
        for name in ("plain", "plain", "plain", "numbers") * 3:
            world.after(world.random.randrange(20 * MINUTE), partial(deployment.submit, name))
        orders = [pause, resume, drain, pause, resume, pause, resume]
        for order in orders:
            world.after(world.random.randrange(25 * MINUTE), partial(order, deployment.engine))
        world.run(25 * MINUTE)
        pause(deployment.engine)
        world.run(10 * MINUTE)
        world.faults.stop()
        resume(deployment.engine)
        drain(deployment.engine)
        world.run(MINUTE)
        deployment.run_until_quiet(7 * HOUR)

        report = shutdown_report(deployment.engine)
        assert report.is_quiet
        assert {pool.mode for pool in report.pools} == {Mode.DRAIN}
        resume(deployment.engine)
        assert complaints(deployment) == [], (seed, list(world.lines)[-40:])
