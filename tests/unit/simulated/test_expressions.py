"""What moto cannot vouch for: the rules of expressions as tests against AWS itself have shown them.

Compared with moto 5.2.5, which differs from AWS here: it orders values of different types and fails
on size() of a number or of nothing (on AWS both are false), takes True for 1, lets one action of an
update see what another has written, and keeps half of an update that it refuses.
"""

from typing import Any

import pytest

from tests.simulated.refusals import Unsupported
from tests.unit.simulated.port import KEY, Port, refusal
from windrow.aws.dynamodb import encoded, expression
from windrow.aws.errors import ConditionFailed

ITEM: dict[str, Any] = {"number": 5, "text": "héllo", "flag": True}

TRUE = [
    "attribute_exists(#number)",
    "#gone <> :five",
    "#gone <> #gone_too",
    "NOT #gone = :five",
    "#text <> :five",
    "#number BETWEEN :four AND :five",
    "size(#text) = :six",
    "size(#number) <> :five",
    "#number = :five OR #gone = :five AND #gone = :five",
    "NOT (#number = :four) and attribute_not_exists(#gone)",
    "contains(#text, :ll)",
    "attribute_type(#flag, :bool)",
]
FALSE = [
    "#gone = :five",
    "#gone = #gone_too",
    "#gone < :five",
    "#text < :five",
    "size(#number) = :five",
    "size(#flag) = :five",
    "size(#gone) < :five",
    "#text > :ll AND #number = :five",
    "begins_with(#number, :ll)",
]
VALUES = {"four": 4, "five": 5, "six": 6, "ll": "ll", "bool": "BOOL"}


def used(text: str) -> dict[str, Any]:
    return {name: value for name, value in VALUES.items() if f":{name}" in text}


def holds(port: Port, condition: str) -> bool:
    put = {"Item": encoded({**KEY, **ITEM})}
    try:
        port.call("PutItem", **put, **expression(condition=condition, values=used(condition)))
    except ConditionFailed:
        return False
    return True


@pytest.fixture
def port() -> Port:
    made = Port()
    made.put(**ITEM)
    return made


@pytest.mark.parametrize("condition", TRUE)
def test_a_true_condition(port: Port, condition: str) -> None:
    assert holds(port, condition)


@pytest.mark.parametrize("condition", FALSE)
def test_a_false_condition(port: Port, condition: str) -> None:
    assert not holds(port, condition)


@pytest.mark.parametrize(
    ("update", "words"),
    [
        ("SET #PK = :five", "Cannot update attribute PK. This attribute is part of the key"),
        ("SET #a = :five, #a = :four", "Two document paths overlap"),
        ("SET #a = #gone", "refers to an attribute that does not exist"),
        ("SET #a = #text + :five", "incorrect data type"),
        ("ADD #text :five", "incorrect data type"),
        ("ADD #a :ll", "Incorrect operand type for operator or function; operator: ADD"),
        ("DELETE #a :five", "Incorrect operand type for operator or function; operator: DELETE"),
        ("SET #a = :five SET #b = :four", "can only be used once"),
        ("SET #a = size(#text)", "Invalid function name"),
        ("SET #a :five", "Syntax error"),
        ("SET #due_at = :five", "Type mismatch for Index Key due_at Expected: S Actual: N"),
    ],
)
def test_a_wrong_update_is_refused(port: Port, update: str, words: str) -> None:
    code, message = refusal(lambda: port.update(update, **used(update)))

    assert code == "ValidationException"
    assert words in message
    assert port.get() == {**KEY, **ITEM}


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"ExpressionAttributeValues": {":x": {"S": "1"}, ":y": {"S": "2"}}}, "keys: {:y}"),
        ({"ExpressionAttributeNames": {"#x": "x", "#y": "y"}}, "keys: {#y}"),
        ({"ExpressionAttributeValues": {}}, "is not defined; attribute value: :x"),
        ({"ConditionExpression": "attribute_exists(#z)"}, "attribute name: #z"),
        ({"UpdateExpression": ""}, "can not be empty"),
        ({"ConditionExpression": "#x < :x AND"}, "Syntax error"),
        ({"ConditionExpression": "exists(#x)"}, "Invalid function name; function: exists"),
        ({"ConditionExpression": "begins_with(#x)"}, "Incorrect number of operands"),
    ],
)
def test_a_wrong_expression_is_refused(port: Port, extra: dict[str, Any], words: str) -> None:
    right = {
        "Key": encoded(KEY),
        "UpdateExpression": "SET #x = :x",
        "ExpressionAttributeNames": {"#x": "x"},
        "ExpressionAttributeValues": {":x": {"S": "1"}},
    }

    code, message = refusal(lambda: port.call("UpdateItem", **{**right, **extra}))

    assert code == "ValidationException"
    assert words in message


@pytest.mark.parametrize("text", ["SET #a.#b = :five", "SET bare = :five", "SET #a[0] = :five"])
def test_what_is_not_simulated_is_refused_aloud(port: Port, text: str) -> None:
    with pytest.raises(Unsupported):
        port.update(text, five=5)


def test_an_update_that_only_removes_makes_no_item(port: Port) -> None:
    port.update("REMOVE #a", {"PK": "K#new", "SK": "A"})

    assert port.get({"PK": "K#new", "SK": "A"}) is None


def test_every_action_of_an_update_reads_the_item_as_it_was(port: Port) -> None:
    port.update("SET #a = #number REMOVE #number ADD #flags :five", five=5)

    stored = port.get()
    assert stored == {**KEY, "text": "héllo", "flag": True, "a": 5, "flags": 5}


def test_numbers_are_kept_in_one_form(port: Port) -> None:
    item = {"PK": {"S": "n"}, "SK": {"S": "A"}, "a": {"N": "007.10"}, "b": {"N": "1E3"}}

    port.call("PutItem", Item=item)

    stored = port.table.rows["n", "A"].item
    assert (stored["a"], stored["b"]) == ({"N": "7.1"}, {"N": "1000"})
    assert refusal(lambda: port.call("PutItem", Item={**item, "a": {"N": "1" * 39}}))[0] == (
        "ValidationException"
    )
