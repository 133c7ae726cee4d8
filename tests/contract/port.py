"""What Windrow relies on from AWS, as tests that run on every stand-in for it.

A subclass says which stand-in, by its fixture `world`. Where one differs from AWS, its class says
so in `differences`, and what it does instead is tested.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4

import pytest

from tests.clock import EPOCH
from tests.listed import SECOND, store, tasks
from windrow.aws.dynamodb import decoded, encoded, expression
from windrow.aws.errors import ConditionFailed, ServiceError, TransactionCanceled
from windrow.aws.port import SigningAWS
from windrow.errors import ObjectChanged
from windrow.model.filters import Filters
from windrow.model.ref import ScheduleRef
from windrow.model.scheduled import Scheduled, Standing
from windrow.model.states import State
from windrow.model.timing import Timing
from windrow.queue.sqs import Queue
from windrow.store.bucket import Bucket, Piece
from windrow.store.listing import ListIndex
from windrow.store.records import Records
from windrow.store.timers import Timers, asked_for, message, name
from windrow.store.upload import PART, Upload


@dataclass(frozen=True)
class World:
    """A port, and what stands behind it."""

    aws: SigningAWS
    table: str
    bucket: str
    queue: str
    fetch: Callable[[str], bytes]

    def put(self, key: dict[str, str], **attributes: Any) -> dict[str, Any]:
        return {"TableName": self.table, "Item": encoded({**key, **attributes})}

    def get(self, key: dict[str, str]) -> dict[str, Any] | None:
        answer = self.aws.call(
            "dynamodb",
            "GetItem",
            {"TableName": self.table, "Key": encoded(key), "ConsistentRead": True},
        )
        return decoded(answer["Item"]) if "Item" in answer else None


def new_key() -> dict[str, str]:
    """A key that no other test uses."""
    return {"PK": f"K#default#{uuid4().hex}", "SK": "A"}


TIMINGS = [
    Timing(cron="30 2 * * MON-FRI", timezone="Europe/Berlin"),
    Timing(every=timedelta(minutes=5), lasting=timedelta(days=1)),
    Timing(every=timedelta(seconds=10)),
    Timing(at=datetime(2199, 1, 1, tzinfo=UTC)),
]


def clocks(world: World) -> Timers:
    return Timers(
        aws=world.aws,
        group="default",
        target="arn:aws:lambda:us-east-1:123456789012:function:rings",
        role="arn:aws:iam::123456789012:role/rings",
    )


def scheduled(timing: Timing) -> Scheduled:
    """A schedule of a tenant that no other test has."""
    now = datetime.now(UTC).replace(microsecond=0)
    return Scheduled(
        ref=ScheduleRef(uuid4().hex[:16], "s"),
        task="plain",
        timing=timing.anchored(now),
        created=now,
        changed=now,
        decided=now,
    )


class PortContract:
    """The promises that the stores and the queue are built on."""

    # Promises that AWS keeps and this stand-in does not: by their tests, what it does instead. The
    # table in docs/reliability.md is made from this.
    differences: ClassVar[Mapping[str, str]] = {}

    def test_a_conditional_put_happens_once(self, world: World) -> None:
        key = new_key()
        put = world.put(key, n=1) | expression(condition="attribute_not_exists(#PK)")
        world.aws.call("dynamodb", "PutItem", put)

        with pytest.raises(ConditionFailed):
            world.aws.call("dynamodb", "PutItem", put)

    def test_a_failed_update_shows_the_item_that_stood_in_the_way(self, world: World) -> None:
        key = new_key()
        world.aws.call("dynamodb", "PutItem", world.put(key, state="running", attempt=2))
        update = {
            "TableName": world.table,
            "Key": encoded(key),
            **expression(
                update="SET #state = :next",
                condition="#attempt = :seen",
                values={"next": "failed", "seen": 1},
            ),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

        with pytest.raises(ConditionFailed) as failed:
            world.aws.call("dynamodb", "UpdateItem", update)

        assert decoded(failed.value.item or {}) == {**key, "state": "running", "attempt": 2}
        assert (world.get(key) or {})["state"] == "running"

    def test_an_update_with_a_condition_creates_nothing(self, world: World) -> None:
        key = new_key()
        update = {
            "TableName": world.table,
            "Key": encoded(key),
            **expression(
                update="SET #state = :next",
                condition="attribute_exists(#PK)",
                values={"next": "failed"},
            ),
        }

        with pytest.raises(ConditionFailed):
            world.aws.call("dynamodb", "UpdateItem", update)

        assert world.get(key) is None

    def test_a_transaction_happens_whole_or_not_at_all(self, world: World) -> None:
        taken, free = new_key(), new_key()
        world.aws.call("dynamodb", "PutItem", world.put(taken))
        parts = [
            {"Put": world.put(free)},
            {
                "Put": {
                    **world.put(taken),
                    **expression(condition="attribute_not_exists(#PK)"),
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            },
        ]

        with pytest.raises(TransactionCanceled) as canceled:
            world.aws.call("dynamodb", "TransactWriteItems", {"TransactItems": parts})

        codes = [reason.code for reason in canceled.value.reasons]
        assert codes == ["None", "ConditionalCheckFailed"]
        assert decoded(canceled.value.reasons[1].item or {}) == taken
        assert world.get(free) is None

    def test_a_transaction_holds_an_item_that_it_does_not_change(self, world: World) -> None:
        held, made = new_key(), new_key()
        world.aws.call("dynamodb", "PutItem", world.put(held, attempt=2))

        def parts(attempt: int) -> list[dict[str, Any]]:
            check = {
                "TableName": world.table,
                "Key": encoded(held),
                **expression(condition="#attempt = :mine", values={"mine": attempt}),
            }
            return [{"Put": world.put(made, by=attempt)}, {"ConditionCheck": check}]

        with pytest.raises(TransactionCanceled) as canceled:
            world.aws.call("dynamodb", "TransactWriteItems", {"TransactItems": parts(1)})
        assert [reason.code for reason in canceled.value.reasons] == [
            "None",
            "ConditionalCheckFailed",
        ]
        assert world.get(made) is None

        world.aws.call("dynamodb", "TransactWriteItems", {"TransactItems": parts(2)})
        assert (world.get(made) or {})["by"] == 2
        assert world.get(held) == {**held, "attempt": 2}

    def test_an_update_answers_with_what_others_wrote_too(self, world: World) -> None:
        key = new_key()
        world.aws.call("dynamodb", "PutItem", world.put(key, attempt=2, cancel_requested=7))
        update = {
            "TableName": world.table,
            "Key": encoded(key),
            **expression(
                update="SET #message = :text",
                condition="#attempt = :mine",
                values={"text": "half way", "mine": 2},
            ),
            "ReturnValues": "ALL_NEW",
        }

        answer = world.aws.call("dynamodb", "UpdateItem", update)

        stands = {**key, "attempt": 2, "cancel_requested": 7, "message": "half way"}
        assert decoded(answer["Attributes"]) == stands

    def test_a_repeated_transaction_is_known_by_its_token(self, world: World) -> None:
        key = new_key()
        put = world.put(key) | expression(condition="attribute_not_exists(#PK)")
        request = {"TransactItems": [{"Put": put}], "ClientRequestToken": uuid4().hex}
        world.aws.call("dynamodb", "TransactWriteItems", request)

        # AWS knows it for ten minutes.
        if "test_a_repeated_transaction_is_known_by_its_token" in self.differences:
            with pytest.raises(TransactionCanceled):
                world.aws.call("dynamodb", "TransactWriteItems", request)
        else:
            world.aws.call("dynamodb", "TransactWriteItems", request)

    def test_a_query_finds_a_partition_in_order_and_nothing_else(self, world: World) -> None:
        partition = new_key()["PK"]
        for sort in ("C#0000002", "C#0000010", "C#0000001", "G#00000"):
            world.aws.call("dynamodb", "PutItem", world.put({"PK": partition, "SK": sort}))

        answer = world.aws.call(
            "dynamodb",
            "Query",
            {
                "TableName": world.table,
                "ConsistentRead": True,
                **expression(
                    key_condition="#PK = :partition AND begins_with(#SK, :prefix)",
                    values={"partition": partition, "prefix": "C#"},
                ),
            },
        )

        found = [decoded(item)["SK"] for item in answer["Items"]]
        assert found == ["C#0000001", "C#0000002", "C#0000010"]

    def test_many_items_are_read_at_once_and_missing_ones_left_out(self, world: World) -> None:
        here, there, nowhere = new_key(), new_key(), new_key()
        for key in (here, there):
            world.aws.call("dynamodb", "PutItem", world.put(key))
        keys = [encoded(key) for key in (here, there, nowhere)]

        answer = world.aws.call(
            "dynamodb",
            "BatchGetItem",
            {"RequestItems": {world.table: {"Keys": keys, "ConsistentRead": True}}},
        )

        found = {decoded(item)["PK"] for item in answer["Responses"][world.table]}
        assert found == {here["PK"], there["PK"]}
        assert answer.get("UnprocessedKeys", {}) == {}

    def test_an_index_holds_only_items_that_have_its_keys(self, world: World) -> None:
        shard = f"D#{uuid4().hex}"
        overdue, done = new_key(), new_key()
        world.aws.call("dynamodb", "PutItem", world.put(overdue, due_shard=shard, due_at="1"))
        world.aws.call("dynamodb", "PutItem", world.put(done, due_shard=shard))

        answer = world.aws.call(
            "dynamodb",
            "Query",
            {
                "TableName": world.table,
                "IndexName": "due",
                **expression(
                    key_condition="#due_shard = :shard AND #due_at < :now",
                    values={"shard": shard, "now": "2"},
                ),
            },
        )

        assert [decoded(item)["PK"] for item in answer["Items"]] == [overdue["PK"]]

    def test_an_index_is_read_in_order_up_to_a_bound_page_after_page(self, world: World) -> None:
        shard, keys = f"R#{uuid4().hex}", [new_key() for _ in range(5)]
        for rank, key in enumerate(keys):
            ready_at = f"05#{rank:013d}#{rank}"
            put = world.put(key, ready_shard=shard, ready_at=ready_at)
            world.aws.call("dynamodb", "PutItem", put)
        query = {
            "TableName": world.table,
            "IndexName": "ready",
            "Limit": 2,
            **expression(
                key_condition="#ready_shard = :shard AND #ready_at < :before",
                values={"shard": shard, "before": f"05#{4:013d}"},
            ),
        }

        first = world.aws.call("dynamodb", "Query", query)
        start = {"ExclusiveStartKey": first["LastEvaluatedKey"]}
        second = world.aws.call("dynamodb", "Query", {**query, **start})

        found = [decoded(item)["PK"] for item in first["Items"] + second["Items"]]
        assert found == [key["PK"] for key in keys[:4]]

    def test_a_slot_is_taken_with_its_record_or_not_at_all(self, world: World) -> None:
        slot = {"PK": f"N#{uuid4().hex}", "SK": "S#00000"}
        first, second = new_key(), new_key()
        for key in (first, second):
            world.aws.call("dynamodb", "PutItem", world.put(key, state="queued"))

        def claim(key: dict[str, str]) -> None:
            taken = expression(
                update="SET #holder = :holder",
                condition="attribute_not_exists(#holder)",
                values={"holder": key["PK"]},
            )
            begun = expression(
                update="SET #state = :running",
                condition="#state = :queued",
                values={"running": "running", "queued": "queued"},
            )
            parts = [
                {"Update": {"TableName": world.table, "Key": encoded(key), **begun}},
                {"Update": {"TableName": world.table, "Key": encoded(slot), **taken}},
            ]
            world.aws.call("dynamodb", "TransactWriteItems", {"TransactItems": parts})

        claim(first)
        with pytest.raises(TransactionCanceled) as canceled:
            claim(second)

        codes = [reason.code for reason in canceled.value.reasons]
        assert codes == ["None", "ConditionalCheckFailed"]
        assert (world.get(slot) or {})["holder"] == first["PK"]
        assert (world.get(second) or {})["state"] == "queued"

    def test_a_slice_of_an_object_is_read_by_its_bytes(self, world: World) -> None:
        bucket, name = Bucket(world.aws, world.bucket), f"tasks/{uuid4().hex}.jsonl"
        bucket.put(name, b'{"a":1}\n{"b":2}\n{"c":3}\n', "application/jsonl")

        assert bucket.slice(name, 8, 8) == b'{"b":2}\n'
        assert bucket.get(name) == b'{"a":1}\n{"b":2}\n{"c":3}\n'

    def test_an_object_that_is_not_there_is_an_error_with_a_code(self, world: World) -> None:
        with pytest.raises(ServiceError) as missing:
            Bucket(world.aws, world.bucket).get(f"tasks/{uuid4().hex}")

        assert missing.value.code == "NoSuchKey"

    def test_a_piece_says_how_large_the_whole_is(self, world: World) -> None:
        bucket, name = Bucket(world.aws, world.bucket), f"items/{uuid4().hex}"
        bucket.put(name, b"0123456789", "text/plain")

        first = bucket.piece(name, 0, 4)
        last = bucket.piece(name, 8, 4, first.etag)

        assert (first.body, first.size) == (b"0123", 10)
        assert last == Piece(b"89", first.etag, 10)

    def test_an_empty_object_has_an_empty_piece(self, world: World) -> None:
        bucket, name = Bucket(world.aws, world.bucket), f"items/{uuid4().hex}"
        bucket.put(name, b"", "text/plain")

        assert bucket.piece(name, 0, 4) == Piece(b"", "", 0)

    def test_a_version_that_is_not_there_any_more_is_not_read(self, world: World) -> None:
        bucket, name = Bucket(world.aws, world.bucket), f"items/{uuid4().hex}"
        bucket.put(name, b"before", "text/plain")
        etag = bucket.piece(name, 0, 1).etag

        bucket.put(name, b"behind", "text/plain")

        with pytest.raises(ObjectChanged):
            bucket.piece(name, 0, 1, etag)
        with pytest.raises(ObjectChanged):
            bucket.piece(f"items/{uuid4().hex}", 0, 1, etag)

    def test_an_object_in_parts_is_there_once_it_is_closed(self, world: World) -> None:
        bucket, name = Bucket(world.aws, world.bucket), f"tasks/{uuid4().hex}"
        upload = Upload(bucket, name, "text/plain")
        upload.write(b"a" * PART)
        upload.write(b"b" * 10)
        with pytest.raises(ServiceError) as early:
            bucket.get(name)

        assert upload.close() is None

        assert early.value.code == "NoSuchKey"
        assert bucket.slice(name, PART - 1, 3) == b"abb"
        assert bucket.piece(name, 0, 1).size == PART + 10
        assert upload.close() is None, "a second time changes nothing"

    def test_an_upload_that_is_aborted_leaves_no_object(self, world: World) -> None:
        bucket, name = Bucket(world.aws, world.bucket), f"tasks/{uuid4().hex}"
        upload = Upload(bucket, name, "text/plain")
        upload.write(b"a" * PART)

        upload.abort()
        upload.abort()

        with pytest.raises(ServiceError) as missing:
            bucket.get(name)
        assert missing.value.code == "NoSuchKey"

    def test_a_link_reads_an_object_without_credentials(self, world: World) -> None:
        bucket, name = Bucket(world.aws, world.bucket), f"tasks/{uuid4().hex}/result 1.json"
        bucket.put(name, b'{"a":1}', "application/json")

        assert world.fetch(bucket.url(name, timedelta(hours=1))) == b'{"a":1}'

    def test_a_message_comes_back_when_its_visibility_is_changed_to_end(self, world: World) -> None:
        queue = {"QueueUrl": world.queue}
        sent = world.aws.call("sqs", "SendMessage", {**queue, "MessageBody": uuid4().hex})
        receive = {**queue, "MaxNumberOfMessages": 10, "VisibilityTimeout": 600}

        def receipt() -> str | None:
            # Other tests' messages may be in front of it.
            while messages := world.aws.call("sqs", "ReceiveMessage", receive).get("Messages"):
                for each in messages:
                    if each["MessageId"] == sent["MessageId"]:
                        return str(each["ReceiptHandle"])
            return None

        first = receipt()
        assert first is not None
        assert receipt() is None

        world.aws.call(
            "sqs",
            "ChangeMessageVisibility",
            {**queue, "ReceiptHandle": first, "VisibilityTimeout": 0},
        )

        assert receipt() is not None

    def test_a_batch_of_hints_is_accepted_with_groups_and_delays(self, world: World) -> None:
        from windrow.model.ref import Ref

        refs = [Ref("default", "01JD8Z6N5K3Q4R7T9V2X0Y1W8E").chunk_at(n) for n in range(12)]

        assert Queue(world.aws, {"x": world.queue}).send("x", refs) == []

    @pytest.mark.parametrize("timing", TIMINGS, ids=["cron", "rate", "seconds", "once"])
    def test_an_alarm_clock_is_set_as_often_as_one_likes(
        self, world: World, timing: Timing
    ) -> None:
        seen, now = scheduled(timing), datetime.now(UTC)
        asked = {"GroupName": "default", "Name": name(seen.ref)}

        clocks(world).put(seen, now)
        first = world.aws.call("scheduler", "GetSchedule", asked)
        clocks(world).put(replace(seen, standing=Standing.PAUSED), now)
        paused = world.aws.call("scheduler", "GetSchedule", asked)

        wanted = asked_for(seen, now)
        assert first["ScheduleExpression"] == wanted["ScheduleExpression"]
        assert first["ScheduleExpressionTimezone"] == wanted["ScheduleExpressionTimezone"]
        assert first["Target"]["Input"] == message(seen.ref)
        assert (first["State"], paused["State"]) == ("ENABLED", "DISABLED")

    def test_an_alarm_clock_that_is_there_already_is_refused_by_its_code(
        self, world: World
    ) -> None:
        seen, now = scheduled(TIMINGS[0]), datetime.now(UTC)
        clocks(world).put(seen, now)
        (asked,) = [
            world.aws.call(
                "scheduler", "GetSchedule", {"GroupName": "default", "Name": name(seen.ref)}
            )
        ]
        again = {field: asked[field] for field in ("ScheduleExpression", "Target", "State")}

        with pytest.raises(ServiceError) as refused:
            world.aws.call(
                "scheduler",
                "CreateSchedule",
                {
                    "GroupName": "default",
                    "Name": name(seen.ref),
                    "FlexibleTimeWindow": {"Mode": "OFF"},
                    "ScheduleExpressionTimezone": "UTC",
                    **again,
                },
            )

        assert refused.value.code == "ConflictException"

    def test_an_alarm_clock_is_removed_as_often_as_one_likes(self, world: World) -> None:
        seen = scheduled(TIMINGS[0])
        clocks(world).put(seen, datetime.now(UTC))

        clocks(world).remove(seen.ref)
        clocks(world).remove(seen.ref)

        with pytest.raises(ServiceError) as missing:
            world.aws.call(
                "scheduler", "GetSchedule", {"GroupName": "default", "Name": name(seen.ref)}
            )
        assert missing.value.code == "ResourceNotFoundException"

    def test_strays_of_one_tenant_are_found_by_their_names(self, world: World) -> None:
        kept, stray, others = (scheduled(TIMINGS[0]) for _ in range(3))
        stray = replace(stray, ref=ScheduleRef(kept.ref.tenant, "stray"))
        for each in (kept, stray, others):
            clocks(world).put(each, datetime.now(UTC))

        removed = clocks(world).remove_strays(kept.ref.tenant, {name(kept.ref)})

        assert removed == [name(stray.ref)]
        for each in (kept, others):
            found = {"GroupName": "default", "Name": name(each.ref)}
            assert world.aws.call("scheduler", "GetSchedule", found)["Name"] == name(each.ref)

    @pytest.mark.parametrize(
        "filters",
        [
            Filters(),
            Filters(name="letter.send"),
            Filters(priority=4, states=frozenset({State.FAILED, State.QUEUED})),
            Filters(error="TimeoutError"),
            Filters(created_after=EPOCH + 9 * SECOND, created_before=EPOCH + 21 * SECOND),
        ],
        ids=str,
    )
    def test_the_list_index_shows_what_meets_the_filters_newest_first(
        self, world: World, filters: Filters
    ) -> None:
        tenant = uuid4().hex
        stored = store(Records(world.aws, world.table), tasks(40, tenant=tenant))
        index = ListIndex(world.aws, world.table)

        pages = [index.find(tenant, filters, limit=4)]
        while pages[-1].rest is not None:
            pages.append(index.find(tenant, filters, limit=4, below=pages[-1].rest))

        expected = [task.ref for task in stored if filters.match(task)]
        assert [entry.ref for page in pages for entry in page.entries] == expected
        assert expected
