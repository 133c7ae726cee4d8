"""A batch of SQS messages, answered message by message (ReportBatchItemFailures)."""

from collections.abc import Callable
from typing import Any

from windrow.lambdas.invocation import Event
from windrow.telemetry.metrics import Metric
from windrow.telemetry.port import Telemetry

type Message = dict[str, Any]


def each_message(
    event: Event, telemetry: Telemetry, handle: Callable[[Message], bool]
) -> dict[str, Any]:
    """Handle each message. Those that raise, or are not done with (False), come back.

    The rest of the batch is not held up by one that fails. An identifier that Lambda does not know
    would fail the whole batch, so only ids of the event are named.
    """
    coming_back = []
    for message in event["Records"]:
        try:
            is_done = handle(message)
        except Exception as error:
            telemetry.count(Metric.MESSAGES_FAILED)
            telemetry.warning("message.failed", error=error, message_id=message["messageId"])
            is_done = False
        if not is_done:
            coming_back.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": coming_back}
