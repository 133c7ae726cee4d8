"""What the running functions leave in their logs."""

from uuid import uuid4

import httpx

from tests.e2e.refreshes import STATUS
from tests.e2e.waiting import eventually
from windrow.local.stack import LocalStack


def test_every_request_leaves_one_line_in_the_log(stack: LocalStack, api: httpx.Client) -> None:
    log = stack.log_reader()
    path = f"/countries/{uuid4().hex}"  # which no test before this one asked for
    lines: list[str] = []

    def about_it() -> list[str]:
        lines.extend(log.read())
        return [line for line in lines if path in line]

    api.get(path)

    (line,) = eventually(about_it)
    assert line.endswith(f"request.answered method=GET path={path} status=404")


def test_every_poll_leaves_one_line_in_the_log(stack: LocalStack, api: httpx.Client) -> None:
    log = stack.log_reader()

    api.get(STATUS)

    lines = eventually(log.read, lambda read: any("status.polled" in line for line in read))
    assert any(f"status.polled route=GET {STATUS} status=200" in line for line in lines)
