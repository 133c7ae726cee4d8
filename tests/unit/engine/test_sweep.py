"""What a sweep does with a record that it cannot handle, and with its own time."""

from datetime import timedelta

from tests.harness import Deployment
from windrow.aws.port import AWS
from windrow.engine.submit import submit
from windrow.engine.sweep import sweep
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
