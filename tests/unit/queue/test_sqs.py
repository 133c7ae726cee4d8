"""SQS behind the hints."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from windrow.aws.errors import Unavailable
from windrow.aws.port import Answer, Parameters
from windrow.errors import ConfigurationError
from windrow.model.ref import Ref
from windrow.queue.sqs import Queue

TASK = Ref("default", "01JD8Z6N5K3Q4R7T9V2X0Y1W8E")
CHUNKS = [TASK.chunk_at(number) for number in range(25)]


@dataclass
class Sqs:
    """Accepts batches, but for the entries that `fails` names by batch and position."""

    fails: set[tuple[int, int]] = field(default_factory=set)
    down: set[int] = field(default_factory=set)
    batches: list[list[dict[str, Any]]] = field(default_factory=list)

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        batch = len(self.batches)
        self.batches.append(parameters["Entries"])
        if batch in self.down:
            raise Unavailable(service, operation, "ThrottlingException", "")
        return {"Failed": [{"Id": str(entry)} for at, entry in self.fails if at == batch]}


def queue(sqs: Sqs) -> Queue:
    return Queue(sqs, {"default": "https://sqs/default"})


def test_hints_are_sent_in_tens() -> None:
    sqs = Sqs()

    unsent = queue(sqs).send("default", CHUNKS)

    assert unsent == []
    assert [len(batch) for batch in sqs.batches] == [10, 10, 5]


def test_an_entry_that_fails_in_an_accepted_batch_is_named() -> None:
    sqs = Sqs(fails={(1, 3), (2, 0)})

    assert sorted(map(str, queue(sqs).send("default", CHUNKS))) == sorted(
        map(str, [CHUNKS[13], CHUNKS[20]])
    )


def test_a_batch_that_fails_whole_is_named_and_the_rest_is_sent() -> None:
    sqs = Sqs(down={0})

    assert queue(sqs).send("default", CHUNKS) == CHUNKS[:10]
    assert len(sqs.batches) == 3


@pytest.mark.parametrize(
    ("delay", "seconds"),
    [
        (timedelta(), 0),
        (timedelta(seconds=-5), 0),
        (timedelta(milliseconds=1), 1),
        (timedelta(seconds=2), 2),
        (timedelta(days=300), 900),
    ],
)
def test_a_delay_is_whole_seconds_up_to_fifteen_minutes(delay: timedelta, seconds: int) -> None:
    sqs = Sqs()

    queue(sqs).send("default", [TASK], delay=delay)

    assert sqs.batches[0][0]["DelaySeconds"] == seconds


def test_each_tenant_is_a_message_group() -> None:
    sqs = Sqs()

    queue(sqs).send("default", [TASK, Ref("other", TASK.task)])

    assert [entry["MessageGroupId"] for entry in sqs.batches[0]] == ["default", "other"]


def test_a_pool_without_a_queue_is_said_by_name() -> None:
    with pytest.raises(ConfigurationError, match="WINDROW_QUEUE_LONG"):
        queue(Sqs()).send("long", [TASK])
