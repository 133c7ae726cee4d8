"""Which task a hint starts: the most urgent that waits, its own among equals."""

from dataclasses import replace
from datetime import timedelta

from tests.harness import Deployment
from tests.unit.engine.priority.started import Overtaking, Started, queued
from windrow import Registry, task
from windrow.engine.claim import claim
from windrow.engine.submit import submit
from windrow.model.ref import Ref

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def test_the_highest_priority_starts_first_whatever_came_first(
    deployment: Deployment, started: Started
) -> None:
    low, middle, high = queued(deployment, "p1", "p5", "p9")

    deployment.pump()

    assert started.ids == [high, middle, low]


def test_each_hint_starts_one_task(deployment: Deployment, started: Started) -> None:
    queued(deployment, "p1", "p9", "p1", "p9")

    for count in range(1, 5):
        deployment.deliver()
        assert len(started.ids) == count
    assert deployment.hints.messages == []


def test_tasks_of_one_priority_start_in_the_order_they_came(
    deployment: Deployment, started: Started
) -> None:
    ids = queued(deployment, "p5", "p5", "p5")
    deployment.hints.messages.reverse()

    deployment.pump()

    assert started.ids == ids


def test_a_hint_prefers_its_own_task_to_one_that_is_hardly_older(
    deployment: Deployment, started: Started
) -> None:
    first = submit(deployment.engine, "p5").task.ref.task
    deployment.clock.advance(SECOND)
    second = submit(deployment.engine, "p5").task.ref.task
    deployment.hints.messages.reverse()

    deployment.pump()

    assert started.ids == [second, first]


def test_a_plain_start_asks_the_index_once_a_shard_and_writes_nothing_more(
    deployment: Deployment,
) -> None:
    queued(deployment, "p5")
    deployment.port.calls.clear()

    deployment.deliver()

    assert deployment.port.count("Query") == 4
    assert deployment.port.count("GetItem") == 1
    assert deployment.port.count("UpdateItem") == 2


def test_a_pool_does_not_see_what_waits_in_another(
    deployment: Deployment, started: Started
) -> None:
    low, _ = queued(deployment, "p1", "slow")

    deployment.deliver()

    assert started.ids == [low]


def test_a_hint_of_a_task_that_is_gone_starts_the_best_of_its_queue(
    deployment: Deployment, started: Started
) -> None:
    ids = queued(deployment, "p1", "p9")
    deployment.hints.lose()
    deployment.engine.queue.send("default", [Ref("default", "01JD8Z6N5K3Q4R7T9V2X0Y1W8E")])

    deployment.pump()

    assert started.ids == [ids[1]]


def test_a_hint_that_finds_nothing_looks_again_after_two_seconds_and_is_done_with(
    deployment: Deployment, started: Started
) -> None:
    queued(deployment, "p5")
    (message,) = deployment.hints.messages
    deployment.hints.messages.append(replace(message))
    deployment.pump()
    (spare,) = deployment.hints.messages
    assert spare.visible == deployment.clock.now() + 2 * SECOND
    deployment.clock.advance(2 * SECOND)

    deployment.pump()

    assert deployment.hints.messages == []
    assert len(started.ids) == 1
    assert deployment.telemetry.verbs().count("message.failed") == 0


def test_the_second_look_finds_what_was_queued_meanwhile(
    deployment: Deployment, started: Started
) -> None:
    queued(deployment, "p5")
    (message,) = deployment.hints.messages
    deployment.hints.messages.append(replace(message))
    deployment.pump()
    (late,) = queued(deployment, "p1")
    deployment.hints.messages.pop()

    deployment.pump()

    assert started.ids[1:] == [late]


def test_a_worker_that_does_not_know_a_task_leaves_it_to_one_that_does(
    deployment: Deployment, started: Started
) -> None:
    low, _unknown = queued(deployment, "p1", "p9")
    engine = replace(deployment.engine, registry=Registry([task("p1", priority=1)(started.note)]))

    replace(deployment, engine=engine).deliver()

    assert started.ids == [low]


def test_a_worker_that_is_overtaken_starts_the_next_task(
    deployment: Deployment, started: Started
) -> None:
    low, high = queued(deployment, "p1", "p9")
    engine = deployment.engine
    port = Overtaking(
        deployment.port,
        lambda: claim(engine, deployment.task(high), deployment.clock.now() + MINUTE),
    )
    overtaken = replace(engine, records=replace(engine.records, aws=port))

    replace(deployment, engine=overtaken).deliver()

    assert started.ids == [low]
    assert deployment.task(high).attempt == 1
