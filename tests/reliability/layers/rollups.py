"""Rollups: storms whose stream is handed over badly, and figures that must be exact all the same.

Batches fail and come again in halves, done ones come again in any order, consumers are killed
between any two calls and their requests arrive minutes later. At the end the product's own rebuild
must find no drift, and neither may a count by this layer, which knows nothing of it.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest.mock import patch

from tests.reliability.bars import ROLLUPS
from tests.reliability.frame import Budget, Outcome, Row
from tests.reliability.work import Progress, pieces, spread
from tests.simulated.changes import Changes, is_wanted
from tests.simulated.deployment import TENANTS, Deployment
from tests.simulated.invariants import Violation
from tests.simulated.storm import live, stormy
from tests.simulated.time import HOUR, MINUTE
from windrow.aws.dynamodb import decoded
from windrow.engine import count as counting
from windrow.engine.engine import Engine
from windrow.engine.outbox import Ended, Outbox
from windrow.engine.rebuild import rebuild
from windrow.lambdas import stream
from windrow.model import figures
from windrow.model.figures import Figures, Kind
from windrow.store.positions import Position, Positions
from windrow.store.rollups import Rollups

NAME = "rollups"
SHARE = 0.05

FULL_TASKS, QUICK_TASKS = 10_000, 100
# Far more worlds than are needed: it stops when it has seen enough.
WORLDS = 10_000
REPEATED = 0.3
# By then a consumer that fails has been tried again often enough.
PATIENCE = 2 * HOUR
HUNTED = 12

type Patch = Callable[[], AbstractContextManager[object]]


@dataclass
class Tally:
    """What some worlds came to."""

    tasks: int = 0
    changes: int = 0
    repeats: int = 0
    killed: int = 0
    faults: int = 0
    rows: int = 0
    drift: int = 0
    untold: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Take in what another world came to."""
        self.tasks += other.tasks
        self.changes += other.changes
        self.repeats += other.repeats
        self.killed += other.killed
        self.faults += other.faults
        self.rows += other.rows
        self.drift += other.drift
        self.untold += other.untold
        self.problems += other.problems


def run(budget: Budget) -> Outcome:
    """Worlds of seeds from SEED on, until there were enough tasks; then the mutants."""
    tally, progress = Tally(), Progress(NAME)
    wanted = FULL_TASKS if budget.is_full else QUICK_TASKS
    for each in spread(budget, lived, pieces(budget.seed, budget.runs or WORLDS, 1)):
        tally.add(each)
        progress.tell(f"{tally.tasks:,} tasks, {tally.changes:,} changes")
        if tally.tasks >= wanted and budget.runs is None:
            break
    # Of the quick profile's time there is enough for one.
    names = list(MUTANTS)[: None if budget.is_full else 1] if budget.runs is None else []
    hunted = dict(spread(budget, hunt, names))
    missed = [name for name, is_caught in hunted.items() if not is_caught]
    row = Row(
        what=ROLLUPS.what,
        bar=f">= {wanted:,} tasks; drift 0, ends untold 0",
        seen=(
            f"{tally.tasks:,} tasks, {tally.changes:,} changes, {tally.repeats:,} batches again,"
            f" {tally.killed:,} consumers killed: drift {tally.drift}, ends untold {tally.untold}"
        ),
        is_met=tally.tasks >= wanted and not tally.drift and not tally.untold,
        figures={
            "tasks": tally.tasks,
            "changes": tally.changes,
            "batches handed over again": tally.repeats,
            "consumers killed": tally.killed,
            "faults": tally.faults,
            "rows compared": tally.rows,
            "drift": tally.drift,
            "ends untold": tally.untold,
            "mutants": len(hunted),
            "mutants caught": len(hunted) - len(missed),
        },
    )
    uncaught = [f"a mutant was not caught: {name}" for name in missed]
    return Outcome([row], tally.problems + uncaught)


