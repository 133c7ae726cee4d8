"""The world's own rules: whose turn it is, what a fault does, who is killed and when."""

import itertools
from typing import Any

import pytest

from tests.simulated.faults import Effect
from tests.simulated.fibers import Killed
from tests.simulated.functions import Function, Mapping, Schedule
from tests.simulated.port import Port
from tests.simulated.refusals import Unsupported
from tests.simulated.time import HOUR, MINUTE, SECOND, Clock
from tests.simulated.world import World
from windrow.aws.dynamodb import encoded, expression
from windrow.aws.errors import ServiceError, Unavailable
from windrow.aws.port import AWS

KEY = {"PK": "K#1", "SK": "A"}
NAME = {"TableName": "TasksTable", "Key": encoded(KEY)}
ADD = {**NAME, **expression(update="ADD #n :one", values={"one": 1})}
ONCE = {**ADD, "ConditionExpression": "attribute_not_exists(#n)"}


def world(effect: Effect | None = None, *, call: int = 0) -> World:
    """A world with the table of tasks, and what happens to one call."""
    made = World(1)
    made.services.create_tables("TasksTable")
    made.faults.planned = {} if effect is None else {call: effect}
    return made


def added(made: World) -> int:
    """How often ADD took effect."""
    rows = made.services.dynamodb.tables["TasksTable"].rows
    return int(rows["K#1", "A"].item["n"]["N"]) if rows else 0


def act(made: World, *calls: dict[str, Any]) -> list[Any]:
    """Let one process make updates, until it is killed or done; what it was told each time."""
    told: list[Any] = []

    def process() -> None:
        for parameters in calls:
            try:
                told.append(Port(made).call("dynamodb", "UpdateItem", parameters))
            except ServiceError as error:
                told.append(error.code)

    made.spawn("process", process)
    made.run(HOUR)
    return told


@pytest.mark.parametrize(
    ("effect", "told", "happened"),
    [
        (Effect.DONE, [{}], 1),
        (Effect.FAILED, ["ConnectTimeoutError"], 0),
        (Effect.THROTTLED, ["ThrottlingException"], 0),
        (Effect.LOST, ["ReadTimeoutError"], 1),
        (Effect.REPEATED, [{}], 2),
        (Effect.DELAYED, [{}], 1),
        (Effect.KILLED_BEFORE, [], 0),
        (Effect.KILLED_AFTER, [], 1),
        (Effect.LATE, [], 1),
    ],
)
def test_what_becomes_of_a_call(effect: Effect, told: list[Any], happened: int) -> None:
    with world(effect) as made:
        assert act(made, ADD) == told
        assert added(made) == happened


def test_a_repeated_conditional_write_meets_its_own_first_try() -> None:
    with world(Effect.REPEATED) as made:
        assert act(made, ONCE) == ["ConditionalCheckFailedException"]
        assert added(made) == 1


def test_a_late_request_arrives_after_the_death_of_its_caller() -> None:
    with world(Effect.LATE) as made:
        made.faults.delay = (MINUTE, MINUTE)
        made.spawn("process", lambda: Port(made).call("dynamodb", "UpdateItem", ADD))

        made.run(50 * SECOND)
        before = added(made)
        made.run(50 * SECOND)

        assert (before, added(made)) == (0, 1)


@pytest.mark.parametrize(
    ("since", "answers"),
    [(SECOND, []), (MINUTE - SECOND, ["TransactionConflictException"])],
    ids=["while it travels", "while it commits"],
)
def test_a_delayed_transaction_is_in_the_way_of_others_once_it_arrives(
    since: int, answers: list[str]
) -> None:
    with world(Effect.DELAYED) as made:
        made.faults.delay = (MINUTE, MINUTE)
        told: list[str] = []
        request = {"TransactItems": [{"Update": ADD}]}
        made.spawn("slow", lambda: Port(made).call("dynamodb", "TransactWriteItems", request))

        def other() -> None:
            try:
                Port(made).call("dynamodb", "UpdateItem", ADD)
            except ServiceError as error:
                told.append(error.code)

        made.after(since, lambda: made.spawn("other", other))
        made.run(HOUR)

        assert told == answers
        assert added(made) == 2 - len(answers)


