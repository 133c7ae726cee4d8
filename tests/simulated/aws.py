"""The port on the simulated services, without faults: as if AWS never failed."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from tests.simulated.dynamodb.schema import Schema
from tests.simulated.dynamodb.service import DynamoDB
from tests.simulated.dynamodb.streams import Streams
from tests.simulated.events import EventBridge
from tests.simulated.invoked import Invoked
from tests.simulated.lags import Lags
from tests.simulated.refusals import Refusal, Unsupported
from tests.simulated.s3 import S3
from tests.simulated.scheduler import Scheduler
from tests.simulated.secrets import SecretsManager
from tests.simulated.ses import SES
from tests.simulated.sns import SNS
from tests.simulated.sqs.queue import Queue
from tests.simulated.sqs.quirks import Quirks
from tests.simulated.sqs.service import SQS
from tests.simulated.time import SECOND, Time
from tests.tables import resources
from windrow.aws.boto import translated
from windrow.aws.port import Answer, Parameters

QUEUES = {"DefaultQueue": "DefaultDeadLetters", "LongQueue": "LongDeadLetters"}


class Services:
    """The services as one port; the product tells refusals apart."""

    def __init__(self, time: Time, lags: Lags | None = None, quirks: Quirks | None = None) -> None:
        self.time = time
        self.dynamodb = DynamoDB(time, lags or Lags())
        self.streams = Streams(self.dynamodb)
        self.sqs = SQS(time, quirks or Quirks())
        self.s3 = S3(time)
        self.secrets = SecretsManager()
        self.scheduler = Scheduler()
        self.events = EventBridge()
        self.invoked = Invoked()
        self.ses = SES()
        self.sns = SNS()

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        try:
            match service:
                case "dynamodb":
                    return self.dynamodb.call(operation, parameters)
                case "dynamodbstreams":
                    return self.streams.call(operation, parameters)
                case "sqs":
                    return self.sqs.call(operation, parameters)
                case "s3":
                    return self.s3.call(operation, parameters)
                case "secretsmanager":
                    return self.secrets.call(operation, parameters)
                case "scheduler":
                    return self.scheduler.call(operation, parameters)
                case "events":
                    return self.events.call(operation, parameters)
                case "lambda":
                    return self.invoked.call(operation, parameters)
                case "sesv2":
                    return self.ses.call(operation, parameters)
                case "sns":
                    return self.sns.call(operation, parameters)
        except Refusal as refusal:
            raise translated(service, operation, refusal.response) from refusal
        raise Unsupported(f"The simulation has no {service}.")

    def begin(self, service: str, operation: str, parameters: Parameters) -> Callable[[], Answer]:
        """The beginning of a call that takes long: what is returned ends it.

        A transaction takes its items here, and commits at its end; other calls do all at their end.
        """
        if operation != "TransactWriteItems":
            return lambda: self.call(service, operation, parameters)
        try:
            transaction = self.dynamodb.begin(parameters)
        except Refusal as refusal:
            raise translated(service, operation, refusal.response) from refusal
        return lambda: self.dynamodb.commit(transaction)

    def presigned(
        self, service: str, operation: str, parameters: Parameters, lifetime: timedelta
    ) -> str:
        return self.s3.signatures.sign(service, operation, parameters, lifetime)

    def create_tables(self, *logical_ids: str) -> None:
        """Make tables of template.yaml, named as their logical ids."""
        for name in logical_ids:
            self.dynamodb.create(Schema.of(name, _properties(name)))

    def create_queues(self) -> dict[str, Queue]:
        """Make the queues of template.yaml with their dead-letter queues, by logical id."""
        made: dict[str, Queue] = {}
        for name, dead in QUEUES.items():
            made[dead] = _configured(self.sqs.create(dead), _properties(dead))
            properties = _properties(name)
            most = properties["RedrivePolicy"]["maxReceiveCount"]
            queue = self.sqs.create(name, dead=made[dead], most_receives=most)
            made[name] = _configured(queue, properties)
        return made


def _configured(queue: Queue, properties: Mapping[str, Any]) -> Queue:
    queue.visibility = properties["VisibilityTimeout"] * SECOND
    queue.retention = properties["MessageRetentionPeriod"] * SECOND
    return queue


def _properties(logical_id: str) -> dict[str, Any]:
    properties: dict[str, Any] = resources()[logical_id]["Properties"]
    return properties
