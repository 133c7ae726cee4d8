"""Dead letters are diagnosis."""

from dataclasses import replace

from tests.harness import Deployment
from windrow.engine.submit import submit
from windrow.lambdas.dead_letters import note
from windrow.model.states import State
from windrow.queue.hint import encode
from windrow.telemetry.metrics import Metric


def letter(body: str) -> dict[str, object]:
    return {"Records": [{"messageId": "m-1", "body": body}]}


def test_a_dead_hint_is_noted_on_its_task_and_counted(deployment: Deployment) -> None:
    task = submit(deployment.engine, "numbers").task

    reply = note(deployment.engine, letter(encode(task.ref)))

    assert reply == {"batchItemFailures": []}
    assert deployment.task(task.ref.task) == replace(task, dead=1)
    assert deployment.telemetry.counts[Metric.DEAD_LETTERS] == 1


def test_a_dead_hint_changes_nothing_of_a_task_that_is_over(deployment: Deployment) -> None:
    task = submit(deployment.engine, "numbers").task
    deployment.pump()
    ended = deployment.task(task.ref.task)
    assert ended.state is State.SUCCEEDED

    note(deployment.engine, letter(encode(task.ref)))

    assert deployment.task(task.ref.task) == ended


def test_a_dead_hint_holds_up_no_task(deployment: Deployment) -> None:
    task = submit(deployment.engine, "numbers").task
    note(deployment.engine, letter(encode(task.ref)))

    deployment.pump()

    assert deployment.task(task.ref.task).state is State.SUCCEEDED


def test_a_message_that_is_no_hint_is_logged_and_counted(deployment: Deployment) -> None:
    reply = note(deployment.engine, letter("hello"))

    assert reply == {"batchItemFailures": []}
    (told,) = [ids for verb, ids in deployment.telemetry.events if verb == "letter.unreadable"]
    assert "'hello'" in str(told["exception"])
    assert deployment.telemetry.counts[Metric.DEAD_LETTERS] == 1
