"""What lands in a dead-letter queue is noted and taken out, whatever it is."""

from typing import Any

from tests.e2e.functions import no_work
from tests.e2e.refreshes import Refreshes
from tests.e2e.waiting import eventually
from windrow.queue.hint import encode


def bury(refreshes: Refreshes, body: str) -> None:
    """Put a message where SQS puts those that failed ten times."""
    refreshes.stack.clients["sqs"].send_message(
        QueueUrl=refreshes.stack.outputs["DefaultDeadLettersUrl"], MessageBody=body
    )


def left(refreshes: Refreshes) -> tuple[str, str]:
    """How many dead letters wait, and how many are being looked at."""
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    answer = refreshes.stack.clients["sqs"].get_queue_attributes(
        QueueUrl=refreshes.stack.outputs["DefaultDeadLettersUrl"], AttributeNames=list(names)
    )
    found: dict[str, Any] = answer["Attributes"]
    return found[names[0]], found[names[1]]


def test_a_dead_hint_is_noted_on_its_task_which_ends_all_the_same(refreshes: Refreshes) -> None:
    worker = refreshes.stack.resources["WorkerFunction"]
    with no_work(refreshes.stack.clients, worker):
        refreshes.start()
        bury(refreshes, encode(refreshes.newest().ref))
        noted = eventually(refreshes.newest, lambda task: task.dead > 0)

    assert noted.dead == 1
    assert refreshes.end()["status"] == "completed"
    assert refreshes.newest().dead == 1
    assert eventually(lambda: left(refreshes), lambda counts: counts == ("0", "0"))


def test_junk_among_the_dead_letters_is_logged_and_holds_up_nothing(refreshes: Refreshes) -> None:
    log = refreshes.stack.log_reader()

    bury(refreshes, "no hint at all")

    lines = eventually(log.read, lambda read: any("letter.unreadable" in line for line in read))
    assert any("no hint at all" in line for line in lines)
    eventually(lambda: left(refreshes), lambda counts: counts == ("0", "0"))