def test_workers_get_between_each_others_calls() -> None:
    with world() as made:
        order: list[str] = []

        def worker(name: str) -> None:
            for _ in range(20):
                Port(made).call("dynamodb", "UpdateItem", ADD)
                order.append(name)

        made.spawn("a", lambda: worker("a"))
        made.spawn("b", lambda: worker("b"))
        made.run(HOUR)

        assert added(made) == 40
        turns = sum(one != other for one, other in itertools.pairwise(order))
        assert turns > 10


def test_nothing_is_done_after_a_death_not_even_by_a_finally() -> None:
    with world(Effect.KILLED_BEFORE) as made:

        def process() -> None:
            try:
                Port(made).call("dynamodb", "UpdateItem", ADD)
            finally:
                Port(made).call("dynamodb", "UpdateItem", ADD)

        made.spawn("process", process)
        made.run(HOUR)

        assert added(made) == 0


def test_what_is_not_simulated_stops_the_world() -> None:
    with world() as made:
        made.spawn("process", lambda: Port(made).call("dynamodb", "Scan", {}))

        with pytest.raises(Unsupported):
            made.run(HOUR)


def test_an_invocation_is_killed_at_its_deadline() -> None:
    with world() as made:
        ended: list[bool] = []

        def build(port: AWS, clock: Clock) -> Any:
            def handler(event: Any, context: Any) -> None:
                while context.get_remaining_time_in_millis() > 0:
                    port.call("dynamodb", "UpdateItem", ADD)
                    made.pause(SECOND)

            return handler

        function = Function(made, "worker", build, timeout=10 * SECOND)
        function.invoke({}, lambda invocation: ended.append(invocation.has_returned))
        made.run(HOUR)

        assert ended == [False]
        assert (function.killed, function.timed_out, function.running) == (1, 1, 0)
        assert 5 <= added(made) <= 10


def test_a_mapping_deletes_what_was_handled_and_leaves_what_failed() -> None:
    with world() as made:
        queue = made.services.create_queues()["DefaultQueue"]
        handled: list[str] = []

        def handler(event: Any, context: Any) -> Any:
            failed = []
            for record in event["Records"]:
                handled.append(record["body"])
                if record["body"] == "bad" and handled.count("bad") < 3:
                    failed.append({"itemIdentifier": record["messageId"]})
            return {"batchItemFailures": failed}

        function = Function(made, "worker", lambda port, clock: handler)
        Mapping(made, queue, function, batch_size=10).start()
        for number, body in enumerate(["good", "bad", "good"]):
            queue.send(number, body, 0, None)
        made.run(HOUR)

        assert sorted(handled) == ["bad", "bad", "bad", "good", "good"]
        assert queue.messages == {}


def test_a_schedule_may_fire_twice_or_not_at_all() -> None:
    with world() as made:
        fired: list[int] = []
        handler = lambda event, context: fired.append(event["at"])  # noqa: E731
        function = Function(made, "sweeper", lambda port, clock: handler)
        schedule = Schedule(made, function, lambda planned: {"at": planned}, late=(0, 5 * SECOND))
        schedule.doubled, schedule.missed = 0.5, 0.2
        schedule.start()

        made.run(HOUR)

        assert len(fired) > len(set(fired))
        assert len(set(fired)) < 60


def test_a_wrong_clock_is_wrong_by_the_same_amount() -> None:
    with world() as made:
        right, wrong = Clock(made.time), Clock(made.time, skew=30 * SECOND)

        first = wrong.now() - right.now()
        made.run(MINUTE)

        assert first == wrong.now() - right.now()
        assert first.total_seconds() == 30


def test_a_killed_process_is_told_so_where_it_waits() -> None:
    with world() as made:
        told: list[type[BaseException]] = []

        def process() -> None:
            try:
                made.pause(HOUR)
            except BaseException as error:
                told.append(type(error))
                raise

        fiber = made.spawn("process", process)
        made.run(MINUTE)
        made.kill(fiber)

        assert told == [Killed]
        assert fiber.is_over


def test_calls_of_nobody_have_no_faults() -> None:
    with world(Effect.FAILED) as made:
        Port(made).call("dynamodb", "UpdateItem", ADD)

        assert added(made) == 1
        assert act(made, ADD) == ["ConnectTimeoutError"]
        assert Unavailable.retryable
