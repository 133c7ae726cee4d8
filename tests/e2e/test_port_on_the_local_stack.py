"""The port's promises, on the local stack: the same tests that run on moto."""

import pytest

from tests.contract.port import PortContract, World
from windrow.aws.boto import Boto
from windrow.local.stack import LocalStack


class TestLocalStack(PortContract):
    """Nothing differs from AWS in what Windrow relies on."""

    @pytest.fixture
    def world(self, stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> World:
        monkeypatch.setenv("AWS_ENDPOINT_URL", stack.aws_endpoint)
        queue = stack.clients["sqs"].create_queue(QueueName="port-contract")["QueueUrl"]
        outputs = stack.outputs
        return World(Boto(), outputs["TasksTableName"], outputs["BucketName"], queue)
