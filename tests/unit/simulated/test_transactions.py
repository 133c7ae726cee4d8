"""Transactions of the simulated DynamoDB: all or nothing, tokens, and others under way."""

from typing import Any

import pytest

from tests.simulated.time import MINUTE
from tests.unit.simulated.port import KEY, Port, refusal
from windrow.aws.dynamodb import encoded, expression
from windrow.aws.errors import ServiceError, TransactionCanceled

OTHER = {"PK": "K#default#2", "SK": "A"}


@pytest.fixture
def port() -> Port:
    return Port()


def put(key: dict[str, str] = KEY, **attributes: Any) -> dict[str, Any]:
    return {"Put": {"TableName": "TasksTable", "Item": encoded({**key, **attributes})}}


def add(key: dict[str, str] = KEY) -> dict[str, Any]:
    texts = expression(update="ADD #n :one", values={"one": 1})
    return {"Update": {"TableName": "TasksTable", "Key": encoded(key), **texts}}


def check(key: dict[str, str], condition: str) -> dict[str, Any]:
    texts = expression(condition=condition)
    return {"ConditionCheck": {"TableName": "TasksTable", "Key": encoded(key), **texts}}


def codes(canceled: pytest.ExceptionInfo[TransactionCanceled]) -> list[str]:
    return [reason.code for reason in canceled.value.reasons]


def test_a_failed_check_stops_every_other_part(port: Port) -> None:
    with pytest.raises(TransactionCanceled) as canceled:
        port.transact(put(), check(OTHER, "attribute_exists(#PK)"))

    assert codes(canceled) == ["None", "ConditionalCheckFailed"]
    assert port.get() is None


def test_a_repeated_token_does_nothing_and_succeeds(port: Port) -> None:
    for _ in range(3):
        port.transact(add(), ClientRequestToken="token")

    assert (port.get() or {})["n"] == 1


def test_a_token_with_another_body_is_refused(port: Port) -> None:
    port.transact(add(), ClientRequestToken="token")

    code, _ = refusal(lambda: port.transact(add(OTHER), ClientRequestToken="token"))

    assert code == "IdempotentParameterMismatchException"


def test_a_token_is_forgotten_after_ten_minutes(port: Port) -> None:
    port.transact(add(), ClientRequestToken="token")
    port.advance(10 * MINUTE)

    port.transact(add(), ClientRequestToken="token")

    assert (port.get() or {})["n"] == 2


def test_a_canceled_transaction_may_be_tried_again_with_its_token(port: Port) -> None:
    parts = [add(), check(OTHER, "attribute_exists(#PK)")]
    with pytest.raises(TransactionCanceled):
        port.transact(*parts, ClientRequestToken="token")
    port.put(OTHER)

    port.transact(*parts, ClientRequestToken="token")

    assert (port.get() or {})["n"] == 1


def test_nobody_else_writes_what_a_transaction_under_way_has_taken(port: Port) -> None:
    port.put(n=1)
    request = {"TransactItems": [add()], "ClientRequestToken": "token"}
    commit = port.services.begin("dynamodb", "TransactWriteItems", request)

    with pytest.raises(TransactionCanceled) as canceled:
        port.transact(put(OTHER), add())
    plain, _ = refusal(lambda: port.update("SET #n = :n", n=9))
    again, _ = refusal(lambda: port.transact(add(), ClientRequestToken="token"))
    while_under_way = port.get()
    commit()

    assert codes(canceled) == ["None", "TransactionConflict"]
    assert canceled.value.is_conflict
    assert plain == "TransactionConflictException"
    assert again == "TransactionInProgressException"
    assert (while_under_way or {})["n"] == 1
    assert (port.get() or {})["n"] == 2
    port.update("SET #n = :n", n=9)


def test_reads_together_meet_the_conflict_as_well(port: Port) -> None:
    port.put(n=1)
    get = {"Get": {"TableName": "TasksTable", "Key": encoded(KEY)}}
    commit = port.services.begin("dynamodb", "TransactWriteItems", {"TransactItems": [add()]})

    with pytest.raises(TransactionCanceled):
        port.services.call("dynamodb", "TransactGetItems", {"TransactItems": [get]})
    commit()
    answer = port.services.call("dynamodb", "TransactGetItems", {"TransactItems": [get]})

    assert answer["Responses"][0]["Item"]["n"] == {"N": "2"}


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([put(), add()], "cannot include multiple operations on one item"),
        ([{**put(), **add(OTHER)}], "can only contain one of"),
        ([put({"PK": f"K#{n}", "SK": "A"}) for n in range(101)], "less than or equal to 100"),
        ([put({"PK": f"K#{n}", "SK": "A"}, x="x" * 390_000) for n in range(11)], "Item size"),
    ],
)
def test_an_impossible_transaction_is_refused(
    port: Port, parts: list[dict[str, Any]], words: str
) -> None:
    code, message = refusal(lambda: port.transact(*parts))

    assert code == "ValidationException"
    assert words in message


def test_what_only_the_item_shows_to_be_wrong_is_the_reason_of_its_part(port: Port) -> None:
    port.put(n="text")

    with pytest.raises(ServiceError) as canceled:
        port.transact(put(OTHER), add())

    assert isinstance(canceled.value, TransactionCanceled)
    assert [reason.code for reason in canceled.value.reasons] == ["None", "ValidationError"]
