"""What a task costs: write units of a whole life, from item sizes and index changes."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from math import ceil

from tests.reliability.bars import UNITS
from tests.reliability.frame import Budget, Outcome, Row
from tests.simulated.deployment import Deployment
from tests.simulated.invariants import Invariants
from tests.simulated.time import HOUR, MINUTE
from tests.simulated.world import World
from windrow import Context, Registry, RetryPolicy, task
from windrow.engine.compose import submit_group
from windrow.model.draft import Draft
from windrow.model.states import State

NAME = "units"
SHARE = 0.01

MOST_PLAIN, MOST_MAP = 10, 60
ITEMS, CHUNK_SIZE = 250, 50
CHILDREN = 100
DELAY = timedelta(hours=1)
# Reports that come closer together than this may be stored as one.
PAUSE = timedelta(seconds=3)


@dataclass(frozen=True)
class Life:
    """What one task of a kind came to: write units of its records and its lock."""

    what: str
    units: int
    state: State | None


def run(budget: Budget) -> Outcome:
    """Live each life once; nothing is drawn, so more of them would show the same."""
    lives = {name: _life(what, name) for name, what in KINDS.items()}
    lives["child"] = _child()
    plain, map_ = lives.pop("plain"), lives.pop("map")
    row = Row(
        what=UNITS.what,
        bar=f"<= {MOST_PLAIN}; a {ITEMS}-item map of {ITEMS // CHUNK_SIZE} chunks <= {MOST_MAP}",
        seen=f"{plain.units}; the map {map_.units}, its unique key included",
        is_met=plain.units <= MOST_PLAIN and map_.units <= MOST_MAP,
        figures={each.what: each.units for each in (plain, map_, *lives.values())},
    )
    others = [
        Row(f"write units: {each.what}", "shown only", str(each.units), is_met=True)
        for each in lives.values()
    ]
    unended = [each for each in (plain, map_, *lives.values()) if each.state != State.SUCCEEDED]
    return Outcome([row, *others], [f"{each.what} ended as {each.state}" for each in unended])


def _registry() -> Registry:
    @task("plain")
    def plain(context: Context) -> str:
        return "done"

    @task("retried", retry=RetryPolicy(attempts=3))
    def retried(context: Context) -> str:
        if context.attempt == 1:
            raise TimeoutError("an upstream did not answer")
        return "done"

    @task("unique", unique="one at a time")
    def unique(context: Context) -> str:
        return "done"

    @task.map("map", chunk_size=CHUNK_SIZE, unique="one map at a time")
    def map_(context: Context) -> range:
        return range(ITEMS)

    @map_.each
    def each(context: Context, item: int) -> None:
        return None

    @task("delayed")
    def delayed(context: Context) -> str:
        return "done"

    @task("telling")
    def telling(context: Context) -> str:
        for step in range(10):
            context.clock.sleep(PAUSE)
            context.progress(step + 1, 10)
        return "done"

    return Registry([plain, retried, unique, delayed, telling, map_])


KINDS = {
    "plain": "a plain task",
    "map": f"a map of {ITEMS} items in chunks of {CHUNK_SIZE} with a unique key",
    "retried": "a task that fails once",
    "unique": "a task with a unique key",
    "delayed": "a task that starts an hour later",
    "telling": "a task that reports its progress ten times",
}


def _life(what: str, name: str) -> Life:
    with World(1) as world:
        deployment = Deployment(world, _registry())
        Invariants(world, deployment.table, deployment=deployment).watch()
        delay = DELAY if name == "delayed" else None
        deployment.submit(name, delay=delay)
        world.run(MINUTE)
        deployment.run_until_quiet(3 * HOUR)
        (submission,) = deployment.accepted
        ref = submission.task.ref
        meter = world.services.dynamodb.meter
        units = meter.of("TasksTable", f"K#{ref.tenant}#{ref.task}")
        ended = deployment.engine.records.task(ref)
        return Life(
            what, units + meter.of("TasksTable", f"U#{ref.tenant}#"), ended.state if ended else None
        )


def _child() -> Life:
    """A share of all that a group of plain tasks costs: their records, its rows, and its own."""
    with World(1) as world:
        deployment = Deployment(world, _registry())
        Invariants(world, deployment.table, deployment=deployment).watch()
        drafts = [Draft("plain")] * CHILDREN
        deployment.accept(partial(submit_group, drafts=drafts), "a group")
        world.run(MINUTE)
        deployment.run_until_quiet(3 * HOUR)
        (submission,) = deployment.accepted
        units = world.services.dynamodb.meter.of("TasksTable", "K#")
        ended = deployment.engine.records.task(submission.task.ref)
        what = f"one of {CHILDREN} tasks of a group, the group's share included"
        return Life(what, ceil(units / CHILDREN), ended.state if ended else None)
