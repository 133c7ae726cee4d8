"""Keys, sizes, queries, lags, TTL, streams and write units of the simulated DynamoDB."""

from random import Random
from typing import Any

import pytest

from tests.simulated.dynamodb.schema import Schema
from tests.simulated.lags import Lags
from tests.simulated.time import DAY, SECOND
from tests.tables import resources
from tests.unit.simulated.port import KEY, Port, refusal
from windrow.aws.dynamodb import encoded

DUE = {"due_shard": "D#1", "due_at": "0000000000001#x"}


@pytest.fixture
def port() -> Port:
    return Port()


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"PK": {"S": "a"}}, "Missing the key SK in the item"),
        ({"PK": {"S": "a"}, "SK": {"N": "1"}}, "Type mismatch for key SK expected: S actual: N"),
        ({"PK": {"S": ""}, "SK": {"S": "b"}}, "cannot contain an empty string value. Key: PK"),
        ({"PK": {"S": "a"}, "SK": {"S": "b" * 1025}}, "maximum size limit of 1024 bytes"),
        (
            {"PK": {"S": "a"}, "SK": {"S": "b"}, "x": {"S": "x" * 410_000}},
            "Item size has exceeded the maximum allowed size",
        ),
        ({"PK": {"S": "a"}, "SK": {"S": "b"}, "due_at": {"S": ""}}, "IndexKey: due_at"),
    ],
)
def test_an_impossible_item_is_refused(port: Port, item: Any, words: str) -> None:
    code, message = refusal(lambda: port.call("PutItem", Item=item))

    assert code == "ValidationException"
    assert words in message


def test_an_item_that_grows_too_large_is_refused(port: Port) -> None:
    port.put(a="x" * 300_000)

    _, message = refusal(lambda: port.update("SET #b = :b", b="x" * 110_000))

    assert "Item size to update has exceeded" in message


def test_a_key_must_fit_the_schema(port: Port) -> None:
    _, message = refusal(lambda: port.call("GetItem", Key={"PK": {"S": "a"}}))

    assert "The provided key element does not match the schema" in message


@pytest.mark.parametrize(
    ("condition", "values", "found"),
    [
        ("#PK = :p", {}, "abcde"),
        ("#PK = :p AND #SK = :s", {"s": "c"}, "c"),
        ("#PK = :p AND #SK < :s", {"s": "c"}, "ab"),
        ("#PK = :p AND #SK <= :s", {"s": "c"}, "abc"),
        ("#PK = :p AND #SK > :s", {"s": "c"}, "de"),
        ("#SK >= :s AND #PK = :p", {"s": "c"}, "cde"),
        ("#PK = :p AND #SK BETWEEN :s AND :t", {"s": "b", "t": "d"}, "bcd"),
        ("#PK = :p AND begins_with(#SK, :s)", {"s": "c"}, "c"),
    ],
)
def test_a_query_finds_a_span_of_sort_keys(
    port: Port, condition: str, values: dict[str, Any], found: str
) -> None:
    for sort in "cabed":
        port.put({"PK": "p", "SK": sort})
    port.put({"PK": "q", "SK": "c"})

    def sorts(**options: Any) -> str:
        rows = port.query(condition, values={"p": "p", **values}, **options)
        return "".join(row["SK"] for row in rows)

    assert sorts() == found
    assert sorts(ScanIndexForward=False) == found[::-1]


def test_a_query_goes_on_where_the_last_page_ended(port: Port) -> None:
    for sort in "abcde":
        port.put({"PK": "p", "SK": sort})
    texts = {
        "KeyConditionExpression": "#PK = :p",
        "ExpressionAttributeNames": {"#PK": "PK"},
        "ExpressionAttributeValues": {":p": {"S": "p"}},
        "Limit": 2,
    }

    pages: list[str] = []
    start: dict[str, Any] = {}
    while True:
        answer = port.call("Query", **texts, **start)
        pages.append("".join(item["SK"]["S"] for item in answer["Items"]))
        if "LastEvaluatedKey" not in answer:
            break
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    assert pages == ["ab", "cd", "e"]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("#SK = :p", "Query condition missed key schema element: PK"),
        ("#PK > :p", "Query condition missed key schema element: PK"),
        ("#PK = :p AND #x = :p", "Query key condition not supported"),
        ("#PK = :p OR #SK = :p", "Query key condition not supported"),
        ("#PK = :p AND #SK > :p AND #SK < :p", "one condition per key"),
    ],
)
def test_a_query_without_a_partition_is_refused(port: Port, condition: str, words: str) -> None:
    _, message = refusal(lambda: port.query(condition, values={"p": "p"}))

    assert words in message