def lived(seeds: range) -> Tally:
    """The world of one seed, lived and judged."""
    (seed,) = seeds
    told: Counter[str] = Counter()

    def tell(_outbox: Outbox, ended: list[Ended]) -> None:
        told.update(each.event for each in ended)

    with stormy(seed) as world, patch.object(Outbox, "tell", tell):
        mappings: list[Changes] = []
        try:
            deployment = live(world, prepare=partial(_consumed, mappings))
            (mapping,) = mappings
            # What expires while it is judged would be in the stream, and not counted yet.
            deployment.table.keep()
            waited = 0
            while not mapping.is_done and waited < PATIENCE:
                world.run(MINUTE)
                waited += MINUTE
            tally = _judged(deployment, mapping, told)
        except Violation as violation:
            tally = Tally(problems=[str(violation).partition("\n")[0]])
        tally.problems = [f"{problem} | {_replay(seed)}" for problem in tally.problems]
        return tally


def hunt(name: str) -> tuple[str, bool]:
    """Let a mutant live until its figures are wrong."""
    with MUTANTS[name]():
        for seed in range(HUNTED):
            if lived(range(seed, seed + 1)).problems:
                return name, True
    return name, False


def _consumed(mappings: list[Changes], deployment: Deployment) -> None:
    """Let the stream's consumer be deployed, too."""
    assert deployment.table.stream is not None
    function = deployment.function("stream", _stream, timeout=MINUTE, concurrency=6)
    mapping = Changes(deployment.world, deployment.table.stream, function, REPEATED)
    mapping.start()
    mappings.append(mapping)


def _stream(engine: Engine) -> Any:
    return lambda event, _context: stream.consume(engine, event)


def _judged(deployment: Deployment, mapping: Changes, told: Counter[str]) -> Tally:
    tally = Tally(
        tasks=sum(each.is_new for each in deployment.accepted),
        changes=sum(len(records) for records in mapping.stream.shards),
        repeats=mapping.repeats,
        killed=mapping.function.killed,
        faults=deployment.world.faults.injected.total(),
    )
    if not mapping.is_done:
        tally.problems.append("the stream was not handed over whole")
    for error in mapping.function.errors:
        if not getattr(error, "retryable", False):
            tally.problems.append(f"the consumer raised {error!r}")
    for tenant in TENANTS:
        for problem in _wrong(deployment, mapping, tenant, tally):
            tally.drift += 1
            tally.problems.append(problem)
    for event in _ends(mapping):
        if not told[event]:
            tally.untold += 1
            tally.problems.append(f"the end {event} was not told")
    return tally


def _wrong(deployment: Deployment, mapping: Changes, tenant: str, tally: Tally) -> Iterator[str]:
    """Every figure that is not what the tasks, or their changes, come to."""
    engine = deployment.engine
    rollups = Rollups(engine.aws, engine.records.table)
    now = {row.name: +amounts for row, amounts in rollups.now(tenant).items()}
    right = _standing(deployment, tenant)
    if {name: each for name, each in now.items() if each} != right:
        yield f"{tenant} has {right}, and {now} is counted"
    total: Counter[str] = Counter()
    end = engine.clock.now()
    for _, amounts in rollups.between(tenant, Kind.MINUTE, end - figures.KEPT[Kind.MINUTE], end):
        total.update(amounts)
    seen = _seen(deployment, mapping, tenant)
    balance = sum(each for name, each in total.items() if name[0] == "c" and name[1:].isdecimal())
    waited = sum(each for name, each in total.items() if name[0] == "w")
    counted = (total["submitted"], waited, balance)
    if counted != seen:
        yield f"{tenant}: submitted, waited, running are {seen}, and {counted} is counted"
    rebuilt = rebuild(engine, tenant, mend=False)
    tally.rows += rebuilt.rows
    for drift in rebuilt.drifts:
        yield f"{tenant}: {drift}"


def _standing(deployment: Deployment, tenant: str) -> dict[str, Counter[str]]:
    """How many tasks of each type are in each state, by the table's own items."""
    found: dict[str, Counter[str]] = {}
    for (partition, sort), row in deployment.table.rows.items():
        if sort == "A" and partition.startswith(f"K#{tenant}#"):
            item = decoded(row.item)
            found.setdefault(item["name"], Counter())[item["state"]] += 1
    return found


