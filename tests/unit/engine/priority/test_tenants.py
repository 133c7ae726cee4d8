"""Tenants of one priority take turns, and no tenant pays for another's backlog."""

from datetime import timedelta

from tests.harness import Deployment
from tests.simulated.deployment import Deployment as Simulated
from tests.simulated.world import World
from tests.unit.engine.priority.started import Started, queued
from windrow import Registry, task
from windrow.engine.submit import submit

SECOND = timedelta(seconds=1)


def test_a_small_tenant_is_not_behind_the_backlog_of_a_large_one(
    deployment: Deployment, started: Started
) -> None:
    queued(deployment, "p5", "p5", "p5", tenant="large")
    (small,) = queued(deployment, "p5", tenant="small")
    # SQS hands out the hints of a tenant with a short backlog first.
    deployment.hints.messages.insert(0, deployment.hints.messages.pop())

    deployment.deliver()

    assert started.ids == [small]


def test_a_small_tenants_start_does_not_read_a_large_ones_backlog(
    deployment: Deployment, started: Started
) -> None:
    for _ in range(300):
        submit(deployment.engine, "p5", tenant="large")
        deployment.clock.advance(SECOND)
    deployment.hints.lose()
    deployment.clock.advance(3 * SECOND)
    (small,) = queued(deployment, "p5", tenant="small")
    deployment.port.calls.clear()

    deployment.deliver()

    assert started.ids == [small]
    assert deployment.port.count("Query") <= 6, "of 16 pages"


def test_an_older_task_of_the_same_tenant_goes_first_between_those_of_others(
    deployment: Deployment, started: Started
) -> None:
    queued(deployment, *["p5"] * 10, tenant="large")
    (older,) = queued(deployment, "p5", tenant="small")
    queued(deployment, *["p5"] * 10, tenant="large")
    queued(deployment, "p5", tenant="small")
    # The last hint is handed out first.
    deployment.hints.messages.insert(0, deployment.hints.messages.pop())

    deployment.deliver()

    assert started.ids == [older]


def test_a_more_important_task_of_another_tenant_goes_first(
    deployment: Deployment, started: Started
) -> None:
    queued(deployment, "p5", tenant="small")
    (high,) = queued(deployment, "p9", tenant="large")

    deployment.deliver()

    assert started.ids == [high]


def test_a_second_look_stays_in_its_tenants_group() -> None:
    with World(1) as world:
        deployment = Simulated(world, Registry([task("p5")(lambda context: None)]))
        deployment.submit("p5", tenant="small")
        deployment.submit("p5", tenant="large")
        world.run(500)
        done = deployment.accepted[0].task.ref
        deployment.engine.queue.send("default", [done])
        world.run(500)
        (spare,) = deployment.queues["DefaultQueue"].messages.values()

        assert (spare.group, spare.receives) == (done.tenant, 1)
        world.run(5000)
        assert deployment.queues["DefaultQueue"].messages == {}
