"""DynamoDB's expressions, written as text."""

from decimal import Decimal

import pytest

from windrow.aws.dynamodb import Scalar, decoded, encoded, expression


def test_names_are_declared_from_the_text() -> None:
    parameters = expression(
        condition="#state = :wanted AND #owner = :me", values={"wanted": "running", "me": "x"}
    )

    assert parameters == {
        "ConditionExpression": "#state = :wanted AND #owner = :me",
        "ExpressionAttributeNames": {"#state": "state", "#owner": "owner"},
        "ExpressionAttributeValues": {":wanted": {"S": "running"}, ":me": {"S": "x"}},
    }


def test_a_text_that_is_absent_is_left_out() -> None:
    assert expression(update=None, condition="attribute_exists(#PK)") == {
        "ConditionExpression": "attribute_exists(#PK)",
        "ExpressionAttributeNames": {"#PK": "PK"},
    }


def test_plain_values_come_back_as_they_were() -> None:
    values: dict[str, Scalar | None] = {
        "text": "a",
        "yes": True,
        "whole": 3,
        "large": 10**30,
        "part": Decimal("1.50"),
    }

    assert decoded(encoded(values)) == values


def test_what_is_none_is_not_written() -> None:
    assert encoded({"a": None, "b": 1}) == {"b": {"N": "1"}}


def test_a_type_that_windrow_never_writes_is_refused() -> None:
    with pytest.raises(ValueError, match="type M"):
        decoded({"a": {"M": {}}})
