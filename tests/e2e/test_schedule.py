"""The schedules of the deployed stack, and what a tick of the daily one does."""

import json
from pathlib import Path
from typing import Any

from tests.e2e.refreshes import Refreshes
from windrow.local.clients import Clients
from windrow.local.stack import LocalStack

TICK = Path(__file__).parents[2] / "events" / "scheduler_daily.json"


def tick(stack: LocalStack) -> Any:
    """Invoke the scheduler function as EventBridge Scheduler does; its answer."""
    answer = stack.clients["lambda"].invoke(
        FunctionName=stack.resources["SchedulerFunction"], Payload=TICK.read_bytes()
    )
    assert "FunctionError" not in answer
    return json.loads(answer["Payload"].read())


def test_sweeps_are_on_and_the_daily_refresh_is_off_until_somebody_wants_it(aws: Clients) -> None:
    listed = aws["scheduler"].list_schedules()["Schedules"]
    found = [
        aws["scheduler"].get_schedule(Name=each["Name"], GroupName=each["GroupName"])
        for each in listed
        if each["Name"].startswith("windrow-")
    ]

    assert {each["Name"]: (each["ScheduleExpression"], each["State"]) for each in found} == {
        "windrow-sweep": ("rate(1 minute)", "ENABLED"),
        "windrow-daily-refresh": ("cron(0 6 * * ? *)", "DISABLED"),
        "windrow-daily-removal": ("cron(30 3 * * ? *)", "DISABLED"),
        "windrow-daily-archive": ("cron(0 3 * * ? *)", "DISABLED"),
        "windrow-schedules": ("rate(5 minutes)", "ENABLED"),
    }


def test_a_tick_that_comes_twice_starts_one_refresh(refreshes: Refreshes) -> None:
    first = tick(refreshes.stack)
    second = tick(refreshes.stack)
    ended = refreshes.end()
    third = tick(refreshes.stack)

    assert first["is_new"]
    assert second == third == first | {"is_new": False}
    assert refreshes.newest().ref.task == first["task"]
    assert (ended["status"], ended["countries_processed"]) == ("completed", 250)
