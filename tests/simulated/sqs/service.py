"""SQS, simulated: standard queues with all that they may do to a message."""

from collections.abc import Callable, Mapping
from hashlib import md5
from typing import Any

from tests.simulated.refusals import Refusal, Unsupported, only
from tests.simulated.sqs.queue import Message, Queue
from tests.simulated.sqs.quirks import Quirks
from tests.simulated.time import SECOND, Time

type Parameters = Mapping[str, Any]
type Answer = dict[str, Any]

LARGEST = 1024 * 1024
MOST_ENTRIES = 10
LONGEST_DELAY = 900
SENDABLE = frozenset({"MessageBody", "DelaySeconds", "MessageGroupId", "MessageAttributes"})
SETTINGS = frozenset({"VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds"})


class SQS:
    """All queues of a simulated world."""

    def __init__(self, time: Time, quirks: Quirks) -> None:
        self.queues: dict[str, Queue] = {}
        self._time = time
        self._quirks = quirks
        self._sent = 0
        self._operations: dict[str, Callable[[Parameters], Answer]] = {
            "CreateQueue": self._create,
            "SendMessage": self._send,
            "SendMessageBatch": self._send_batch,
            "ReceiveMessage": self._receive,
            "DeleteMessage": self._delete,
            "DeleteMessageBatch": self._delete_batch,
            "ChangeMessageVisibility": self._change_visibility,
            "GetQueueAttributes": self._attributes,
        }

    def call(self, operation: str, parameters: Parameters) -> Answer:
        """One call. Raises Refusal as AWS refuses, and Unsupported for what is not simulated."""
        if operation not in self._operations:
            raise Unsupported(f"The simulated SQS has no {operation}.")
        return self._operations[operation](parameters)

    def create(self, name: str, *, dead: Queue | None = None, most_receives: int = 0) -> Queue:
        """Make a queue; it is there at once."""
        queue = Queue(name, self._time, self._quirks, dead=dead, most_receives=most_receives)
        self.queues[queue.url] = queue
        return queue

    def queue(self, url: str) -> Queue:
        """The queue at an address."""
        if url not in self.queues:
            raise Refusal(
                "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist."
            )
        return self.queues[url]

    def _create(self, parameters: Parameters) -> Answer:
        only(parameters, "CreateQueue", frozenset({"QueueName", "Attributes"}))
        attributes = parameters.get("Attributes", {})
        only(attributes, "CreateQueue", SETTINGS)
        queue = self.create(parameters["QueueName"])
        queue.visibility = int(attributes.get("VisibilityTimeout", 30)) * SECOND
        queue.retention = int(attributes.get("MessageRetentionPeriod", 345600)) * SECOND
        queue.delay = int(attributes.get("DelaySeconds", 0)) * SECOND
        return {"QueueUrl": queue.url}

    def _send(self, parameters: Parameters) -> Answer:
        queue = self.queue(parameters["QueueUrl"])
        rest = {name: value for name, value in parameters.items() if name != "QueueUrl"}
        return self._sent_one(queue, rest)

    def _send_batch(self, parameters: Parameters) -> Answer:
        only(parameters, "SendMessageBatch", frozenset({"QueueUrl", "Entries"}))
        queue = self.queue(parameters["QueueUrl"])
        entries = parameters["Entries"]
        _check_batch(entries)
        if sum(len(entry["MessageBody"].encode()) for entry in entries) > LARGEST:
            raise Refusal(
                "AWS.SimpleQueueService.BatchRequestTooLong",
                "Batch requests cannot be longer than 1048576 bytes.",
            )
        successful, failed = [], []
        for entry in entries:
            if self._quirks.happens(self._quirks.unsent):
                failure = {"Id": entry["Id"], "Code": "InternalError", "SenderFault": False}
                failed.append(failure)
                continue
            rest = {name: value for name, value in entry.items() if name != "Id"}
            successful.append({"Id": entry["Id"], **self._sent_one(queue, rest)})
        return {
            **({"Successful": successful} if successful else {}),
            **({"Failed": failed} if failed else {}),
        }

    def _sent_one(self, queue: Queue, entry: Parameters) -> Answer:
        only(entry, "SendMessage", SENDABLE)
        delay = entry.get("DelaySeconds")
        if delay is not None and not 0 <= delay <= LONGEST_DELAY:
            raise Refusal(
                "InvalidParameterValue",
                f"Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be"
                " >= 0 and <= 900.",
            )
        body = entry["MessageBody"]
        if not body:
            raise Refusal("MissingParameter", "The request must contain the parameter MessageBody.")
        self._sent += 1
        milliseconds = None if delay is None else delay * SECOND
        message = queue.send(self._sent, body, milliseconds, entry.get("MessageGroupId"))
        message.attributes = entry.get("MessageAttributes", {})
        return {"MessageId": message.id, "MD5OfMessageBody": _md5(body)}

    def _receive(self, parameters: Parameters) -> Answer:
        # It never waits: a worker that finds nothing has nothing to do with that time here.
        only(
            parameters,
            "ReceiveMessage",
            frozenset(
                {
                    "QueueUrl",
                    "MaxNumberOfMessages",
                    "VisibilityTimeout",
                    "WaitTimeSeconds",
                    "MessageSystemAttributeNames",
                }
            ),
        )
        queue = self.queue(parameters["QueueUrl"])
        seconds = parameters.get("VisibilityTimeout")
        received = queue.receive(
            parameters.get("MaxNumberOfMessages", 1), None if seconds is None else seconds * SECOND
        )
        return {"Messages": [shown(queue, message) for message in received]} if received else {}

    def _delete(self, parameters: Parameters) -> Answer:
        only(parameters, "DeleteMessage", frozenset({"QueueUrl", "ReceiptHandle"}))
        self.queue(parameters["QueueUrl"]).delete(parameters["ReceiptHandle"])
        return {}

    def _delete_batch(self, parameters: Parameters) -> Answer:
        only(parameters, "DeleteMessageBatch", frozenset({"QueueUrl", "Entries"}))
        queue = self.queue(parameters["QueueUrl"])
        _check_batch(parameters["Entries"])
        for entry in parameters["Entries"]:
            queue.delete(entry["ReceiptHandle"])
        return {"Successful": [{"Id": entry["Id"]} for entry in parameters["Entries"]]}

    def _change_visibility(self, parameters: Parameters) -> Answer:
        known = frozenset({"QueueUrl", "ReceiptHandle", "VisibilityTimeout"})
        only(parameters, "ChangeMessageVisibility", known)
        queue = self.queue(parameters["QueueUrl"])
        milliseconds = parameters["VisibilityTimeout"] * SECOND
        queue.change_visibility(parameters["ReceiptHandle"], milliseconds)
        return {}

    def _attributes(self, parameters: Parameters) -> Answer:
        only(parameters, "GetQueueAttributes", frozenset({"QueueUrl", "AttributeNames"}))
        queue = self.queue(parameters["QueueUrl"])
        visible, hidden = queue.count()
        return {
            "Attributes": {
                "QueueArn": queue.arn,
                "ApproximateNumberOfMessages": str(visible),
                "ApproximateNumberOfMessagesNotVisible": str(hidden),
            }
        }


def shown(queue: Queue, message: Message) -> dict[str, Any]:
    """A message as ReceiveMessage gives it, with every system attribute."""
    group = {"MessageGroupId": message.group} if message.group else {}
    return {
        "MessageId": message.id,
        "ReceiptHandle": f"{queue.name}/{message.number}/{message.receipt}",
        "MD5OfBody": _md5(message.body),
        "Body": message.body,
        "Attributes": {
            "ApproximateReceiveCount": str(message.receives),
            "SentTimestamp": str(message.sent),
            **group,
        },
        **({"MessageAttributes": message.attributes} if message.attributes else {}),
    }


def _check_batch(entries: list[dict[str, Any]]) -> None:
    if not entries:
        raise Refusal(
            "AWS.SimpleQueueService.EmptyBatchRequest",
            "There should be at least one entry in the batch request.",
        )
    if len(entries) > MOST_ENTRIES:
        raise Refusal(
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            "Maximum number of entries per request are 10.",
        )
    if len({entry["Id"] for entry in entries}) != len(entries):
        raise Refusal(
            "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
            "Two or more batch entries have the same Id in the request.",
        )


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
