"""Which task a hint starts: the most urgent that waits, its own among equals."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from tests.harness import Deployment, deploy
from tests.simulated.deployment import Deployment as Simulated
from tests.simulated.world import World
from windrow import Context, Registry, RetryPolicy, task
from windrow.aws.port import AWS, Answer, Parameters
from windrow.engine.cancel import cancel
from windrow.engine.claim import claim
from windrow.engine.reprioritize import reprioritize
from windrow.engine.submit import submit
from windrow.errors import InvalidOption, NotFound, NotQueued
from windrow.model.priority import Mode
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.ready import Order

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Hiccup(Exception):
    """What passes."""


@dataclass
class Started:
    """The ids of tasks in the order in which they started, and those that fail once."""

    ids: list[str] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)

    def note(self, context: Context) -> None:
        self.ids.append(context.task_id)
        if context.task_id in self.failing:
            self.failing.discard(context.task_id)
            raise Hiccup


@pytest.fixture
def started() -> Started:
    return Started()


@pytest.fixture
def deployment(started: Started) -> Iterator[Deployment]:
    with deploy(registry(started)) as deployed:
        yield deployed


def registry(started: Started) -> Registry:
    """Tasks of four priorities, in two pools."""
    definitions = [
        task(f"p{priority}", priority=priority)(started.note) for priority in (1, 5, 9, 10)
    ]
    retry = RetryPolicy(base=10 * SECOND)
    slow = task("slow", priority=5, pool="long")(started.note)
    return Registry([*definitions, slow, task("stumbles", priority=1, retry=retry)(started.note)])


def queued(deployment: Deployment, *names: str, tenant: str = "default") -> list[str]:
    """Submit tasks three seconds apart, which is more than any two count as equals."""
    ids = []
    for name in names:
        ids.append(submit(deployment.engine, name, tenant=tenant).task.ref.task)
        deployment.clock.advance(3 * SECOND)
    return ids


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


def test_a_retry_that_something_outranks_waits_in_the_index(
    deployment: Deployment, started: Started
) -> None:
    (low,) = queued(deployment, "stumbles")
    started.failing = {low}
    deployment.pump()
    waiting = deployment.task(low)
    assert waiting.state is State.QUEUED
    deployment.clock.advance(waiting.not_before - deployment.clock.now() + 3 * SECOND)
    high, higher = queued(deployment, "p9", "p10")
    started.ids.clear()

    deployment.pump()

    assert started.ids == [higher, high, low]


def test_a_retry_that_is_the_best_is_claimed_with_one_write(
    deployment: Deployment, started: Started
) -> None:
    (low,) = queued(deployment, "stumbles")
    started.failing = {low}
    deployment.pump()
    deployment.clock.advance(deployment.task(low).not_before - deployment.clock.now() + SECOND)
    deployment.port.calls.clear()

    deployment.pump()

    assert deployment.task(low).state is State.SUCCEEDED
    assert deployment.port.count("UpdateItem") == 2


def test_a_crashed_attempt_that_something_outranks_waits_its_turn(
    deployment: Deployment, started: Started
) -> None:
    (low,) = queued(deployment, "p1")
    assert claim(deployment.engine, deployment.task(low), deployment.clock.now())
    deployment.clock.advance(MINUTE)
    (high,) = queued(deployment, "p9")

    deployment.pump()

    assert started.ids == [high, low]
    assert deployment.task(low).crashes == 1
    assert deployment.task(low).attempt == 2


def test_a_delayed_task_goes_first_once_the_sweeper_has_met_its_time(
    deployment: Deployment, started: Started
) -> None:
    low = queued(deployment, *["p1"] * 5)[0]
    late = submit(deployment.engine, "p10", delay=SECOND).task.ref.task
    deployment.clock.advance(2 * SECOND)

    deployment.sweep()
    hints = len(deployment.hints.messages)
    deployment.deliver()
    deployment.deliver()

    assert started.ids == [late, low], "the hint at the front of the queue found it"
    assert hints == 6, "its own hint is on its way, and no other is sent"


def test_a_retried_task_goes_first_once_the_sweeper_has_met_its_time(
    deployment: Deployment, started: Started
) -> None:
    urgent = submit(deployment.engine, "p10").task.ref.task
    started.failing = {urgent}
    deployment.pump()
    deployment.hints.lose()
    queued(deployment, *["p1"] * 5)
    started.ids.clear()

    deployment.sweep()
    deployment.deliver()

    assert started.ids == [urgent]


def test_a_crashed_task_goes_first_once_the_sweeper_has_met_its_lease(
    deployment: Deployment, started: Started
) -> None:
    (urgent,) = queued(deployment, "p10")
    assert claim(deployment.engine, deployment.task(urgent), deployment.clock.now() + 5 * SECOND)
    deployment.hints.lose()
    deployment.clock.advance(MINUTE)
    queued(deployment, *["p1"] * 5)

    deployment.sweep()
    deployment.deliver()

    assert started.ids == [urgent]
    assert deployment.task(urgent).crashes == 1
    assert deployment.task(urgent).attempt == 2


def test_a_task_that_crashed_too_often_is_not_begun_again_by_the_sweeper(
    deployment: Deployment, started: Started
) -> None:
    (doomed,) = queued(deployment, "p5")
    deployment.hints.lose()
    for _ in range(6):
        until = deployment.clock.now() + SECOND
        assert claim(deployment.engine, deployment.task(doomed), until)
        deployment.clock.advance(2 * MINUTE)
        deployment.sweep()
        deployment.hints.lose()

    deployment.run_for(5 * MINUTE)

    ended = deployment.task(doomed)
    assert (ended.state, ended.attempt) == (State.FAILED, 6)
    assert started.ids == []


def test_the_lost_hint_of_a_delayed_task_is_sent_again_within_two_minutes(
    deployment: Deployment, started: Started
) -> None:
    late = submit(deployment.engine, "p5", delay=SECOND).task.ref.task
    deployment.hints.lose()

    for _ in range(2):
        deployment.clock.advance(MINUTE)
        deployment.sweep()
    deployment.pump()

    assert started.ids == [late]


def test_a_task_whose_deadline_has_passed_makes_room_for_the_next(
    deployment: Deployment, started: Started
) -> None:
    (late,) = queued(deployment, "p9")
    deployment.clock.advance(2 * timedelta(days=1))
    (fresh,) = queued(deployment, "p1")
    deployment.hints.messages.pop()

    deployment.pump()

    assert deployment.task(late).state is State.FAILED
    assert started.ids == [fresh]


def test_a_worker_that_does_not_know_a_task_leaves_it_to_one_that_does(
    deployment: Deployment, started: Started
) -> None:
    low, _unknown = queued(deployment, "p1", "p9")
    engine = replace(deployment.engine, registry=Registry([task("p1", priority=1)(started.note)]))

    replace(deployment, engine=engine).deliver()

    assert started.ids == [low]


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


@dataclass
class Overtaking:
    """A port on which another worker is faster with the next claim."""

    inner: AWS
    faster: Callable[[], object] | None

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        if operation == "UpdateItem" and self.faster is not None:
            faster, self.faster = self.faster, None
            faster()
        return self.inner.call(service, operation, parameters)


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


def test_a_waiting_task_is_moved_to_another_priority(
    deployment: Deployment, started: Started
) -> None:
    low, middle, lifted = queued(deployment, "p1", "p5", "p1")

    moved = reprioritize(deployment.engine, Ref("default", lifted), 9)
    deployment.pump()

    assert moved.priority == 9
    assert started.ids == [lifted, middle, low]


def test_a_delayed_task_takes_its_new_priority_along(
    deployment: Deployment, started: Started
) -> None:
    later = submit(deployment.engine, "p1", delay=MINUTE).task.ref
    reprioritize(deployment.engine, later, 10)
    assert list(deployment.engine.ready.waiting("default")) == []
    deployment.clock.advance(MINUTE)
    (middle,) = queued(deployment, "p5")

    deployment.pump()

    assert started.ids == [later.task, middle]


def test_what_runs_or_has_ended_has_no_place_to_change(deployment: Deployment) -> None:
    running, ended = queued(deployment, "p5", "p5")
    claim(deployment.engine, deployment.task(running), deployment.clock.now() + MINUTE)
    cancel(deployment.engine, Ref("default", ended))

    with pytest.raises(NotQueued, match="is running"):
        reprioritize(deployment.engine, Ref("default", running), 9)
    with pytest.raises(NotQueued, match="is cancelled"):
        reprioritize(deployment.engine, Ref("default", ended), 9)
    with pytest.raises(NotFound):
        reprioritize(deployment.engine, Ref("default", "01JD8Z6N5K3Q4R7T9V2X0Y1W8E"), 9)


@pytest.mark.parametrize("priority", [0, 11, -1])
def test_a_priority_is_one_to_ten(deployment: Deployment, priority: int) -> None:
    (waiting,) = queued(deployment, "p5")

    with pytest.raises(InvalidOption, match="from 1 to 10"):
        reprioritize(deployment.engine, Ref("default", waiting), priority)


def test_a_move_that_meets_another_keeps_record_and_index_together(
    deployment: Deployment,
) -> None:
    (waiting,) = queued(deployment, "p5")
    engine, ref = deployment.engine, Ref("default", waiting)
    port = Overtaking(deployment.port, lambda: reprioritize(engine, ref, 2))
    late = replace(engine, records=replace(engine.records, aws=port))

    reprioritize(late, ref, 8)

    (entry,) = engine.ready.waiting("default")
    assert deployment.task(waiting).priority == 8
    assert entry.rank.startswith("02#")


def test_with_aging_the_lowest_priority_starts_under_a_permanent_overload(
    deployment: Deployment, started: Started
) -> None:
    order = Order(Mode.AGING)
    records = replace(deployment.engine.records, order=order)
    engine = replace(
        deployment.engine,
        records=records,
        tasks=replace(deployment.engine.tasks, records=records),
        ready=replace(deployment.engine.ready, order=order),
    )
    overloaded = replace(deployment, engine=engine)
    submit(engine, "p10")
    low = submit(engine, "p1").task.ref.task
    waited = 0
    # Two come a minute and one starts; those that come in the first nine minutes go before it.
    while low not in started.ids and waited < 25:
        submit(engine, "p10")
        submit(engine, "p10")
        deployment.clock.advance(MINUTE)
        overloaded.deliver()
        waited += 1

    assert 9 <= waited < 25


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
