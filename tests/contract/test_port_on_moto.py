"""The port's promises, on moto."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.contract.port import PortContract, World
from tests.moto_port import BOTO
from tests.tables import create_table


class TestMoto(PortContract):
    """moto forgets the tokens of transactions: it does the same one again."""

    tokens_are_kept = False

    @pytest.fixture
    def world(self) -> Iterator[World]:
        with mock_aws():
            create_table(BOTO, "TasksTable")
            BOTO.call("s3", "CreateBucket", {"Bucket": "bucket"})
            queue = BOTO.call("sqs", "CreateQueue", {"QueueName": "queue"})["QueueUrl"]
            yield World(BOTO, "TasksTable", "bucket", queue)
