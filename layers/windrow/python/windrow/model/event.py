"""What others are told of a task that has ended, as CloudEvents 1.0 has it.

Pure, so that the bus, webhooks and the API tell the same of one end, word for word.
https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from windrow.model.ids import derived_id
from windrow.model.records import Task
from windrow.model.shown import instant, present, shown

type Event = dict[str, Any]

VERSION = "v1"
TEST = f"windrow.webhook.test.{VERSION}"
# A webhook's body stays below 20 KB, as Standard Webhooks asks; an entry of a bus below 256 KB.
LARGEST_RESULT = 10_000


def end_of(task: Task) -> str:
    """The name of an end: what begins again has another one, and a key that is used again."""
    return (
        f"{task.ref.tenant}/{task.ref.task}/{round(task.created.timestamp() * 1000)}/{task.round}"
    )


def completion(task: Task, end: str, *, source: str) -> Event:
    """The event of a task's end. `end` is its name; the event's id is made from it alone.

    A result of up to 10 KB is told with it; of a larger one, where to ask for it.
    """
    if task.ended is None:
        raise ValueError(f"Task {task.ref} has not ended.")
    return {
        **_envelope(event_id(end), f"windrow.task.{task.state}.{VERSION}", source, task.ended),
        "subject": task.ref.task,
        **present(traceparent=task.trace),
        "data": {"task": shown(task, task.ended), **_result(task)},
    }


def trial(endpoint: str, number: str, *, source: str, now: datetime) -> Event:
    """What an endpoint is sent for a try."""
    return {
        **_envelope(event_id(f"test/{endpoint}/{number}"), TEST, source, now),
        "subject": endpoint,
        "data": {"endpoint": endpoint},
    }


def without_result(event: Event) -> Event:
    """An event as it is kept until it is delivered: a result is looked up when it is."""
    data = {name: value for name, value in event["data"].items() if not name.startswith("result")}
    return {**event, "data": data}


def with_result(event: Event, task: Task | None) -> Event:
    """The event with the result of its task, if that stands as it ended then."""
    told = event["data"].get("task")
    if task is None or told is None or task.ended is None:
        return event
    if told.get("ended_at") != instant(task.ended):
        return event
    return {**event, "data": {**event["data"], **_result(task)}}


def event_id(end: str) -> str:
    """The same for the same end, and safe in a header."""
    return f"evt_{derived_id('event', end)}"


def source_of(deployment: str, tenant: str) -> str:
    """Whose event it is: a deployment's, and there a tenant's."""
    return f"urn:windrow:{deployment}:{tenant}"


def _envelope(event: str, kind: str, source: str, time: datetime) -> Event:
    return {
        "specversion": "1.0",
        "id": event,
        "source": source,
        "type": kind,
        "time": instant(time),
        "datacontenttype": "application/json",
    }


def _result(task: Task) -> Mapping[str, Any]:
    has_one = task.result is not None or task.result_object is not None
    if not has_one:
        return {}
    if task.result is not None and len(task.result.encode()) <= LARGEST_RESULT:
        return {"result": json.loads(task.result)}
    return present(result_path=f"/v1/tasks/{task.ref.task}/result")
