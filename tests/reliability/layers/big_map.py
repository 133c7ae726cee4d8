"""A map of a million items under faults: cut over many invocations, done by many workers, summed.

Each chunk adds its items up and stores the sum under their first number, once; the finish adds up
the sums. So an item that is lost or counted twice shows in one number.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

from tests.reliability.bars import MILLION
from tests.reliability.frame import Budget, Figure, Outcome, Row
from tests.reliability.work import Progress, interrupted
from tests.simulated.deployment import Deployment
from tests.simulated.dynamodb.schema import Key
from tests.simulated.dynamodb.table import Change
from tests.simulated.faults import evenly
from tests.simulated.invariants import Invariants, Violation
from tests.simulated.time import HOUR, MINUTE, SECOND
from tests.simulated.world import World
from windrow import Context, Registry, RetryPolicy, task
from windrow import Outcome as Ended
from windrow.aws.dynamodb import Scalar, encoded, expression, pages
from windrow.aws.errors import ConditionFailed
from windrow.model.records import Task
from windrow.model.states import State

NAME = "big-map"
SHARE = 0.03

FULL_ITEMS, QUICK_ITEMS = 1_000_000, 20_000
CHUNK_SIZE = 50
# Where the sums lie: a thousand to a partition.
SHELF = 1000 * CHUNK_SIZE
# Of all calls this part goes wrong, in one of eight ways, three of which kill their caller.
RATE = 0.003
LONGEST = 12 * HOUR

UNITS_A_CHUNK, UNITS_A_SECOND, WRITES_OF_AN_ITEM = 10, 1000, 200


@dataclass
class Witness:
    """What happened to the records of a map's world."""

    writes: Counter[Key] = field(default_factory=Counter)
    ends: Counter[Key] = field(default_factory=Counter)
    falls: int = 0

    def see(self, change: Change) -> None:
        """Note a change of the table of tasks."""
        self.writes[change.key] += 1
        if change.after is None or change.key[1] != "A":
            return
        old = change.before.item if change.before else {}
        new = change.after.item
        if old.get("state") != new["state"] and State(new["state"]["S"]).is_over:
            self.ends[change.key] += 1
        for name in ("succeeded", "failed"):
            self.falls += _number(new, name) < _number(old, name)


def run(budget: Budget) -> Outcome:
    """One map for each seed from SEED on; RUNS is how many, one by default."""
    seeds = range(budget.seed, budget.seed + (budget.runs or 1))
    items = FULL_ITEMS if budget.is_full else QUICK_ITEMS
    rows, problems = [], []
    for seed in seeds:
        row, found = _lived(budget, seed, items)
        rows.append(row)
        problems += [f"{each} | {_replay(budget, seed)}" for each in found]
    return Outcome([min(rows, key=lambda row: row.is_met)], problems)


