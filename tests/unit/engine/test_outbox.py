"""Ends are told to a bus, each at least once, and what is not taken is told again."""

import json
from datetime import timedelta

import pytest

from tests.faults import Killed
from tests.harness import deploy
from tests.simulated.dynamodb.stream import batch
from tests.webhooks import BUS, REGISTRY, SETTINGS, URL, Outpost, outpost
from windrow.aws.errors import Unavailable
from windrow.engine.count import DELIVERIES
from windrow.engine.submit import submit
from windrow.lambdas.stream import consume


def details(post: Outpost) -> list[dict[str, object]]:
    return [json.loads(entry["Detail"]) for entry in post.published]


def ended(post: Outpost, count: int) -> None:
    """So many tasks that have ended, and that nobody was told of yet."""
    for _ in range(count):
        submit(post.deployment.engine, "fine")
    post.deployment.pump()


def test_an_end_is_an_event_on_the_bus() -> None:
    with outpost() as post:
        task = post.done()

    (entry,) = post.published
    event = json.loads(entry["Detail"])
    assert (entry["Source"], entry["DetailType"]) == ("windrow", "windrow.task.succeeded.v1")
    assert event["subject"] == task.ref.task
    assert event["data"]["result"] == {"letter": "delivered"}
    assert {"specversion", "id", "source", "type", "time", "datacontenttype"} <= event.keys()


def test_ends_are_put_in_tens() -> None:
    with outpost() as post:
        ended(post, 25)
        post.deployment.count()

    puts = [parameters for operation, parameters in post.deployment.port.calls]
    sizes = [len(each["Entries"]) for each in puts if "Entries" in each and "QueueUrl" not in each]
    assert len({event["id"] for event in details(post)}) == 25
    assert max(sizes) == 10


def test_an_entry_that_is_not_taken_is_put_again_and_the_others_are_not() -> None:
    with outpost() as post:
        refused: list[str] = []

        def first_time(entry: object) -> bool:
            text = str(entry)
            is_first = not refused
            if is_first:
                refused.append(text)
            return is_first

        post.deployment.services.events.fails = first_time
        ended(post, 5)
        post.deployment.count()

    ids = [event["id"] for event in details(post)]
    assert len(ids) == len(set(ids)) == 5


def test_a_bus_that_takes_nothing_makes_the_stream_come_again() -> None:
    with outpost() as post:
        post.deployment.services.events.fails = lambda _entry: True
        ended(post, 3)
        with pytest.raises(Unavailable):
            post.deployment.count()
        post.deployment.services.events.fails = lambda _entry: False
        post.deployment.count()

    assert len({event["id"] for event in details(post)}) == 3


def test_an_end_that_is_told_twice_has_the_same_id() -> None:
    with outpost() as post:
        post.register()
        ended(post, 1)
        # The bus has taken it, and then the delivery cannot be stored.
        post.deployment.port.plan("refused", "PutItem")
        with pytest.raises(Unavailable):
            post.deployment.count()
        post.deployment.count()
        post.settle()

    first, second = details(post)
    assert first == second
    assert len(post.receiver.asked) == 1


def test_nobody_is_told_and_nothing_is_asked_where_events_are_off() -> None:
    with deploy(REGISTRY) as deployment:
        submit(deployment.engine, "fine")
        deployment.pump()
        before = len(deployment.port.calls)
        deployment.count()

    operations = [operation for operation, _ in deployment.port.calls[before:]]
    assert set(operations) <= {"GetItem", "TransactWriteItems"}


def test_webhooks_do_without_a_bus() -> None:
    with outpost(settings={"WINDROW_EVENT_BUS": ""}) as post:
        post.register()
        post.done()
        post.settle(timedelta(minutes=1))

    assert post.published == []
    assert len(post.receiver.asked) == 1
    assert SETTINGS["WINDROW_EVENT_BUS"] == BUS


def test_what_was_told_to_many_endpoints_is_counted_before_the_rest_is_told() -> None:
    with outpost(settings={"WINDROW_EVENT_BUS": ""}) as post:
        for number in range(50):
            post.register(url=f"{URL}/{number}")
        ended(post, 11)
        records = [each for shard in post.deployment.stream.shards for each in shard]
        calls = post.deployment.port.calls

        # 10 ends x 50 endpoints are one part; the consumer dies in the midst of the next one.
        post.deployment.port.plan("killed before", "PutItem", skip=DELIVERIES + 20)
        before = len(calls)
        with pytest.raises(Killed):
            consume(post.deployment.engine, batch(records, 0))
        first = [operation for operation, _ in calls[before:]]
        before = len(calls)
        consume(post.deployment.engine, batch(records, 0))
        second = [operation for operation, _ in calls[before:]]

    assert first.count("PutItem") == DELIVERIES + 21
    assert second.count("PutItem") == 50
    # Nothing is read for a delivery: the position, and the endpoints once.
    assert (first.count("GetItem"), first.count("Query")) == (1, 1)
