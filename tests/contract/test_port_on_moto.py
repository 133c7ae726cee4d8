"""The port's promises, on moto."""

from collections.abc import Iterator

import pytest
import requests
from moto import mock_aws

from tests.contract.port import PortContract, World
from tests.moto_port import BOTO
from tests.tables import create_table


def fetched(url: str) -> bytes:
    """Moto answers whoever asks by `requests`."""
    return requests.get(url, timeout=5).content


class TestMoto(PortContract):
    """moto, in this process."""

    differences = {  # noqa: RUF012 - a constant of the class
        "test_a_repeated_transaction_is_known_by_its_token": "forgets tokens: does the same again"
    }

    @pytest.fixture
    def world(self) -> Iterator[World]:
        with mock_aws():
            create_table(BOTO, "TasksTable")
            BOTO.call("s3", "CreateBucket", {"Bucket": "bucket"})
            queue = BOTO.call("sqs", "CreateQueue", {"QueueName": "queue"})["QueueUrl"]
            yield World(BOTO, "TasksTable", "bucket", queue, fetched)
