"""Webhook endpoints in the table, and how the last tries to deliver to each of them ended.

The endpoints of a tenant lie in one partition, so that whoever tells of an end finds all of them by
one Query; an item beside them counts them, in the transactions that add and remove one.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from windrow.aws.dynamodb import Scalar, decoded, encoded, expression, pages
from windrow.aws.errors import ConditionFailed, Reason, ServiceError
from windrow.aws.port import AWS
from windrow.errors import NoEndpoint, TooManyEndpoints
from windrow.model.endpoint import Endpoint
from windrow.model.states import State
from windrow.store.keys import milliseconds, sortable
from windrow.store.transactions import Transactions

MOST = 50
FAILED = "ConditionalCheckFailed"
# Of an endpoint that fails one delivery has its turn, for as long as a request may take.
TURN = timedelta(seconds=20)
# How long a receiver's owner can look up what went wrong.
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One attempt to deliver: of which event, by which task, and how it ended."""

    event: str
    kind: str
    task: str
    attempt: int
    at: datetime
    outcome: str
    status: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints of the table; reads are strongly consistent."""

    aws: AWS
    table: str

    def of(self, tenant: str) -> list[Endpoint]:
        """Every endpoint of a tenant, oldest first; at most 50."""
        query = self._query(_partition(tenant), "E#")
        return [_endpoint(tenant, item) for item in pages(self.aws, query)]

    def read(self, tenant: str, endpoint: str) -> Endpoint:
        """One endpoint. Raises NoEndpoint."""
        get = {**self._at(tenant, endpoint), "ConsistentRead": True}
        answer = self.aws.call("dynamodb", "GetItem", get)
        if "Item" not in answer:
            raise NoEndpoint(endpoint)
        return _endpoint(tenant, decoded(answer["Item"]))

    def add(self, endpoint: Endpoint, transactions: Transactions) -> None:
        """Store a new one, together with the count. Raises TooManyEndpoints."""
        put = {
            "TableName": self.table,
            "Item": encoded(_item(endpoint)),
            **expression(condition="attribute_not_exists(#PK)"),
        }
        count = self._count(
            endpoint.tenant,
            1,
            "attribute_not_exists(#endpoints) OR #endpoints < :most",
            {"most": MOST},
        )
        reasons = transactions.write([{"Put": put}, {"Update": count}])
        if reasons and reasons[1].code == FAILED:
            raise TooManyEndpoints(MOST)
        _refuse(reasons)

    def remove(self, tenant: str, endpoint: str, transactions: Transactions) -> None:
        """Delete one, together with the count. Raises NoEndpoint."""
        delete = {
            **self._at(tenant, endpoint),
            **expression(condition="attribute_exists(#PK)"),
        }
        count = self._count(tenant, -1, "#endpoints > :none", {"none": 0})
        reasons = transactions.write([{"Delete": delete}, {"Update": count}])
        if reasons and reasons[0].code == FAILED:
            raise NoEndpoint(endpoint)
        _refuse(reasons)

    def change(self, before: Endpoint, after: Endpoint) -> Endpoint:
        """Store what somebody changed of it, while nobody else has. Raises NoEndpoint, and
        ConditionFailed when it was changed meanwhile.
        """
        old, new = _item(before), _item(after)
        changed = {name: new[name] for name in new if new[name] != old[name]}
        if not changed:
            return after
        held = [f"#{name} = :old_{name}" for name in changed if old[name] is not None]
        held += [f"attribute_not_exists(#{name})" for name in changed if old[name] is None]
        expected = {f"old_{name}": old[name] for name in changed if old[name] is not None}
        condition = " AND ".join(["attribute_exists(#PK)", *held])
        self._update(after, changed, condition, expected)
        return after

    def failed(self, endpoint: Endpoint, now: datetime) -> Endpoint:
        """Note that it has failed; answers since when. Without a write where that is known."""
        after = endpoint.failed(now)
        if after != endpoint:
            self._update_if_there(after, {"failing_since": _optional(after.failing_since)})
        return after

    def recovered(self, endpoint: Endpoint) -> None:
        """Note that it takes what it is sent. Without a write where it never failed."""
        if endpoint.failing_since is not None:
            self._update_if_there(endpoint, {"failing_since": None, "tried": None})

    def may_try(self, endpoint: Endpoint, now: datetime) -> bool:
        """Is it this delivery's turn to ask an endpoint? One that fails is asked by one at a time.

        Whoever may has noted it; nobody need take the note back.
        """
        if endpoint.failing_since is None:
            return True
        condition = "attribute_exists(#PK) AND (attribute_not_exists(#tried) OR #tried <= :before)"
        before = {"before": milliseconds(now - TURN)}
        try:
            self._update(endpoint, {"tried": milliseconds(now)}, condition, before)
        except ConditionFailed:
            return False
        return True

    def disable(self, endpoint: Endpoint, reason: str, now: datetime) -> bool:
        """Tell it nothing more; False where it leads elsewhere by now, is disabled or gone."""
        changed: dict[str, Scalar | None] = {"disabled": milliseconds(now), "reason": reason}
        condition = "#url = :url AND attribute_not_exists(#disabled)"
        try:
            self._update(endpoint, changed, condition, {"url": endpoint.url})
        except ConditionFailed:
            return False
        return True

    def note(self, tenant: str, endpoint: str, tried: Try) -> None:
        """Keep how a try ended, for a week. The same try twice is kept once."""
        item: dict[str, Scalar | None] = {
            "PK": _tries(tenant, endpoint),
            "SK": f"D#{sortable(tried.at)}#{tried.task}#{tried.attempt}",
            "event": tried.event,
            "kind": tried.kind,
            "task": tried.task,
            "attempt": tried.attempt,
            "at": milliseconds(tried.at),
            "outcome": tried.outcome,
            "status": tried.status,
            "reason": tried.reason,
            "expires": round((tried.at + KEPT).timestamp()),
        }
        self.aws.call("dynamodb", "PutItem", {"TableName": self.table, "Item": encoded(item)})

    def tries(self, tenant: str, endpoint: str, limit: int) -> Iterator[Try]:
        """The last tries, newest first."""
        query = self._query(_tries(tenant, endpoint), "D#")
        answer = self.aws.call(
            "dynamodb", "Query", {**query, "ScanIndexForward": False, "Limit": limit}
        )
        yield from (_try(decoded(item)) for item in answer["Items"])

    def _update_if_there(self, endpoint: Endpoint, changed: Mapping[str, Scalar | None]) -> None:
        try:
            self._update(endpoint, changed, "#url = :url", {"url": endpoint.url})
        except ConditionFailed:
            return

    def _update(
        self,
        endpoint: Endpoint,
        changed: Mapping[str, Scalar | None],
        condition: str,
        expected: Mapping[str, Scalar | None],
    ) -> None:
        assigned = {name: value for name, value in changed.items() if value is not None}
        removed = [name for name, value in changed.items() if value is None]
        clauses = []
        if assigned:
            clauses.append("SET " + ", ".join(f"#{name} = :{name}" for name in assigned))
        if removed:
            clauses.append("REMOVE " + ", ".join(f"#{name}" for name in removed))
        update = {
            **self._at(endpoint.tenant, endpoint.id),
            **expression(
                update=" ".join(clauses), condition=condition, values={**assigned, **expected}
            ),
        }
        self.aws.call("dynamodb", "UpdateItem", update)

    def _count(
        self, tenant: str, step: int, condition: str, values: Mapping[str, Scalar]
    ) -> dict[str, Any]:
        return {
            "TableName": self.table,
            "Key": encoded({"PK": _partition(tenant), "SK": "A"}),
            **expression(
                update="ADD #endpoints :step", condition=condition, values={"step": step, **values}
            ),
        }

    def _query(self, partition: str, prefix: str) -> dict[str, Any]:
        return {
            "TableName": self.table,
            "ConsistentRead": True,
            **expression(
                key_condition="#PK = :partition AND begins_with(#SK, :prefix)",
                values={"partition": partition, "prefix": prefix},
            ),
        }

    def _at(self, tenant: str, endpoint: str) -> dict[str, Any]:
        key = encoded({"PK": _partition(tenant), "SK": f"E#{endpoint}"})
        return {"TableName": self.table, "Key": key}


def _partition(tenant: str) -> str:
    return f"W#{tenant}"


def _tries(tenant: str, endpoint: str) -> str:
    return f"W#{tenant}#{endpoint}"


def _refuse(reasons: tuple[Reason, ...]) -> None:
    if reasons:
        codes = [reason.code for reason in reasons]
        raise ServiceError("dynamodb", "TransactWriteItems", "NotStored", f"{codes}")


def _item(endpoint: Endpoint) -> dict[str, Scalar | None]:
    return {
        "PK": _partition(endpoint.tenant),
        "SK": f"E#{endpoint.id}",
        "url": endpoint.url,
        "tasks": None if endpoint.tasks is None else json.dumps(sorted(endpoint.tasks)),
        "states": json.dumps(sorted(endpoint.states)),
        "description": endpoint.description,
        "created": milliseconds(endpoint.created),
        "salt": endpoint.salt,
        "old_salt": endpoint.old_salt,
        "old_until": _optional(endpoint.old_until),
        "failing_since": _optional(endpoint.failing_since),
        "tried": _optional(endpoint.tried),
        "disabled": _optional(endpoint.disabled),
        "reason": endpoint.reason,
    }


def _endpoint(tenant: str, item: Mapping[str, Any]) -> Endpoint:
    return Endpoint(
        tenant=tenant,
        id=item["SK"].removeprefix("E#"),
        url=item["url"],
        tasks=frozenset(json.loads(item["tasks"])) if "tasks" in item else None,
        states=frozenset(State(each) for each in json.loads(item["states"])),
        description=item.get("description"),
        created=_instant(item["created"]),
        salt=item["salt"],
        old_salt=item.get("old_salt"),
        old_until=_if_any(item.get("old_until")),
        failing_since=_if_any(item.get("failing_since")),
        tried=_if_any(item.get("tried")),
        disabled=_if_any(item.get("disabled")),
        reason=item.get("reason"),
    )


def _try(item: Mapping[str, Any]) -> Try:
    return Try(
        event=item["event"],
        kind=item["kind"],
        task=item["task"],
        attempt=item["attempt"],
        at=_instant(item["at"]),
        outcome=item["outcome"],
        status=item.get("status"),
        reason=item.get("reason"),
    )


def _optional(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)


def _instant(number: int) -> datetime:
    return datetime.fromtimestamp(number / 1000, UTC)


def _if_any(number: int | None) -> datetime | None:
    return None if number is None else _instant(number)
