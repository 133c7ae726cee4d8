"""How long answers and refreshes take on the local stack: `python -m tests.bench.answer_times`.

A script, not a test: a time says as much of the machine and its other work as of us. So each time
stands beside one of a peer that was taken in the same seconds: for an answer the emulator's own
health page, which runs no function; for a refresh the same 250 writes, one after the other from
one process, without a queue, a plan or a record.
"""

import math
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from tests.e2e.refreshes import REFRESH, STATUS, Refreshes
from windrow.local.project import Project
from windrow.local.stack import LocalStack

POSTS = 50
POLLS = 200
REFRESHES = 3
ROWS = 250
POST_BAR = timedelta(milliseconds=400)
POLL_BAR = timedelta(milliseconds=150)
REFRESH_BAR = timedelta(seconds=10)


@dataclass(frozen=True)
class Times:
    """What was taken again and again, in seconds, and its peer each time beside it, if any."""

    name: str
    own: list[float]
    peer: list[float]
    bar: timedelta

    share: int
    """Which percentile the bar is for."""

    @property
    def is_met(self) -> bool:
        return percentile(self.own, self.share) < self.bar.total_seconds()

    def cells(self) -> list[str]:
        own = percentile(self.own, 50)
        peer = percentile(self.peer, 50) if self.peer else None
        return [
            self.name,
            str(len(self.own)),
            milliseconds(own),
            milliseconds(percentile(self.own, 95)),
            f"p{self.share} < {milliseconds(self.bar.total_seconds())}",
            "met" if self.is_met else "missed",
            milliseconds(peer) if peer else "-",
            f"{own / peer:.1f} x" if peer else "-",
        ]


def percentile(values: list[float], share: int) -> float:
    """The least value that this share, in percent, of all values does not exceed."""
    return sorted(values)[math.ceil(len(values) * share / 100) - 1]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def seconds_of(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def in_turns(
    count: int, own: Callable[[], object], peer: Callable[[], object]
) -> tuple[list[float], list[float]]:
    """Both times again and again, one after the other, so that both meet the same noise."""
    pairs = [(seconds_of(own), seconds_of(peer)) for _ in range(count)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def measured(stack: LocalStack, api: httpx.Client) -> list[Times]:
    """All times; but for the first they are of functions that are warm."""
    refreshes = Refreshes(stack, api)

    def health() -> None:
        api.get(f"{stack.aws_endpoint}/_ministack/health").raise_for_status()

    def post() -> None:
        api.post(REFRESH).raise_for_status()

    def poll() -> None:
        api.get(STATUS).raise_for_status()

    def rows_alone() -> None:
        write_rows(stack)

    first = seconds_of(refreshes.complete)
    refreshes.complete()
    health()
    posts = in_turns(POSTS, post, health)
    refreshes.end()
    post()  # so that the first polls are of a refresh that runs, as most polls are
    polls = in_turns(POLLS, poll, health)
    refreshes.end()
    whole = in_turns(REFRESHES, refreshes.complete, rows_alone)
    return [
        Times("the first refresh of all, functions cold", [first], [], REFRESH_BAR, 50),
        Times("POST .../refresh", *posts, POST_BAR, 95),
        Times("GET .../refresh/status", *polls, POLL_BAR, 95),
        Times("refresh, POST to completed", *whole, REFRESH_BAR, 50),
    ]


def write_rows(stack: LocalStack) -> None:
    """Write as many rows as a refresh does, in a partition of their own."""
    for number in range(ROWS):
        stack.clients["dynamodb"].update_item(
            TableName=stack.outputs["ApplicationTableName"],
            Key={"PK": {"S": "BENCH"}, "SK": {"S": f"ROW#{number}"}},
            UpdateExpression="SET #name = :name",
            ExpressionAttributeNames={"#name": "name"},
            ExpressionAttributeValues={":name": {"S": f"Country {number}"}},
        )


def table(taken: list[Times]) -> Table:
    made = Table(title="Times on the local stack", title_justify="left")
    for name in ("what", "times", "p50", "p95", "bar", "", "peer's p50", "ratio"):
        made.add_column(name, justify="left" if name in ("what", "bar", "") else "right")
    for times in taken:
        made.add_row(*times.cells())
    return made


def main() -> int:
    console = Console(width=120)
    before = os.getloadavg()[0]
    with (
        LocalStack(Project.at(Path(__file__).parents[2])) as stack,
        httpx.Client(base_url=stack.url, timeout=40, trust_env=False) as api,
    ):
        taken = measured(stack, api)
    console.print(table(taken))
    console.print(
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}; load average before: {before:.1f}."
    )
    return 0 if all(times.is_met for times in taken) else 1


if __name__ == "__main__":
    sys.exit(main())