def test_an_index_is_not_read_consistently(port: Port) -> None:
    due: dict[str, Any] = {"IndexName": "due", "ConsistentRead": True, "values": {"d": "D#1"}}

    _, message = refusal(lambda: port.query("#due_shard = :d", **due))

    assert "Consistent reads are not supported on global secondary indexes" in message


def test_an_index_follows_its_table_after_a_while() -> None:
    port = Port(Lags(index=(500, 500)))
    due: dict[str, Any] = {"values": {"d": "D#1"}, "IndexName": "due"}

    port.put(KEY, **DUE)
    before = port.query("#due_shard = :d", **due)
    port.advance(500)
    after = port.query("#due_shard = :d", **due)
    port.update("REMOVE #due_shard, #due_at")
    still = port.query("#due_shard = :d", **due)
    port.advance(500)
    gone = port.query("#due_shard = :d", **due)

    assert (before, after, still, gone) == ([], [{**KEY, **DUE}], [{**KEY, **DUE}], [])


def test_changes_of_one_item_reach_an_index_in_their_order() -> None:
    port = Port(Lags(Random(1), index=(0, 1000)))

    for number in range(50):
        port.put(due_shard="D#1", due_at=f"{number:013d}#x")
    port.advance(1000)

    found = port.query("#due_shard = :d", values={"d": "D#1"}, IndexName="due")
    assert [item["due_at"] for item in found] == [f"{49:013d}#x"]


def test_a_read_that_is_not_consistent_may_be_late() -> None:
    port = Port(Lags(stale=(300, 300)))
    port.put(n=1)
    port.advance(SECOND)

    port.put(n=2)

    assert port.get(consistent=False) == {**KEY, "n": 1}
    assert port.get() == {**KEY, "n": 2}
    port.advance(300)
    assert port.get(consistent=False) == {**KEY, "n": 2}


def test_ttl_deletes_late_and_only_what_is_still_expired() -> None:
    port = Port(Lags(ttl=(DAY, DAY)))
    soon = port.services.time.now // 1000 + 60
    port.put(KEY, expires=soon)
    port.put({"PK": "kept", "SK": "A"}, expires=soon)

    port.advance(DAY)
    late = port.get()
    port.put({"PK": "kept", "SK": "A"}, expires=soon + 10 * DAY)
    port.advance(60 * SECOND)

    assert late is not None
    assert port.get() is None
    assert port.get({"PK": "kept", "SK": "A"}) is not None


def test_a_stream_tells_each_change_once_and_in_order() -> None:
    port = Port()
    properties = {
        **resources()["TasksTable"]["Properties"],
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
    }
    table = port.services.dynamodb.create(Schema.of("TasksTable", properties))

    port.put(n=1)
    port.put(n=1)
    port.update("SET #n = :n", n=2)
    port.call("DeleteItem", Key=encoded(KEY))

    assert table.stream is not None
    records = [record for shard in table.stream.shards for record in shard]
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    assert records[1]["dynamodb"]["OldImage"]["n"] == {"N": "1"}
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    assert numbers == sorted(set(numbers))


def test_write_units_are_counted_with_those_of_the_indexes() -> None:
    port = Port()
    spent = []

    for write in (
        lambda: port.put(),
        lambda: port.put(KEY, **DUE),
        lambda: port.update("SET #n = :n", n=1),
        lambda: port.update("SET #due_at = :d", d="0000000000002#x"),
        lambda: port.update("SET #big = :big", big="x" * 3000),
        lambda: port.transact(transact_put(n=1)),
    ):
        before = port.meter.of("TasksTable", KEY["PK"])
        write()
        spent.append(port.meter.of("TasksTable", KEY["PK"]) - before)

    # plain; + an entry; entry untouched; entry moved; four kilobytes; twice four, entry deleted
    assert spent == [1, 2, 1, 3, 3, 7]


def transact_put(**attributes: Any) -> dict[str, Any]:
    return {"Put": {"TableName": "TasksTable", "Item": encoded({**KEY, **attributes})}}


def test_the_hottest_key_is_known() -> None:
    port = Port()
    for number in range(30):
        port.put({"PK": f"K#{number}", "SK": "A"}, **DUE)

    place, units = port.meter.hottest()

    assert (place, units) == (("TasksTable/due", "D#1"), 30)
