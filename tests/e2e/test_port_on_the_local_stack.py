"""The port's promises, on the local stack: the same tests that run on moto."""

from urllib.request import urlopen

import pytest

from tests.contract.port import PortContract, World
from windrow.aws.boto import Boto
from windrow.local.stack import LocalStack


def fetched(url: str) -> bytes:
    """As a browser on this machine would."""
    body: bytes = urlopen(url, timeout=10).read()
    return body


class TestLocalStack(PortContract):
    """Nothing differs from AWS in what Windrow relies on."""

    @pytest.fixture
    def world(self, stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> World:
        monkeypatch.setenv("AWS_ENDPOINT_URL", stack.aws_endpoint)
        queue = stack.clients["sqs"].create_queue(QueueName="port-contract")["QueueUrl"]
        outputs = stack.outputs
        return World(Boto(), outputs["TasksTableName"], outputs["BucketName"], queue, fetched)