def _seen(deployment: Deployment, mapping: Changes, tenant: str) -> tuple[int, int, int]:
    """How many tasks were made, have started at some time, and run now, as the stream has it."""
    made = started = running = 0
    for key, before, after in _steps(mapping):
        if not key.startswith(f"K#{tenant}#"):
            continue
        is_same = before.get("created") == after.get("created")
        made += bool(after) and not is_same
        started += is_same and "started" in after and "started" not in before
        running += (after.get("state") == "running") - (before.get("state") == "running")
    return made, started, running


def _ends(mapping: Changes) -> Iterator[str]:
    """The name of each end that the stream holds, in the words of the outbox."""
    for key, before, after in _steps(mapping):
        if "ended" in after and "ended" not in before:
            _, tenant, task = key.split("#")
            yield f"{tenant}/{task}/{after['created']}/{after.get('round', 0)}"


def _steps(mapping: Changes) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Each change of a task: its key, and what it was and is, without what is not there."""
    for records in mapping.stream.shards:
        for record in filter(is_wanted, records):
            images = record["dynamodb"]
            before, after = (decoded(images.get(name, {})) for name in ("OldImage", "NewImage"))
            yield images["Keys"]["PK"]["S"], before, after


def _advance_anyhow() -> AbstractContextManager[object]:
    whole = Positions.advance

    def advance(positions: Positions, *arguments: Any) -> dict[str, Any]:
        made = whole(positions, *arguments)
        values = made["ExpressionAttributeValues"]
        del made["ConditionExpression"]
        for name in (":stood", ":held"):
            values.pop(name, None)
        return made

    return patch.object(Positions, "advance", advance)


def _read_nothing() -> AbstractContextManager[object]:
    whole = Positions.read

    def read(positions: Positions, shard: str) -> Position:
        found = whole(positions, shard)
        return Position(shard, -1 if found.number is not None else None)

    def advance(positions: Positions, read: Position, *arguments: Any) -> dict[str, Any]:
        return Positions.advance(positions, whole(positions, read.shard), *arguments)

    return patch.object(counting, "Positions", _positions(read, advance))


def _positions(read: Any, advance: Any) -> Any:
    return type("Forgetful", (Positions,), {"read": read, "advance": advance, "__slots__": ()})


def _counted_apart() -> AbstractContextManager[object]:
    """The figures are added in a call of their own, before the position moves."""
    whole = Rollups.added

    def added(rollups: Rollups, figures: Figures) -> list[dict[str, Any]]:
        for part in whole(rollups, figures):
            rollups.aws.call("dynamodb", "UpdateItem", part["Update"])
        return []

    return patch.object(Rollups, "added", added)


def _never_taken_back() -> AbstractContextManager[object]:
    whole = figures.history

    def changed(before: Any, after: Any, at: Any) -> Figures:
        made = figures.changed(before, after, at)
        for row, name in whole(before) if before and after else ():
            if name in ("failed", "cancelled") and not after.state.is_over:
                made.add(row, name, 1)
        return made

    return patch.object(counting, "changed", changed)


def _only_what_adds() -> AbstractContextManager[object]:
    """Changes that come to nothing together move no position."""
    whole = counting._whole

    def told(part: counting.Part) -> counting.Part:
        made = whole(part)
        made.counts = bool(made.figures.amounts or made.ended)
        return made

    return patch.object(counting, "_whole", told)


MUTANTS: dict[str, Patch] = {
    "changes that cancel each other are not counted": _only_what_adds,
    "a position moves from wherever it stands": _advance_anyhow,
    "what was counted is not compared": _read_nothing,
    "figures are added apart from the position": _counted_apart,
    "an end is never taken back": _never_taken_back,
}


def _replay(seed: int) -> str:
    return f"make reliability LAYER={NAME} SEED={seed} RUNS=1"
