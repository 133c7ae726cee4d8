"""Tasks in the table, as many as a test wants, without living each of their lives."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from tests.clock import EPOCH
from tests.simulated.dynamodb.table import Table, version
from windrow.aws.dynamodb import encoded
from windrow.model.ids import new_id
from windrow.model.records import Failure, Task
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.items import to_item
from windrow.store.keys import key, list_shard, milliseconds
from windrow.store.records import Records

STATES = (State.QUEUED, State.RUNNING, State.SUCCEEDED, State.FAILED, State.CANCELLED)
NAMES = ("letter.send", "countries.refresh", "report.draw")
SECOND = timedelta(seconds=1)


def tasks(count: int, *, tenant: str = "default") -> Iterable[Task]:
    """Tasks created a second apart, the newest last, of every state, name and priority in turn."""
    for number in range(count):
        created = EPOCH + number * SECOND
        state = STATES[number % len(STATES)]
        task = Task(
            ref=Ref(tenant, new_id(created, number * 7_919)),
            name=NAMES[number % len(NAMES)],
            pool="default",
            state=state,
            priority=number % 10 + 1,
            created=created,
            queued=created,
            not_before=created,
            deadline=created + timedelta(days=1),
        )
        if state.is_over:
            ended = created + SECOND
            task = replace(task, ended=ended, expires=ended + timedelta(days=30))
        if state is State.FAILED:
            task = replace(task, error=Failure("TimeoutError", "an upstream did not answer"))
        yield task


def store(records: Records, some: Iterable[Task]) -> list[Task]:
    """Put them into the table; the newest first, as a list shows them."""
    stored = list(some)
    for task in stored:
        assert records.create(task)
    return stored[::-1]


def fill(table: Table, count: int) -> None:
    """So many tasks in a simulated table, forty times as fast: past its meter and other indexes."""
    kinds = [encoded(to_item(task)) for task in tasks(len(STATES) * len(NAMES) * 10)]
    index = table.indexes["list"]
    for number in range(count):
        created = milliseconds(EPOCH) + number * 1000
        item = dict(kinds[number % len(kinds)])
        ref = Ref("default", f"{number:026d}")
        _, tenant, standing, _ = item["list_shard"]["S"].split("#")
        item |= {
            "PK": {"S": key(ref)["PK"]},
            "created": {"N": str(created)},
            "list_shard": {"S": list_shard(tenant, standing, ref)},
            "list_at": {"S": f"{created:013d}#{ref.task}"},
        }
        place = (item["PK"]["S"], "A")
        table.rows[place] = version(item)
        table.partitions[place[0]] = ["A"]
        index.follow(place, index.entry(item), 0, 0)
