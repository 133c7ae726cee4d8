"""What the functions talk to: the template's tables, queues and bucket in the local emulator.

And what their settings name beside those: a group of schedules, a bus, a key.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

from tests.built.functions import FUNCTION, Function
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

    `names` maps a logical id to what a function is told: a table's name, a queue's URL. `settings`
    are those of each function, by its logical id.
    """

    def __init__(
        self,
        clients: Clients,
        endpoint: str,
        template: Mapping[str, Any],
        names: Mapping[str, str],
        settings: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.clients = clients
        self.names = names
        self._endpoint = endpoint
        self._settings = settings
        types = {name: template["Resources"][name]["Type"] for name in names}
        self._kinds = {name: Kind(found) for name, found in types.items() if found in Kind}

    def variables(self, function: Function) -> dict[str, str]:
        """A function's settings, references replaced by CloudFormation."""
        return {**self._settings[function.name], "AWS_ENDPOINT_URL": self._endpoint}

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


@contextmanager
def emulated_world(
    project: Project, functions: Mapping[str, Function], log: Path
) -> Iterator[World]:
    """A world that exists while the block runs."""
    stored, keys = _stored(read(project.template), functions)
    emulator = Emulator.start(project.python(), log)
    try:
        emulator.wait_until_ready()
        clients = Clients(emulator.endpoint)
        values = deploy.parameters(stored, {})
        stack = deploy.create(clients, project.template, stored, values)
        settings = {
            function: {name: stack.outputs[key] for name, key in outputs.items()}
            for function, outputs in keys.items()
        }
        yield World(clients, emulator.endpoint, stored, stack.resources, settings)
    finally:
        emulator.stop()


def _stored(
    template: Mapping[str, Any], functions: Mapping[str, Function]
) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """The template without its functions, and the output that each of their settings became.

    As outputs they are resolved by CloudFormation, conditions and all, and not by a copy of it.
    What they refer to is kept, whatever it is; a function they name is not there, but has a name.
    """
    resources = template["Resources"]
    names = {
        name: resource["Properties"]["FunctionName"]
        for name, resource in resources.items()
        if resource["Type"] == FUNCTION
    }
    keys, outputs = dict[str, dict[str, str]](), dict[str, Any]()
    # A template has 200 outputs at most, and most settings are those of other functions as well.
    told = dict[str, str]()
    for function in functions.values():
        keys[function.name] = {}
        for name, value in function.variables.items():
            key = told.setdefault(json.dumps(value), f"Setting{len(told)}")
            keys[function.name][name] = key
            outputs[key] = {"Value": _named(value, names)}
    wanted = {name for output in outputs.values() for name in _references(output)}
    kept = ("AWSTemplateFormatVersion", "Parameters", "Conditions")
    stored = {name: template[name] for name in kept} | {
        "Resources": {
            name: resource
            for name, resource in resources.items()
            if resource["Type"] in Kind or name in wanted
        },
        "Outputs": outputs,
    }
    return stored, keys


def _named(value: Any, names: Mapping[str, Any]) -> Any:
    """A setting with each reference to a function replaced by the name that it has."""
    match value:
        case {"Ref": str(name)} if name in names:
            return names[name]
        case dict():
            return {key: _named(each, names) for key, each in value.items()}
        case list():
            return [_named(each, names) for each in value]
        case _:
            return value


def _references(value: Any) -> Iterator[str]:
    """What a setting refers to: resources, parameters and what AWS gives."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case {"Fn::Sub": str(text)}:
            yield from re.findall(r"\$\{([\w:]+)", text)
        case dict():
            for each in value.values():
                yield from _references(each)
        case list():
            for each in value:
                yield from _references(each)


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
