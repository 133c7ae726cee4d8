"""Deliver: sign an event, have the egress function send it, and act on what the receiver says."""

import json
from base64 import b64encode
from datetime import datetime
from typing import Any

from windrow.aws.errors import ServiceError, Unavailable
from windrow.engine.context import Context
from windrow.errors import NoEndpoint, WindrowError
from windrow.model import signature
from windrow.model.delivery import Outcome, Reply, reply
from windrow.model.endpoint import PATIENCE, Endpoint
from windrow.model.event import with_result
from windrow.model.ref import Ref
from windrow.outgoing import Outgoing
from windrow.store.endpoints import Endpoints, Try
from windrow.store.signing_key import SigningKey
from windrow.system.delivery import RETRY, Deliver, Delivery
from windrow.telemetry.metrics import Metric

# What Standard Webhooks asks of a sender; a receiver that needs longer answers first.
SECONDS = 15
# Nobody reads what a receiver says beside its status.
ANSWER_SIZE = 1024


class NotDelivered(WindrowError):
    """A receiver would not take an event, and another try will not change its mind."""


class NotYetDelivered(WindrowError):
    """A receiver did not take an event this time."""

    retryable = True

    def __init__(self, reason: str, retry_after: str | None) -> None:
        # The worker waits for as long as the receiver asks, if that is longer than its own wait.
        self.retry_after = retry_after
        super().__init__(reason)


def delivering(outgoing: Outgoing) -> Deliver:
    """The function of the task, for a worker of this deployment."""
    keys: list[SigningKey] = []

    def deliver(context: Context, delivery: Delivery) -> dict[str, Any]:
        """One attempt. Raises NotDelivered, NotYetDelivered, ServiceError."""
        endpoints = Endpoints(context.aws, context.running.records.table)
        endpoint = _wanted(endpoints, context.tenant, delivery.endpoint)
        if endpoint is None or outgoing.signing_key is None or outgoing.egress is None:
            return {"outcome": "dropped"}
        # The last attempt of a delivery is always a try.
        is_last = context.attempt >= RETRY.attempts
        if not endpoints.may_try(endpoint, context.clock.now()) and not is_last:
            raise NotYetDelivered("The endpoint fails, and another delivery is trying it.", None)
        if not keys:
            keys.append(SigningKey(context.aws, outgoing.signing_key, context.clock))
        body = _body(context, delivery)
        now = context.clock.now()
        request = {
            "url": endpoint.url,
            "method": "POST",
            "headers": _headers(keys[0].read(), endpoint, delivery, now, body),
            "body": b64encode(body).decode(),
            "seconds": SECONDS,
            "size": ANSWER_SIZE,
            "redirects": 0,
        }
        found = reply(_sent(context, outgoing.egress, request))
        _note(context, endpoints, endpoint, delivery, found)
        return _answered(context, endpoints, endpoint, found)

    return deliver


def _wanted(endpoints: Endpoints, tenant: str, endpoint: str) -> Endpoint | None:
    """The endpoint, if it is there still and is to be told things."""
    try:
        found = endpoints.read(tenant, endpoint)
    except NoEndpoint:
        return None
    return found if found.disabled is None else None


def _body(context: Context, delivery: Delivery) -> bytes:
    """The event with its result, if that is still what its task came to."""
    event = delivery.event
    if "task" in event["data"]:
        ref = Ref(context.tenant, event["subject"])
        event = with_result(event, context.running.records.task(ref))
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _headers(
    key: str, endpoint: Endpoint, delivery: Delivery, now: datetime, body: bytes
) -> dict[str, str]:
    secrets = [
        signature.secret(key, endpoint.tenant, endpoint.id, salt) for salt in endpoint.salts(now)
    ]
    return {
        "content-type": "application/cloudevents+json",
        "user-agent": "Windrow-Webhooks",
        **signature.signed(secrets, delivery.event["id"], now, body),
    }


def _sent(context: Context, function: str, request: dict[str, Any]) -> dict[str, Any]:
    answer = context.aws.call(
        "lambda", "Invoke", {"FunctionName": function, "Payload": json.dumps(request).encode()}
    )
    payload: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        kind = str(payload.get("errorType", "Unhandled"))
        raise Unavailable("lambda", "Invoke", kind, "the egress function failed; see its log")
    return payload


def _note(
    context: Context, endpoints: Endpoints, endpoint: Endpoint, delivery: Delivery, found: Reply
) -> None:
    tried = Try(
        event=delivery.event["id"],
        kind=delivery.event["type"],
        task=context.task_id,
        attempt=context.attempt,
        at=context.clock.now(),
        outcome=found.outcome,
        status=found.status,
        reason=found.reason,
    )
    try:
        endpoints.note(context.tenant, endpoint.id, tried)
    except ServiceError as error:
        # What was taken must not be sent again for the sake of a note.
        context.running.telemetry.warning(
            "webhook.unnoted", error=error, tenant=endpoint.tenant, endpoint=endpoint.id
        )


def _answered(
    context: Context, endpoints: Endpoints, endpoint: Endpoint, found: Reply
) -> dict[str, Any]:
    """What becomes of the delivery, and of the endpoint."""
    now = context.clock.now()
    match found.outcome:
        case Outcome.TAKEN:
            endpoints.recovered(endpoint)
            return {"outcome": "delivered", "status": found.status}
        case Outcome.GONE:
            _disable(context, endpoints, endpoint, "its receiver answered 410")
            return {"outcome": "gone", "status": found.status}
    failing = endpoints.failed(endpoint, now)
    if failing.is_given_up(now):
        _disable(context, endpoints, endpoint, f"it failed for {PATIENCE.days} days")
    reason = found.reason or "It was not delivered."
    if found.outcome is Outcome.LATER:
        raise NotYetDelivered(reason, found.retry_after)
    raise NotDelivered(reason)


def _disable(context: Context, endpoints: Endpoints, endpoint: Endpoint, reason: str) -> None:
    if endpoints.disable(endpoint, reason, context.clock.now()):
        telemetry = context.running.telemetry
        telemetry.count(Metric.ENDPOINTS_DISABLED)
        telemetry.warning(
            "webhook.disabled", tenant=endpoint.tenant, endpoint=endpoint.id, reason=reason
        )