def registry(items: int) -> Registry:
    """The map `sums` over 0, 1, 2 ... `items` - 1."""
    retry = RetryPolicy(attempts=20, cap=timedelta(seconds=30))

    @task.map("sums", chunk_size=CHUNK_SIZE, retry=retry, deadline=timedelta(hours=12))
    def sums(context: Context) -> Iterator[int]:
        yield from range(items)

    @sums.chunk
    def add(context: Context, numbers: list[int]) -> None:
        shelf = f"sums/{context.task_id}/{numbers[0] // SHELF}"
        row: dict[str, Scalar | None] = {
            "PK": shelf,
            "SK": f"{numbers[0]:07d}",
            "n": len(numbers),
            "sum": sum(numbers),
        }
        put = {
            "TableName": "ApplicationTable",
            "Item": encoded(row),
            **expression(condition="attribute_not_exists(#PK)"),
        }
        try:
            context.aws.call("dynamodb", "PutItem", put)
        except ConditionFailed:
            return  # It was stored before its worker died.

    @sums.finish()
    def finish(context: Context, outcome: Ended) -> list[int]:
        counted = total = 0
        for shelf in range(-(-items // SHELF)):
            query = {
                "TableName": "ApplicationTable",
                "ConsistentRead": True,
                **expression(
                    key_condition="#PK = :shelf",
                    values={"shelf": f"sums/{context.task_id}/{shelf}"},
                ),
            }
            for row in pages(context.aws, query):
                counted += row["n"]
                total += row["sum"]
        return [outcome.succeeded, counted, total]

    return Registry([sums])


def _lived(budget: Budget, seed: int, items: int) -> tuple[Row, list[str]]:
    began, progress = monotonic(), Progress(NAME)
    with World(seed) as world:
        world.lags.index, world.lags.stale = (10, 3 * SECOND), (0, SECOND)
        world.quirks.duplicate = world.quirks.unreceived = 0.01
        world.faults.rates, world.faults.delay = evenly(RATE), (100, 2 * MINUTE)
        deployment = Deployment(world, registry(items), workers=10)
        witness = Witness()
        deployment.table.watchers.append(witness.see)
        try:
            Invariants(world, deployment.table).watch()
            world.faults.rates, rates = {}, world.faults.rates
            deployment.submit("sums")
            world.run(SECOND)
            world.faults.rates = rates
            start = world.time.now
            while not _is_over(deployment) and world.time.now < start + LONGEST:
                if interrupted.is_set() or budget.is_over:
                    break
                world.run(SECOND)
                progress.tell(f"{_task(deployment).progress.ended:,} of {items:,} items")
            problems = _complaints(deployment, witness, items)
        except Violation as violation:
            problems = [str(violation).partition("\n")[0]]
        return _row(deployment, witness, items, problems, monotonic() - began), problems


def _task(deployment: Deployment) -> Task:
    record = deployment.engine.records.task(deployment.accepted[0].task.ref)
    assert record is not None
    return record


def _is_over(deployment: Deployment) -> bool:
    return _task(deployment).state.is_over


def _complaints(deployment: Deployment, witness: Witness, items: int) -> list[str]:
    record = _task(deployment)
    found = []
    expected = f"[{items},{items},{items * (items - 1) // 2}]"
    if record.state is not State.SUCCEEDED or record.result != expected:
        found.append(f"it ended as {record.state} with {record.result}: {record.error}")
    if (record.progress.total, record.progress.succeeded) != (items, items):
        found.append(f"its progress is {record.progress}")
    if witness.ends.total() != 1:
        found.append(f"it ended {witness.ends.total()} times")
    if witness.falls:
        found.append(f"its progress fell {witness.falls} times")
    return found


def _row(
    deployment: Deployment, witness: Witness, items: int, problems: list[str], seconds: float
) -> Row:
    world, record = deployment.world, _task(deployment)
    meter = world.services.dynamodb.meter
    chunks = -(-items // CHUNK_SIZE)
    units = meter.of("TasksTable", f"K#{record.ref.tenant}#{record.ref.task}") / chunks
    place, hottest = meter.hottest()
    item, writes = witness.writes.most_common(1)[0]
    figures: dict[str, Figure] = {
        "items": items,
        "chunks": chunks,
        "groups": record.groups or 0,
        "finishes": witness.ends.total(),
        "items done": record.progress.succeeded,
        "write units a chunk": round(units, 2),
        "write units a second on the hottest key": hottest,
        "hottest key": "/".join(place),
        "writes of the item written most": writes,
        "item written most": "/".join(item),
        "read units a chunk": round(meter.reads / chunks, 1),
        "calls": world.faults.calls,
        "faults": world.faults.injected.total(),
        "attempts of the map": record.attempt,
        "simulated minutes": round((world.time.now - _began(record)) / MINUTE, 1),
        "seconds": round(seconds, 1),
    }
    is_met = (
        not problems
        and units <= UNITS_A_CHUNK
        and hottest <= UNITS_A_SECOND
        and writes <= WRITES_OF_AN_ITEM
    )
    return Row(
        what=MILLION.what,
        bar=f"{items:,} items: one finish, exact sums, <= {UNITS_A_CHUNK} write units a chunk,"
        f" hottest key <= {UNITS_A_SECOND:,} units/s, hottest item ~{WRITES_OF_AN_ITEM} writes",
        seen=f"{items:,} items, {witness.ends.total()} finish, "
        f"{'sums exact' if not problems else 'NOT exact'}, {units:.1f} write units a chunk,"
        f" hottest key {hottest}/s, hottest item {writes} writes,"
        f" {world.faults.injected.total():,} faults",
        is_met=is_met,
        figures=figures,
    )


def _began(record: Task) -> int:
    return int(record.created.timestamp() * 1000)


def _number(item: dict[str, dict[str, str]], name: str) -> int:
    return int(item[name]["N"]) if name in item else 0


def _replay(budget: Budget, seed: int) -> str:
    return f"make reliability LAYER={NAME} SEED={seed} PROFILE={budget.profile}"
