"""SQS as the tests see it: hints that wait on the test's own clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from windrow.aws.port import Answer, Parameters, SigningAWS
from windrow.clock import Clock

VISIBILITY = timedelta(seconds=360)
MAX_RECEIVES = 10


@dataclass
class Message:
    """One message and when it can be received next."""

    body: str
    visible: datetime
    queue: str = "default"
    receives: int = 0
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """The message as an event has it."""
        return {
            "messageId": "m-1",
            "receiptHandle": str(id(self)),
            "body": self.body,
            "messageAttributes": {
                name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
                for name, value in self.attributes.items()
            },
            "attributes": {"ApproximateReceiveCount": str(self.receives)},
            "eventSourceARN": f"arn:aws:sqs:us-east-1:123456789012:{self.queue}",
        }


@dataclass
class Hints:
    """A port that keeps what is sent to SQS and passes the rest on."""

    inner: SigningAWS
    clock: Clock
    messages: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    is_down: bool = False

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        if service != "sqs":
            return self.inner.call(service, operation, parameters)
        match operation:
            case "SendMessageBatch":
                return self._send(parameters)
            case "ChangeMessageVisibility":
                return self._postpone(parameters)
        raise AssertionError(f"no {operation} here")

    def presigned(
        self, service: str, operation: str, parameters: Parameters, lifetime: timedelta
    ) -> str:
        return self.inner.presigned(service, operation, parameters, lifetime)

    def receive(self) -> Message | None:
        """The next visible message, hidden from now on for the visibility timeout."""
        now = self.clock.now()
        for message in self.messages:
            if message.visible <= now:
                message.receives += 1
                message.visible = now + VISIBILITY
                return message
        return None

    def delete(self, message: Message) -> None:
        """Acknowledge."""
        self.messages.remove(message)

    def bury(self) -> None:
        """Move what was received too often to the dead-letter queue."""
        self.dead += [message for message in self.messages if message.receives >= MAX_RECEIVES]
        self.messages = [message for message in self.messages if message.receives < MAX_RECEIVES]

    def lose(self) -> None:
        """Lose every message."""
        self.messages.clear()

    def _postpone(self, parameters: Mapping[str, Any]) -> Answer:
        (message,) = (m for m in self.messages if str(id(m)) == parameters["ReceiptHandle"])
        message.visible = self.clock.now() + timedelta(seconds=parameters["VisibilityTimeout"])
        return {}

    def _send(self, parameters: Mapping[str, Any]) -> Answer:
        entries = parameters["Entries"]
        if self.is_down:
            return {"Failed": [{"Id": entry["Id"], "Code": "InternalError"} for entry in entries]}
        now = self.clock.now()
        for entry in entries:
            delay = timedelta(seconds=entry["DelaySeconds"])
            queue = parameters["QueueUrl"].rpartition("/")[2]
            self.messages.append(
                Message(
                    entry["MessageBody"],
                    now + delay,
                    queue,
                    attributes=entry.get("MessageAttributes", {}),
                )
            )
        return {"Successful": [{"Id": entry["Id"]} for entry in entries]}
