"""What the running functions leave in their logs."""

import httpx

from tests.e2e.refreshes import STATUS
from tests.e2e.waiting import eventually
from windrow.local.stack import LocalStack


def test_every_request_leaves_one_line_in_the_log(stack: LocalStack, api: httpx.Client) -> None:
    log = stack.log_reader()
    lines: list[str] = []

    def with_atlantis() -> list[str]:
        lines.extend(log.read())
        return [line for line in lines if "/countries/Atlantis" in line]

    api.get("/countries/Atlantis")

    (line,) = eventually(with_atlantis)
    assert line.endswith("request.answered method=GET path=/countries/Atlantis status=404")


def test_every_poll_leaves_one_line_in_the_log(stack: LocalStack, api: httpx.Client) -> None:
    log = stack.log_reader()

    api.get(STATUS)

    lines = eventually(log.read, lambda read: any("status.polled" in line for line in read))
    assert any(f"status.polled route=GET {STATUS} status=200" in line for line in lines)
