"""What becomes of tasks is counted once, whatever of the stream comes again."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.clock import FakeClock
from tests.faults import Killed
from tests.harness import Deployment, deploy
from tests.letters import Hopeless
from tests.simulated.dynamodb.stream import batch
from windrow import Context, Registry, RetryPolicy, task
from windrow.aws.errors import Unavailable
from windrow.engine.cancel import cancel
from windrow.engine.outbox import Ended, Outbox
from windrow.engine.retry_again import retry_again
from windrow.engine.submit import submit
from windrow.errors import ConfigurationError
from windrow.lambdas.stream import consume
from windrow.model.figures import Kind
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.changes import is_of_task
from windrow.store.positions import Positions
from windrow.store.rollups import Rollups

ONCE = RetryPolicy(attempts=1)


@task("fine")
def fine(context: Context) -> None:
    assert isinstance(context.clock, FakeClock)
    context.clock.advance(timedelta(seconds=2))


@task("hopeless", retry=ONCE)
def hopeless(context: Context) -> None:
    raise Hopeless(f"Letter {context.task_id} cannot be delivered.")


REGISTRY = Registry([fine, hopeless])


def rollups(deployment: Deployment) -> Rollups:
    return Rollups(deployment.engine.aws, deployment.engine.records.table)


def positions(deployment: Deployment) -> Positions:
    return Positions(deployment.engine.aws, deployment.engine.records.table)


def now(deployment: Deployment) -> dict[str, Counter[str]]:
    """How many tasks of each type are in each state."""
    rows = rollups(deployment).now("default").items()
    return {row.name: +amounts for row, amounts in rows}


def minutes(deployment: Deployment) -> Counter[str]:
    """What happened in the last ten minutes, whatever the type."""
    end = deployment.clock.now()
    total: Counter[str] = Counter()
    for _, amounts in rollups(deployment).between(
        "default", Kind.MINUTE, end - timedelta(minutes=10), end
    ):
        total.update(amounts)
    return total


def everything(deployment: Deployment) -> dict[Any, Any]:
    table = deployment.hints.inner.dynamodb.tables["TasksTable"]  # type: ignore[attr-defined]
    return {key: row.item for key, row in table.rows.items() if key[0].startswith("R#")}


def test_a_task_is_counted_through_its_life() -> None:
    with deploy(REGISTRY) as deployment:
        submit(deployment.engine, "fine")
        deployment.count()
        waiting = now(deployment)
        deployment.clock.advance(timedelta(seconds=3))
        deployment.pump()
        deployment.count()

        assert waiting == {"fine": {"queued": 1}}
        assert now(deployment) == {"fine": {"succeeded": 1}}
        seen = minutes(deployment)
        assert (seen["submitted"], seen["started"], seen["succeeded"]) == (1, 1, 1)
        # Three seconds are 2^(47/4) ms, at the most, and two 2^(44/4).
        assert seen["w47"] == seen["t44"] == 1


def test_what_comes_again_is_not_counted_again() -> None:
    with deploy(REGISTRY) as deployment:
        for _ in range(5):
            submit(deployment.engine, "fine")
        deployment.pump()
        deployment.count()
        before = everything(deployment)

        for shard in range(2):
            records, _ = deployment.stream.read(shard, 0)
            consume(deployment.engine, batch(records[::-1], shard))
            consume(deployment.engine, batch(records[1:3], shard))

        assert everything(deployment) == before
        assert now(deployment) == {"fine": {"succeeded": 5}}


def test_changes_that_cancel_each_other_are_counted_too() -> None:
    with deploy(REGISTRY) as deployment:
        ref = submit(deployment.engine, "fine").task.ref
        deployment.count()
        task = deployment.task(ref.task)
        owned = replace(task, state=State.RUNNING, started=task.created)
        deployment.engine.records.write(task, owned)
        deployment.count()
        deployment.engine.records.write(owned, replace(owned, state=State.QUEUED))
        deployment.engine.records.write(replace(owned, state=State.QUEUED), owned)
        deployment.count()
        shard, changes = next(
            (number, [each for each in records if is_of_task(each)])
            for number, records in enumerate(deployment.stream.shards)
            if any(map(is_of_task, records))
        )

        consume(deployment.engine, batch(changes[-2:-1], shard))

        assert now(deployment) == {"fine": {"running": 1}}


def test_places_are_compared_as_numbers() -> None:
    with deploy(REGISTRY) as deployment:
        submit(deployment.engine, "fine")
        (records,) = (each for each in deployment.stream.shards if each)
        shard = deployment.stream.shards.index(records)
        records[0]["dynamodb"]["SequenceNumber"] = "999"
        deployment.count()
        deployment.pump()
        for number, record in enumerate(records[1:], 1000):
            record["dynamodb"]["SequenceNumber"] = str(number)

        consume(deployment.engine, batch(records, shard))

        assert now(deployment) == {"fine": {"succeeded": 1}}


def test_a_crash_between_any_two_calls_loses_and_doubles_nothing() -> None:
    def counted(skip: int | None, effect: str) -> dict[Any, Any]:
        with deploy(REGISTRY) as deployment:
            for name in ("fine", "hopeless"):
                submit(deployment.engine, name, key=name)
            deployment.pump()
            if skip is not None:
                deployment.port.plan(effect, "", skip=skip)
            for _ in range(3):
                with suppress(Killed, Unavailable):
                    deployment.count()
            assert skip is None or not deployment.port.faults[0].times
            return {
                key: {name: value for name, value in item.items() if name != "counted"}
                for key, item in everything(deployment).items()
            }

    well = counted(None, "")

    for skip in range(4):
        for effect in ("killed before", "killed after", "refused", "answer never came"):
            assert counted(skip, effect) == well, (skip, effect)


def test_a_batch_of_many_types_is_counted_in_parts() -> None:
    @task("many")
    def many(context: Context) -> None:
        return None

    names = [f"type-{number}" for number in range(60)]
    registry = Registry([task(name)(lambda context: None) for name in names])
    with deploy(registry) as deployment:
        for name in names:
            submit(deployment.engine, name)
        deployment.pump()
        deployment.count()

        assert now(deployment) == {name: {"succeeded": 1} for name in names}
        largest = max(
            len(parameters["TransactItems"])
            for operation, parameters in deployment.port.calls
            if operation == "TransactWriteItems"
        )
        assert 50 < largest <= 100


def test_a_task_that_begins_again_takes_back_that_it_failed() -> None:
    with deploy(REGISTRY) as deployment:
        ref = submit(deployment.engine, "hopeless").task.ref
        deployment.pump()
        deployment.count()
        failed = list(rollups(deployment).errors("default", *day(deployment)))

        deployment.clock.advance(timedelta(minutes=2))
        retry_again(deployment.engine, ref)
        deployment.count()

        assert [(each.count, each.sample.kind) for each in failed] == [(1, "Hopeless")]
        assert now(deployment) == {"hopeless": {"queued": 1}}
        assert minutes(deployment)["failed"] == 0
        assert [each.count for each in rollups(deployment).errors("default", *day(deployment))] == [
            0
        ]


def test_failures_of_one_reason_are_one_row() -> None:
    with deploy(REGISTRY) as deployment:
        refs = [submit(deployment.engine, "hopeless").task.ref for _ in range(3)]
        deployment.pump()
        deployment.count()

        (reason,) = rollups(deployment).errors("default", *day(deployment))

        assert reason.count == 3
        assert reason.row.name == "hopeless"
        assert reason.sample.message == "Letter # cannot be delivered."
        assert reason.sample.task in {ref.task for ref in refs}


def test_an_expired_record_leaves_the_counts_of_now_and_stays_history() -> None:
    with deploy(REGISTRY) as deployment:
        submit(deployment.engine, "fine")
        deployment.pump()
        deployment.count()
        changes = [
            (shard, each)
            for shard, records in enumerate(deployment.stream.shards)
            for each in records
            if is_of_task(each)
        ]
        shard, record = changes[-1]
        last = record["dynamodb"]
        removed = {
            **record,
            "eventName": "REMOVE",
            "dynamodb": {
                **{name: last[name] for name in last if name != "NewImage"},
                "OldImage": last["NewImage"],
                "SequenceNumber": str(int(last["SequenceNumber"]) + 1),
            },
        }

        consume(deployment.engine, batch([removed], shard))

        assert now(deployment) == {"fine": {}}
        assert minutes(deployment)["succeeded"] == 1


def test_ends_are_told_before_they_are_counted_and_again_until_that_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[Ended] = []

    def tell(_outbox: Outbox, ended: list[Ended]) -> None:
        told.extend(ended)
        if len(told) < 3:
            raise Unavailable("events", "PutEvents", "ThrottlingException", "planned")

    monkeypatch.setattr(Outbox, "tell", tell)
    with deploy(REGISTRY) as deployment:
        ref = submit(deployment.engine, "fine").task.ref
        deployment.pump()
        for _ in range(2):
            with pytest.raises(Unavailable):
                deployment.count()
        nothing = now(deployment)
        deployment.count()
        deployment.count()

        assert nothing == {}
        assert now(deployment) == {"fine": {"succeeded": 1}}
        assert {(each.task.ref, each.event) for each in told} == {(ref, told[0].event)}
        assert len(told) == 3


def test_every_end_of_a_task_has_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Ended] = []
    monkeypatch.setattr(Outbox, "tell", lambda _outbox, ended: told.extend(ended))
    with deploy(REGISTRY) as deployment:
        ref = submit(deployment.engine, "hopeless").task.ref
        deployment.pump()
        retry_again(deployment.engine, ref)
        cancel(deployment.engine, ref)
        deployment.count()

        assert [each.task.state for each in told] == ["failed", "cancelled"]
        assert len({each.event for each in told}) == 2


def test_whoever_was_overtaken_counts_nothing() -> None:
    with deploy(REGISTRY) as deployment:
        submit(deployment.engine, "fine")
        shard = next(n for n, each in enumerate(deployment.stream.shards) if each)
        records, _ = deployment.stream.read(shard, 0)
        event = batch(records, shard)
        overtaken = False
        whole = deployment.port.inner.call

        def call(service: str, operation: str, parameters: Any) -> Any:
            nonlocal overtaken
            if operation == "TransactWriteItems" and not overtaken:
                overtaken = True
                consume(deployment.engine, event)
            return whole(service, operation, parameters)

        deployment.port.inner.call = call  # type: ignore[method-assign]
        consume(deployment.engine, event)

        assert overtaken
        assert now(deployment) == {"fine": {"queued": 1}}


def test_a_shard_that_is_held_is_not_counted_until_it_is_released() -> None:
    with deploy(REGISTRY) as deployment:
        submit(deployment.engine, "fine")
        shard = next(n for n, each in enumerate(deployment.stream.shards) if each)
        records, _ = deployment.stream.read(shard, 0)
        event = batch(records, shard)
        name = f"{records[0]['eventSourceARN'].rpartition('/')[2]}/{event['shardId']}"
        clock = deployment.clock
        held = positions(deployment).hold(
            name, "a rebuild", clock.now() + timedelta(minutes=5), clock.now()
        )

        with pytest.raises(Unavailable, match="is being rebuilt"):
            consume(deployment.engine, event)
        nothing = now(deployment)
        positions(deployment).release(held)
        consume(deployment.engine, event)

        assert nothing == {}
        assert now(deployment) == {"fine": {"queued": 1}}


def test_a_rebuild_that_died_holds_a_shard_for_its_time_only() -> None:
    with deploy(REGISTRY) as deployment:
        submit(deployment.engine, "fine")
        for shard, records in enumerate(deployment.stream.shards):
            if records:
                name = f"{records[0]['eventSourceARN'].rpartition('/')[2]}/"
                name += batch(records, shard)["shardId"]
                start = deployment.clock.now()
                positions(deployment).hold(name, "dead", start + timedelta(minutes=5), start)
        deployment.clock.advance(timedelta(minutes=5))

        deployment.count()

        assert now(deployment) == {"fine": {"queued": 1}}


def test_a_change_that_cannot_be_read_is_passed_over_and_said() -> None:
    with deploy(REGISTRY) as deployment:
        submit(deployment.engine, "fine")
        submit(deployment.engine, "fine")
        broken = next(each for each in deployment.stream.shards if each)[0]
        broken["dynamodb"]["NewImage"] = {**broken["dynamodb"]["NewImage"], "state": {"S": "odd"}}

        deployment.count()

        assert now(deployment) == {"fine": {"queued": 1}}
        assert deployment.telemetry.counts["ChangesSkipped"] == 1  # type: ignore[index]
        assert "stream.skipped" in deployment.telemetry.verbs()


def test_a_batch_that_does_not_say_its_shard_is_refused() -> None:
    with deploy(REGISTRY) as deployment:
        submit(deployment.engine, "fine")
        records = next(each for each in deployment.stream.shards if each)

        with pytest.raises(ConfigurationError, match="tumbling window"):
            consume(deployment.engine, {"Records": records})


def test_an_emulator_has_one_shard_and_needs_no_name_of_it() -> None:
    with deploy(REGISTRY) as deployment:
        submit(deployment.engine, "fine")
        records = next(each for each in deployment.stream.shards if each)
        for record in records:
            record["eventSourceARN"] = record["eventSourceARN"].replace("123456789012", "0" * 12)

        consume(deployment.engine, {"Records": records})

        assert now(deployment) == {"fine": {"queued": 1}}


@pytest.mark.parametrize("event", [{"Records": []}, {"isFinalInvokeForWindow": True}])
def test_the_last_call_of_a_window_may_bring_nothing(event: dict[str, Any]) -> None:
    with deploy(REGISTRY) as deployment:
        assert consume(deployment.engine, event) == {"state": {}, "batchItemFailures": []}


def test_a_tenants_rows_are_its_own() -> None:
    with deploy(REGISTRY) as deployment:
        submit(deployment.engine, "fine", tenant="another")
        deployment.count()

        assert now(deployment) == {}
        assert rollups(deployment).now("another") != {}


def test_how_long_a_change_waited_is_told() -> None:
    with deploy(REGISTRY) as deployment:
        submit(deployment.engine, "fine")
        deployment.clock.advance(timedelta(seconds=7))
        deployment.count()

        assert deployment.telemetry.counts["StreamLagSeconds"] == 7  # type: ignore[index]


def day(deployment: Deployment) -> tuple[datetime, datetime]:
    return deployment.clock.now() - timedelta(hours=1), deployment.clock.now()


def test_a_change_of_anothers_kind_is_no_change_of_a_task() -> None:
    with deploy(REGISTRY) as deployment:
        deployment.engine.control.pause(None)
        deployment.count()

        assert everything(deployment) == {}
        assert deployment.engine.records.task(Ref("default", "nobody")) is None
