"""A batch of SQS messages, answered message by message (ReportBatchItemFailures)."""

from collections.abc import Callable
from typing import Any

from windrow.lambdas.invocation import Event
from windrow.telemetry.metrics import Metric
from windrow.telemetry.port import Telemetry


def each_message(
    event: Event, telemetry: Telemetry, handle: Callable[[str], None]
) -> dict[str, Any]:
    """Handle the body of each message; those that raise are reported, and come back.

    The rest of the batch is not held up by one that fails. An identifier that Lambda does not know
    would fail the whole batch, so only ids of the event are named.
    """
    failed = []
    for record in event["Records"]:
        try:
            handle(record["body"])
        except Exception as error:
            telemetry.count(Metric.MESSAGES_FAILED)
            telemetry.warning("message.failed", error=error, message_id=record["messageId"])
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
