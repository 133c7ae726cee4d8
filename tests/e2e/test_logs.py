"""What the running functions leave in their logs."""

import re
from collections.abc import Callable
from uuid import uuid4

import httpx

from tests.e2e.refreshes import STATUS
from tests.e2e.waiting import eventually
from windrow.local.stack import LocalStack

# By these a line is found from the answer, and the lines of one request from each other.
IDS = r"request_id=\S+ trace_id=[0-9a-f]{32}"


def test_every_request_leaves_one_line_in_the_log(stack: LocalStack, api: httpx.Client) -> None:
    path = f"/countries/{uuid4().hex}"  # which no test before this one asked for
    about_it = lines_with(stack, path)

    api.get(path)

    (line,) = eventually(about_it)
    assert re.search(rf"request\.answered {IDS} method=GET path={path} status=404$", line), line


def test_every_poll_leaves_one_line_in_the_log(stack: LocalStack, api: httpx.Client) -> None:
    trace = uuid4().hex  # which no other poll has
    about_it = lines_with(stack, trace)

    api.get(STATUS, headers={"traceparent": f"00-{trace}-{trace[:16]}-01"})

    (line,) = eventually(about_it)
    assert re.search(rf"status\.polled {IDS} route=GET {STATUS} status=200$", line), line


def lines_with(stack: LocalStack, text: str) -> Callable[[], list[str]]:
    """All lines with a text since now, however often one looks."""
    log = stack.log_reader()
    lines: list[str] = []

    def found() -> list[str]:
        lines.extend(log.read())
        return [line for line in lines if text in line]

    return found
