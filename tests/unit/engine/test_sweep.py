"""What a sweep does with a record that it cannot handle, and with its own time."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests.harness import Deployment
from windrow.aws.errors import Unavailable
from windrow.aws.port import AWS, Answer, Parameters
from windrow.engine.submit import submit
from windrow.engine.sweep import sweep
from windrow.model.ref import Ref
from windrow.model.states import State

MINUTE = timedelta(minutes=1)


def plant_broken_record(aws: AWS) -> None:
    """A record of a version that this code cannot read, long overdue."""
    aws.call(
        "dynamodb",
        "PutItem",
        {
            "TableName": "TasksTable",
            "Item": {
                "PK": {"S": "K#default#01JD8Z6N5K3Q4R7T9V2X0Y1W8E"},
                "SK": {"S": "A"},
                "due_shard": {"S": "D#0"},
                "due_at": {"S": "0000000000001#01JD8Z6N5K3Q4R7T9V2X0Y1W8E"},
            },
        },
    )


def test_a_record_that_cannot_be_read_does_not_hold_up_the_rest(deployment: Deployment) -> None:
    plant_broken_record(deployment.engine.aws)
    task_id = submit(deployment.engine, "numbers").task.ref.task
    deployment.hints.lose()

    deployment.run_for(3 * MINUTE)

    assert deployment.task(task_id).state is State.SUCCEEDED
    assert "sweep.failed" in deployment.telemetry.verbs()


def test_a_sweep_stops_before_its_time_is_up(deployment: Deployment) -> None:
    submit(deployment.engine, "numbers")
    deployment.hints.lose()
    deployment.clock.advance(2 * MINUTE)

    overdue = sweep(deployment.engine, deployment.clock.now())

    assert overdue == 1
    assert deployment.hints.messages == []
    assert "sweep.cut" in deployment.telemetry.verbs()


def overdue_maps(deployment: Deployment, count: int) -> list[str]:
    """Maps that all wait, their hints lost and their time come."""
    ids = []
    for number in range(count):
        tenant = f"tenant-{number}"
        ids.append(submit(deployment.engine, "numbers", tenant=tenant).task.ref.task)
    deployment.hints.lose()
    deployment.clock.advance(2 * MINUTE)
    deployment.port.calls.clear()
    return ids


def test_records_are_read_by_the_hundred_and_hinted_at_by_the_ten(deployment: Deployment) -> None:
    overdue_maps(deployment, 101)

    deployment.sweep()

    assert len(deployment.hints.messages) == 101
    assert deployment.port.count("BatchGetItem") == 2
    assert deployment.port.count("SendMessageBatch") == 10 + 1
    assert deployment.port.count("UpdateItem") == 101


def test_a_record_whose_hint_is_not_sent_stays_due(deployment: Deployment) -> None:
    overdue_maps(deployment, 15)
    deployment.port.plan("refused", "SendMessageBatch")

    deployment.sweep()
    assert len(deployment.hints.messages) == 5
    assert deployment.port.count("UpdateItem") == 5

    deployment.sweep()
    assert len(deployment.hints.messages) == 15


def test_nothing_is_written_before_its_hint_is_on_its_way(deployment: Deployment) -> None:
    overdue_maps(deployment, 3)

    deployment.sweep()

    operations = [operation for operation, _ in deployment.port.calls]
    assert operations.index("SendMessageBatch") < operations.index("UpdateItem")


def test_records_that_cannot_be_read_now_are_met_by_the_next_sweep(deployment: Deployment) -> None:
    overdue_maps(deployment, 3)
    deployment.port.plan("refused", "BatchGetItem")

    deployment.sweep()
    assert deployment.hints.messages == []
    assert "sweep.failed" in deployment.telemetry.verbs()

    deployment.sweep()
    assert len(deployment.hints.messages) == 3


def test_what_cannot_be_read_now_counts_as_left(deployment: Deployment) -> None:
    overdue_maps(deployment, 101)
    deployment.port.plan("refused", "BatchGetItem")

    deployment.sweep()

    assert ("sweep.cut", {"left": 100, "exception": None}) in deployment.telemetry.events


def test_what_a_full_answer_leaves_out_is_asked_for_again(deployment: Deployment) -> None:
    overdue_maps(deployment, 3)
    due = replace(deployment.engine.due, aws=Scarce(deployment.engine.aws, most=1))
    entries = due.before(deployment.clock.now())

    assert set(due.items(entries)) == {entry.ref for entry in entries}

    with pytest.raises(Unavailable):
        replace(due, aws=Scarce(deployment.engine.aws, most=0)).items(entries)


def test_a_pool_without_a_queue_holds_up_no_other(deployment: Deployment) -> None:
    (stray, *_) = overdue_maps(deployment, 3)
    ref = Ref("tenant-0", stray)
    task = deployment.engine.records.task(ref)
    assert task is not None
    deployment.engine.records.write(task, replace(task, pool="gone"))

    deployment.sweep()

    assert len(deployment.hints.messages) == 2
    put_off = deployment.engine.records.task(ref)
    assert put_off is not None
    assert put_off.due is not None
    assert put_off.due > deployment.clock.now() + 59 * MINUTE


@dataclass
class Scarce:
    """A DynamoDB that answers few keys of a batch at a time, as a throttled one does."""

    inner: AWS
    most: int

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        if operation != "BatchGetItem":
            return self.inner.call(service, operation, parameters)
        ((table, asked),) = parameters["RequestItems"].items()
        now, later = asked["Keys"][: self.most], asked["Keys"][self.most :]
        request = {table: {**asked, "Keys": now}}
        answer = (
            self.inner.call(service, operation, {"RequestItems": request})
            if now
            else {"Responses": {}}
        )
        left = {table: {**asked, "Keys": later}} if later else {}
        return {**answer, "UnprocessedKeys": left}
