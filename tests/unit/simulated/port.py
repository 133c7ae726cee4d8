"""What the tests of the simulated DynamoDB share: its port, and calls in few words."""

from typing import Any

from tests.simulated.aws import Services
from tests.simulated.lags import Lags
from tests.simulated.time import Time
from windrow.aws.dynamodb import decoded, encoded, expression
from windrow.aws.errors import ServiceError

KEY = {"PK": "K#default#1", "SK": "A"}


class Port:
    """The table of tasks on simulated services, with plain values in and out."""

    def __init__(self, lags: Lags | None = None) -> None:
        self.services = Services(Time(), lags)
        self.services.create_tables("TasksTable")
        self.table = self.services.dynamodb.tables["TasksTable"]
        self.meter = self.services.dynamodb.meter

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        named = {"TableName": "TasksTable", **parameters}
        return self.services.call("dynamodb", operation, named)

    def transact(self, *parts: dict[str, Any], **options: Any) -> dict[str, Any]:
        """A TransactWriteItems of these parts."""
        request = {"TransactItems": list(parts), **options}
        return self.services.call("dynamodb", "TransactWriteItems", request)

    def put(self, key: dict[str, str] = KEY, **attributes: Any) -> None:
        self.call("PutItem", Item=encoded({**key, **attributes}))

    def get(self, key: dict[str, str] = KEY, *, consistent: bool = True) -> dict[str, Any] | None:
        answer = self.call("GetItem", Key=encoded(key), ConsistentRead=consistent)
        return decoded(answer["Item"]) if "Item" in answer else None

    def update(self, update: str, key: dict[str, str] = KEY, **values: Any) -> dict[str, Any]:
        return self.call("UpdateItem", Key=encoded(key), **expression(update=update, values=values))

    def query(self, condition: str, **options: Any) -> list[dict[str, Any]]:
        values = options.pop("values")
        texts = expression(key_condition=condition, values=values)
        answer = self.call("Query", **texts, **options)
        return [decoded(item) for item in answer["Items"]]

    def advance(self, milliseconds: int) -> None:
        self.services.time.advance(milliseconds)


def refusal(do: Any) -> tuple[str, str]:
    """The code and the words of the refusal that a call meets."""
    try:
        do()
    except ServiceError as error:
        return error.code, str(error)
    raise AssertionError("it was not refused")
