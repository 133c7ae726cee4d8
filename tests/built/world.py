"""What the functions talk to: the template's tables, queues and bucket in the local emulator."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

from tests.built.functions import Function
from windrow.local import deploy
from windrow.local.clients import REGION, Clients
from windrow.local.emulator import Emulator
from windrow.local.project import Project
from windrow.local.template import read


class Kind(StrEnum):
    """The resources that functions read and write."""

    TABLE = "AWS::DynamoDB::Table"
    QUEUE = "AWS::SQS::Queue"
    BUCKET = "AWS::S3::Bucket"


class World:
    """The resources of one stack that hold something, and the way to them.

    `names` maps a logical id to what a function is told: a table's name, a queue's URL.
    """

    def __init__(
        self, clients: Clients, endpoint: str, template: Mapping[str, Any], names: Mapping[str, str]
    ) -> None:
        self.clients = clients
        self.names = names
        self._endpoint = endpoint
        self._kinds = {name: Kind(template["Resources"][name]["Type"]) for name in names}
        declared = template["Parameters"].items()
        defaults = {name: str(each["Default"]) for name, each in declared if "Default" in each}
        self._values = {"AWS::StackName": deploy.STACK} | defaults | deploy.DEFAULTS | dict(names)

    def variables(self, function: Function) -> dict[str, str]:
        """A function's settings, references replaced as CloudFormation would."""
        settings = {name: self._value(value) for name, value in function.variables.items()}
        return settings | {"AWS_ENDPOINT_URL": self._endpoint}

    def receive(self, queue: str) -> dict[str, Any] | None:
        """The next message of a queue as Lambda hands it to a function; it leaves the queue."""
        sqs, url = self.clients["sqs"], self.names[queue]
        answer = sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["All"])
        for message in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return {"Records": [_record(message, url.rpartition("/")[2])]}
        return None

    def item(self, table: str, key: Mapping[str, str]) -> dict[str, Any]:
        """An item in DynamoDB's own JSON, which must be there."""
        found = self.clients["dynamodb"].get_item(
            TableName=self.names[table],
            Key={name: {"S": value} for name, value in key.items()},
            ConsistentRead=True,
        )
        return dict(found["Item"])

    def objects(self) -> dict[str, bytes]:
        """Every object of the bucket, by key."""
        s3, bucket = self.clients["s3"], self.names["Bucket"]
        return {
            each["Key"]: s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
            for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        }

    def empty(self) -> None:
        """Leave nothing in it."""
        for name, kind in self._kinds.items():
            match kind:
                case Kind.TABLE:
                    self._empty_table(self.names[name])
                case Kind.QUEUE:
                    self.clients["sqs"].purge_queue(QueueUrl=self.names[name])
                case Kind.BUCKET:
                    for key in self.objects():
                        self.clients["s3"].delete_object(Bucket=self.names[name], Key=key)

    def _empty_table(self, table: str) -> None:
        dynamodb = self.clients["dynamodb"]
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                key = {name: item[name] for name in ("PK", "SK")}
                dynamodb.delete_item(TableName=table, Key=key)

    def _value(self, value: Any) -> str:
        return self._values[value["Ref"]] if isinstance(value, dict) else str(value)


@contextmanager
def emulated_world(project: Project, log: Path) -> Iterator[World]:
    """A world that exists while the block runs."""
    template = read(project.template)
    resources = {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] in Kind
    }
    stored = {name: template[name] for name in ("AWSTemplateFormatVersion", "Parameters")}
    stored["Resources"] = resources
    emulator = Emulator.start(project.python(), log)
    try:
        emulator.wait_until_ready()
        clients = Clients(emulator.endpoint)
        values = deploy.parameters(stored, {})
        stack = deploy.create(clients, project.template, stored, values)
        yield World(clients, emulator.endpoint, stored, stack.resources)
    finally:
        emulator.stop()


def _record(message: Mapping[str, Any], queue: str) -> dict[str, Any]:
    """A message of SQS as one record of Lambda's event."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:000000000000:{queue}",
        "awsRegion": REGION,
    }
