"""Each built function starts, and answers the events that `sam local invoke` gives it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.built.deployment import Deployment
from tests.built.functions import FOLDERS, ROOT
from windrow.model.ref import Ref
from windrow.queue.hint import decode
from windrow.store.keys import key

RecordProperty = Callable[[str, object], None]


def started(answer: Any) -> None:
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["status"] == "started"


def idle(answer: Any) -> None:
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {
        "is_running": False,
        "status": "idle",
        "started_at": None,
        "completed_at": None,
        "countries_processed": 0,
        "error": None,
    }


def acknowledged(answer: Any) -> None:
    assert answer == {"batchItemFailures": []}


def submitted(answer: Any) -> None:
    assert answer["is_new"] is True
    assert answer["task"]


def counted(answer: Any) -> None:
    assert answer == {"state": {}, "batchItemFailures": []}


def swept(answer: Any) -> None:
    assert answer == {"overdue": 0}


def unanswered(answer: Any) -> None:
    # Names under .example are nobody's (RFC 2606), on every network.
    assert answer.keys() == {"failed", "message"}


# What an event is answered with while there is nothing in the tables.
ANSWERS: Mapping[str, Callable[[Any], None]] = {
    "api_refresh": started,
    "articles_task": acknowledged,
    "dead_letters_batch": acknowledged,
    "egress_request": unanswered,
    "mail_task": acknowledged,
    "reports_task": acknowledged,
    "scheduler_daily": submitted,
    "status_refresh": idle,
    "stream_batch": counted,
    "sweeper_tick": swept,
    "worker_task": acknowledged,
}


def event(name: str) -> Any:
    return json.loads((ROOT / "events" / f"{name}.json").read_text())


def events_of(function: str) -> list[str]:
    """The events of a function: `events/api_refresh.json` is one of `functions/api`'s."""
    return sorted(path.stem for path in Path(ROOT, "events").glob(f"{FOLDERS[function]}_*.json"))


@pytest.mark.parametrize("function", FOLDERS)
def test_a_built_function_answers_each_of_its_events(
    deployment: Deployment, function: str, record_property: RecordProperty
) -> None:
    names = events_of(function)
    assert names, f"{function} has no event in events/"

    for name in names:
        deployment.world.empty()
        ANSWERS[name](deployment[function].invoke(event(name)))

    record_property("function", function)
    record_property("init", round(deployment[function].init.total_seconds() * 1000))


def test_a_schedule_that_fires_twice_submits_once(deployment: Deployment) -> None:
    first = deployment["SchedulerFunction"].invoke(event("scheduler_daily"))
    second = deployment["SchedulerFunction"].invoke(event("scheduler_daily"))

    assert second == {"task": first["task"], "is_new": False}


def test_a_dead_letter_is_noted_on_the_task_it_points_at(deployment: Deployment) -> None:
    deployment["ApiFunction"].invoke(event("api_refresh"))
    letter = deployment.world.receive("DefaultQueue")
    assert letter is not None

    answer = deployment["DeadLettersFunction"].invoke(letter)

    ref = decode(letter["Records"][0]["body"])
    assert isinstance(ref, Ref)
    record = deployment.world.item("TasksTable", key(ref))
    assert answer == {"batchItemFailures": []}
    assert record["dead"] == {"N": "1"}


def test_a_message_that_is_no_hint_comes_back(deployment: Deployment) -> None:
    batch = event("worker_task")
    batch["Records"][0]["body"] = "hay"

    answer = deployment["WorkerFunction"].invoke(batch)

    assert answer == {"batchItemFailures": [{"itemIdentifier": batch["Records"][0]["messageId"]}]}
