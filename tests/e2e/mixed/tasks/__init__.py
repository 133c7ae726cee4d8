"""An application of five kinds of tasks, deployed in place of the real ones to be killed at random.

Every effect is one addition to a row of its own, so that a second one would be seen.
"""

import os
import time
from collections.abc import Iterator
from datetime import timedelta

from windrow import Context, Outcome, Registry, Retry, RetryPolicy, task

PAGES = 4
ITEMS = 12
CHUNK_SIZE = 3
# What an attempt may take: a killed one's successor need not wait for the function's timeout.
ATTEMPT = timedelta(seconds=10)
RETRY = RetryPolicy(attempts=10, base=timedelta(seconds=1), cap=timedelta(seconds=5))
# Long enough to be hit in the middle, short enough for hundreds.
WORK = timedelta(milliseconds=150)


class Hiccup(Exception):
    """What an upstream does now and then."""


@task("mixed.plain", timeout=ATTEMPT, retry=RETRY)
def plain(context: Context) -> str:
    """One effect between two pieces of work."""
    work()
    add(context, "plain")
    work()
    return "done"


@task("mixed.flaky", timeout=ATTEMPT, retry=RETRY)
def flaky(context: Context) -> str:
    """Fails after its effect, the first time."""
    work()
    add(context, "flaky")
    if context.attempt == 1:
        raise Hiccup("an upstream's")
    return "done"


@task("mixed.later", timeout=ATTEMPT, retry=RETRY)
def later(context: Context) -> str:
    """Asks to be tried again."""
    work()
    add(context, "later")
    if context.attempt == 1:
        raise Retry(after=timedelta(seconds=2))
    return "done"


@task("mixed.pages", timeout=ATTEMPT, retry=RETRY)
def pages(context: Context) -> int:
    """Goes on from its last checkpoint."""
    for page in range(context.cursor or 0, PAGES):
        work()
        add(context, f"page-{page}")
        context.checkpoint(page + 1)
    return PAGES


@task.map("mixed.items", chunk_size=CHUNK_SIZE, timeout=ATTEMPT, retry=RETRY)
def items(context: Context) -> Iterator[int]:
    """A map of a few chunks."""
    yield from range(ITEMS)


@items.each
def item(context: Context, number: int) -> None:
    work()
    add(context, f"item-{number}")


@items.finish()
def finish(context: Context, outcome: Outcome) -> int:
    add(context, "finish")
    return outcome.succeeded


registry = Registry([plain, flaky, later, pages, items])


def work() -> None:
    """Take a while, as a call to the outside would."""
    time.sleep(WORK.total_seconds())


def add(context: Context, name: str) -> None:
    """Add one to the row of this effect, exactly once."""
    row = {"PK": {"S": f"EFFECT#{context.task_id}"}, "SK": {"S": name}}
    update = {
        "TableName": os.environ["APPLICATION_TABLE"],
        "Key": row,
        "UpdateExpression": "ADD #count :one",
        "ExpressionAttributeNames": {"#count": "count"},
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    context.transact(name, [{"Update": update}])
