"""The emulator's own process: ministack, with gaps closed that can only be closed inside it.

Run by path: `python emulate.py FUNCTION_PYTHON DOOR`. What it reaches into is not public in
ministack; the version is pinned, and tests/e2e shows that all of it still works.
"""

import os
import sys
import threading
from datetime import UTC, datetime
from typing import Any

from ministack import app as emulator  # type: ignore[import-untyped]
from ministack.services import eventbridge  # type: ignore[import-untyped]

from windrow.local.callers import FROM_CONTAINERS, OnlyFor, names_of
from windrow.local.guard import kill_when_abandoned


def fill_in(text: str, event: dict[str, Any], schedule: dict[str, Any]) -> str:
    """The context attributes that EventBridge Scheduler puts into a target's Input."""
    planned = datetime.fromtimestamp(event["Time"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    attributes = {
        "scheduled-time": planned,
        "schedule-arn": schedule.get("Arn", ""),
        "execution-id": event["EventId"],
        "attempt-number": "1",
    }
    for name, value in attributes.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text


def run(function_python: str, door: str) -> None:
    """Serve until killed, running functions with `function_python`.

    By default functions run with the emulator's own interpreter and so find all its packages: one
    that is missing from an artifact would go unnoticed. And by default it does what any page of the
    web asks, which is to run code: `door` is the Host by which it knows the front door.
    """
    hosts = names_of(int(os.environ["GATEWAY_PORT"]), FROM_CONTAINERS)
    emulator.app = OnlyFor(hosts, emulator.app, pages=False, trusted={door})
    sys.executable = function_python
    deliver = eventbridge._invoke_target

    def deliver_filled_in(
        target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], *rest: Any
    ) -> None:
        if event.get("Source") == "aws.scheduler" and "Input" in target:
            target = target | {"Input": fill_in(target["Input"], event, rule)}
        deliver(target, event, rule, *rest)

    eventbridge._invoke_target = deliver_filled_in
    emulator.main()


if __name__ == "__main__":
    # The guard ends us and our functions; this is for when the guard itself was killed.
    threading.Thread(target=kill_when_abandoned, args=(os.getpgrp(),), daemon=True).start()
    run(*(sys.argv.pop(1), sys.argv.pop(1)))
