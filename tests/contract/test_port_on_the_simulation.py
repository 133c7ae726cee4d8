"""The port's promises, on the simulated AWS."""

import pytest

from tests.contract.port import PortContract, World
from tests.simulated.aws import Services
from tests.simulated.time import Time


class TestSimulation(PortContract):
    """It keeps the tokens of transactions for ten minutes of its own time, as AWS does."""

    @pytest.fixture
    def world(self) -> World:
        services = Services(Time())
        services.create_tables("TasksTable")
        services.call("s3", "CreateBucket", {"Bucket": "bucket"})
        queue = services.call("sqs", "CreateQueue", {"QueueName": "queue"})["QueueUrl"]
        return World(services, "TasksTable", "bucket", queue, services.s3.signatures.fetch)
