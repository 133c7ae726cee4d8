"""TransactWriteItems and TransactGetItems: all or nothing, and a token that is remembered.

A transaction is prepared first: its conditions are tested and its items taken. Until it commits, no
other write gets at them. A test that lets time pass between the two sees the conflicts of AWS.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from tests.simulated.dynamodb.expressions import expressions
from tests.simulated.dynamodb.meter import Meter
from tests.simulated.dynamodb.schema import Key
from tests.simulated.dynamodb.table import Change, Table
from tests.simulated.dynamodb.writes import Action, Write, prepare
from tests.simulated.refusals import Refusal, Unsupported, invalid, only
from tests.simulated.time import MINUTE, Time

type Tables = Callable[[Any], Table]

MOST_PARTS = 100
LARGEST = 4 * 1024 * 1024
REMEMBERED = 10 * MINUTE
ACTIONS = frozenset({"Put", "Update", "Delete", "ConditionCheck"})
CODES = {
    "ConditionalCheckFailedException": "ConditionalCheckFailed",
    "ValidationException": "ValidationError",
}
IN_PROGRESS = "The transaction with the given request token is already in progress."


@dataclass(slots=True)
class Transaction:
    """A transaction whose items are taken, and which has yet to commit; once known, never again."""

    parts: list[Write] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    token: str | None = None


@dataclass(slots=True)
class Known:
    """A token that was seen: with which body, and whether that transaction is done."""

    body: Any
    is_done: bool = False


@dataclass(slots=True)
class Transactions:
    """The transactions of all tables."""

    tables: Tables
    time: Time
    meter: Meter
    _tokens: dict[str, Known] = field(default_factory=dict)
    _forgetting: deque[tuple[int, str]] = field(default_factory=deque)

    def prepare(self, parameters: Mapping[str, Any]) -> Transaction:
        """Test a transaction's conditions and take its items. Raises the refusal of AWS."""
        only(parameters, "TransactWriteItems", frozenset({"TransactItems", "ClientRequestToken"}))
        parts = self._parts(parameters["TransactItems"])
        token = parameters.get("ClientRequestToken")
        if token is not None and self._is_known(token, parameters["TransactItems"]):
            return Transaction()
        reasons: list[dict[str, Any]] = []
        changes = []
        for part in parts:
            change, reason = _decided(part)
            reasons.append(reason)
            if change is not None:
                changes.append(change)
        if any(reason["Code"] != "None" for reason in reasons):
            raise canceled(reasons)
        for part in parts:
            part.table.taken.add(part.key)
        if token is not None:
            self._tokens[token] = Known(parameters["TransactItems"])
        return Transaction(parts, changes, token)

    def commit(self, transaction: Transaction) -> dict[str, Any]:
        """Make a prepared transaction's changes, and free its items."""
        for part in transaction.parts:
            part.table.taken.discard(part.key)
        for change in transaction.changes:
            self.tables(change.table).apply(change)
        if transaction.token is not None:
            self._tokens[transaction.token].is_done = True
            self._forgetting.append((self.time.now + REMEMBERED, transaction.token))
        return {}

    def get(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """TransactGetItems: items as they stood together."""
        only(parameters, "TransactGetItems", frozenset({"TransactItems"}))
        found: list[dict[str, Any]] = []
        reasons: list[dict[str, Any]] = []
        for part in parameters["TransactItems"]:
            get = part["Get"]
            only(
                get,
                "Get",
                frozenset({"TableName", "Key", "ProjectionExpression", "ExpressionAttributeNames"}),
            )
            table = self.tables(get["TableName"])
            key, bound = table.schema.key(get["Key"]), expressions(get)
            reasons.append(CONFLICT if key in table.taken else NO_REASON)
            version = table.rows.get(key)
            self.meter.read(version.size if version else 0, consistent=True, factor=2)
            found.append({"Item": bound.projected(version.item)} if version else {})
        if CONFLICT in reasons:
            raise canceled(reasons)
        return {"Responses": found}

    def _parts(self, given: list[dict[str, Any]]) -> list[Write]:
        if not 1 <= len(given) <= MOST_PARTS:
            raise invalid(
                "1 validation error detected: Value at 'transactItems' failed to satisfy"
                " constraint: Member must have length less than or equal to 100"
            )
        parts: list[Write] = []
        for part in given:
            if len(part) != 1 or not part.keys() <= ACTIONS:
                raise invalid("TransactItems can only contain one of Check, Put, Update or Delete")
            ((action, parameters),) = part.items()
            if "ReturnValues" in parameters:
                raise Unsupported("botocore would not send ReturnValues in a transaction.")
            table = self.tables(parameters["TableName"])
            parts.append(prepare(cast(Action, action), table, parameters))
        places: list[tuple[str, Key]] = [(part.table.schema.name, part.key) for part in parts]
        if len(set(places)) != len(places):
            raise invalid("Transaction request cannot include multiple operations on one item")
        if sum(part.item.size for part in parts if part.item) > LARGEST:
            raise invalid("Item size in transaction has exceeded the maximum allowed size")
        return parts

    def _is_known(self, token: str, body: Any) -> bool:
        """Has a transaction of this token succeeded in the last ten minutes?"""
        while self._forgetting and self._forgetting[0][0] <= self.time.now:
            del self._tokens[self._forgetting.popleft()[1]]
        known = self._tokens.get(token)
        if known is None:
            return False
        if known.body != body:
            raise Refusal(
                "IdempotentParameterMismatchException",
                "The request uses the same client token as a previous, but non-identical request."
                " Do not reuse a client token with different requests, unless the requests are"
                " identical",
            )
        if not known.is_done:
            raise Refusal("TransactionInProgressException", IN_PROGRESS)
        return True


NO_REASON = {"Code": "None"}
CONFLICT = {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}


def _decided(part: Write) -> tuple[Change | None, dict[str, Any]]:
    """A part's change, or the reason why it cannot be made."""
    if part.key in part.table.taken:
        return None, CONFLICT
    try:
        return part.decide(factor=2), NO_REASON
    except Refusal as refusal:
        reason: dict[str, Any] = {"Code": CODES[refusal.code], "Message": refusal.message}
        if "Item" in refusal.response:
            reason["Item"] = refusal.response["Item"]
        return None, reason


def canceled(reasons: list[dict[str, Any]]) -> Refusal:
    """The refusal of a transaction, with the reason of each part."""
    codes = ", ".join(reason["Code"] for reason in reasons)
    return Refusal(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )
