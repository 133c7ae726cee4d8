"""What the sweeper and the fence make of crashes, lost hints and zombies."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.harness import Deployment, deploy
from tests.numbers import World, numbers
from tests.tables import resources
from windrow.engine.claim import claim
from windrow.engine.gather import gather_task
from windrow.engine.settle import CRASH_BUDGET, end
from windrow.engine.submit import submit
from windrow.errors import Fenced
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.telemetry.metrics import Metric

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def start(deployment: Deployment) -> str:
    return submit(deployment.engine, "numbers").task.ref.task


def test_a_hint_that_cannot_be_sent_is_sent_by_the_sweeper(deployment: Deployment) -> None:
    deployment.hints.is_down = True
    task_id = start(deployment)
    deployment.hints.is_down = False
    assert deployment.pump() == 0

    deployment.run_for(2 * MINUTE)

    assert deployment.task(task_id).state is State.SUCCEEDED
    assert deployment.telemetry.counts[Metric.HINTS_FAILED] == 1


def test_lost_hints_of_chunks_are_sent_again(deployment: Deployment, world: World) -> None:
    task_id = start(deployment)
    deployment.deliver()
    deployment.hints.lose()

    deployment.run_for(3 * MINUTE)

    assert deployment.task(task_id).state is State.SUCCEEDED
    assert sorted(world.done) == list(range(250))


def test_doubled_and_late_hints_cost_a_look_and_nothing_else(
    deployment: Deployment, world: World
) -> None:
    task_id = start(deployment)
    copies = []
    while deployment.hints.messages:
        copies += [replace(message) for message in deployment.hints.messages]
        deployment.deliver()
    before = deployment.task(task_id)

    deployment.hints.messages += copies
    deployment.pump()

    assert deployment.task(task_id) == before
    assert len(world.done) == 250
    assert len(world.finished) == 1


def test_a_worker_killed_in_a_chunk_is_replaced_after_its_lease(
    deployment: Deployment, world: World
) -> None:
    task_id = start(deployment)
    deployment.deliver()
    deployment.port.plan("killed before", "UpdateItem", skip=1)
    deployment.pump()
    assert deployment.task(task_id).state is State.RUNNING

    deployment.run_for(135 * SECOND, tick=30 * SECOND)

    assert deployment.task(task_id).state is State.SUCCEEDED
    assert set(world.done) == set(range(250))
    assert [chunk.crashes for chunk in deployment.chunks(task_id)].count(1) == 1


def test_a_live_lease_is_left_alone(deployment: Deployment) -> None:
    task_id = start(deployment)
    task = deployment.task(task_id)
    claimed = claim(deployment.engine, task, deployment.clock.now() + 10 * MINUTE)
    assert claimed is not None

    deployment.run_for(9 * MINUTE)

    assert deployment.task(task_id).attempt == claimed.attempt
    assert deployment.task(task_id).sends == 0
    assert claimed.lease is not None
    assert deployment.task(task_id).due == claimed.lease + 5 * SECOND, "moved once, for good"


@pytest.mark.parametrize(("seconds", "is_free"), [(4, False), (6, True)])
def test_a_lease_outlives_its_end_by_what_clocks_may_differ(
    deployment: Deployment, seconds: int, is_free: bool
) -> None:
    task_id = start(deployment)
    claimed = claim(deployment.engine, deployment.task(task_id), deployment.clock.now())
    assert claimed is not None
    assert claimed.lease is not None
    deployment.clock.advance(claimed.lease - deployment.clock.now() + seconds * SECOND)

    again = claim(deployment.engine, deployment.task(task_id), deployment.clock.now() + 60 * SECOND)

    assert (again is not None) is is_free


def test_a_call_that_aws_refuses_costs_seconds_and_not_a_lease(
    deployment: Deployment, world: World
) -> None:
    task_id = start(deployment)
    deployment.port.plan("refused", "PutObject")
    deployment.pump()
    assert deployment.task(task_id).state is State.QUEUED

    deployment.clock.advance(10 * SECOND)
    deployment.pump()

    assert deployment.task(task_id).state is State.SUCCEEDED
    assert world.planned == 2


def test_an_outage_of_ten_minutes_ends_no_task(deployment: Deployment) -> None:
    task_id = start(deployment)
    deployment.port.plan("refused", "PutObject", times=1000)
    deployment.run_for(8 * MINUTE)
    deployment.port.faults.clear()

    deployment.run_for(20 * MINUTE)

    assert deployment.task(task_id).state is State.SUCCEEDED


def test_items_that_are_gone_end_their_chunks_with_that_reason(deployment: Deployment) -> None:
    task_id = start(deployment)
    deployment.deliver()
    items = deployment.task(task_id).items
    deployment.engine.aws.call("s3", "DeleteObject", {"Bucket": "windrow-bucket", "Key": items})

    deployment.pump()

    ended = deployment.task(task_id)
    assert ended.state is State.FAILED
    assert ended.error is not None
    assert "NoSuchKey" in ended.error.message


@pytest.mark.parametrize("deliveries", [0, 1, 3, 6])
def test_a_task_ends_at_its_deadline_without_any_worker(
    deployment: Deployment, deliveries: int
) -> None:
    task_id = start(deployment)
    for _ in range(deliveries):
        deployment.deliver()

    for _ in range(4 * 60):
        deployment.clock.advance(MINUTE)
        deployment.hints.lose()
        deployment.sweep()

    ended = deployment.task(task_id)
    assert ended.state is State.FAILED
    assert ended.ended is not None
    assert timedelta() <= ended.ended - ended.deadline <= 2 * MINUTE


def test_a_best_effort_finish_that_no_worker_takes_does_not_fail_the_map() -> None:
    registry, _ = numbers(World(), best_effort=True)
    with deploy(registry) as deployment:
        task_id = start(deployment)
        for _ in range(6):
            deployment.deliver()

        for _ in range(4 * 60):
            deployment.clock.advance(MINUTE)
            deployment.hints.lose()
            deployment.sweep()

        ended = deployment.task(task_id)
        assert ended.state is State.SUCCEEDED
        assert ended.progress.succeeded == 250


def test_groups_that_were_given_up_do_not_pass_for_done(deployment: Deployment) -> None:
    task_id = start(deployment)
    for _ in range(3):
        deployment.deliver()
    deployment.hints.lose()
    task = deployment.task(task_id)
    group = deployment.engine.records.group(task.ref.group_at(0))
    assert group is not None
    deployment.engine.records.write(group, replace(group, is_closed=True, due=None))

    gather_task(deployment.engine, task.ref)

    assert deployment.task(task_id).state is State.FAILED


def test_a_task_that_crashes_too_often_fails_and_frees_its_key(deployment: Deployment) -> None:
    task_id = start(deployment)
    deployment.port.plan("killed before", "PutObject", times=100)

    deployment.run_for(60 * MINUTE)

    ended = deployment.task(task_id)
    assert ended.state is State.FAILED
    assert ended.error is not None
    assert ended.error.message == f"It crashed or timed out {CRASH_BUDGET + 1} times."
    assert submit(deployment.engine, "numbers").is_new


def test_chunks_of_a_map_that_is_over_are_cancelled(deployment: Deployment, world: World) -> None:
    task_id = start(deployment)
    deployment.deliver()
    end(deployment.engine, deployment.task(task_id), State.FAILED)

    deployment.pump()

    assert {chunk.state for chunk in deployment.chunks(task_id)} == {State.CANCELLED}
    assert world.done == []


def test_what_an_overtaken_attempt_writes_is_refused(deployment: Deployment) -> None:
    task_id = start(deployment)
    zombie = claim(
        deployment.engine, deployment.task(task_id), deployment.clock.now() + 60 * SECOND
    )
    assert zombie is not None
    deployment.clock.advance(5 * MINUTE)
    overtaker = claim(
        deployment.engine, deployment.task(task_id), deployment.clock.now() + 60 * SECOND
    )
    assert overtaker is not None

    with pytest.raises(Fenced):
        end(deployment.engine, zombie, State.SUCCEEDED)

    assert deployment.task(task_id) == overtaker


def test_two_workers_cannot_claim_the_same_version(deployment: Deployment) -> None:
    task = deployment.task(start(deployment))
    until = deployment.clock.now() + 60 * SECOND

    first = claim(deployment.engine, task, until)
    second = claim(deployment.engine, task, until)

    assert first is not None
    assert second is None


def test_a_task_that_no_worker_takes_is_seen_by_the_alarm(deployment: Deployment) -> None:
    alarm = resources()["OldestOverdueAlarm"]["Properties"]
    period = timedelta(seconds=alarm["Period"])
    start(deployment)

    worst: dict[int, float] = {}
    for minute in range(1, 31):
        deployment.clock.advance(MINUTE)
        deployment.hints.lose()
        deployment.telemetry.counts.clear()
        deployment.sweep()
        figure = deployment.telemetry.counts[Metric.OLDEST_OVERDUE_SECONDS]
        slot = int(minute * MINUTE / period)
        worst[slot] = max(worst.get(slot, 0), figure)

    last = [worst[slot] for slot in sorted(worst)][-alarm["EvaluationPeriods"] - 1 : -1]
    assert all(figure > alarm["Threshold"] for figure in last)


def test_a_task_that_no_worker_takes_is_not_buried_in_hints(deployment: Deployment) -> None:
    start(deployment)
    deployment.hints.lose()

    for _ in range(60):
        deployment.clock.advance(MINUTE)
        deployment.sweep()

    assert 5 <= len(deployment.hints.messages) <= 7


def test_a_hint_of_no_record_is_acknowledged_after_a_second_look(deployment: Deployment) -> None:
    deployment.engine.queue.send("default", [Ref("default", "01JD8Z6N5K3Q4R7T9V2X0Y1W8E")])

    deployment.pump()
    deployment.clock.advance(2 * SECOND)
    deployment.pump()

    assert deployment.hints.messages == []
    assert "hint.unknown" in deployment.telemetry.verbs()


def test_an_unreadable_message_comes_back_until_it_is_dead(deployment: Deployment) -> None:
    task_id = start(deployment)
    deployment.hints.messages[0].body = '{"v": 99}'

    deployment.run_for(120 * MINUTE)

    assert [message.body for message in deployment.hints.dead] == ['{"v": 99}']
    assert deployment.task(task_id).state is State.SUCCEEDED, "its record was swept"
