"""A group of a thousand with failures under faults, left alone and cancelled half way.

What is counted is seen from outside: the table's changes in their order, and each call of a
function.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from time import monotonic

from pydantic import BaseModel

from tests.reliability.bars import FAMILIES
from tests.reliability.frame import Budget, Figure, Outcome, Row
from tests.reliability.work import Progress, interrupted
from tests.simulated.deployment import Deployment
from tests.simulated.dynamodb.table import Change
from tests.simulated.faults import evenly
from tests.simulated.invariants import Invariants, Violation
from tests.simulated.time import HOUR, MINUTE, SECOND
from tests.simulated.world import World
from windrow import Context, Registry, RetryPolicy, task
from windrow.aws.dynamodb import decoded
from windrow.engine.compose import submit_group
from windrow.model.draft import Draft
from windrow.model.records import Task
from windrow.model.states import State

NAME = "families"
SHARE = 0.03

FULL_CHILDREN, QUICK_CHILDREN = 1_000, 150
FULL_SEEDS, QUICK_SEEDS = 5, 1
WORKERS = 20
# Every so manieth child fails whenever it is tried.
BAD = 7
# Of all calls this part goes wrong, in one of eight ways, three of which kill their caller.
RATE = 0.01
LONGEST = 12 * HOUR


class Hopeless(Exception):
    """What no second try would mend."""

    retryable = False


class Number(BaseModel):
    """Which child it is."""

    number: int


@dataclass
class Witness:
    """What happened, in the order in which the table saw it.

    claims   when each attempt was claimed, by task and attempt
    called   the attempts whose function was called
    asked    when the group's end was asked for
    ended    how many children had ended when that was
    """

    changes: int = 0
    claims: dict[tuple[str, int], int] = field(default_factory=dict)
    called: list[tuple[str, int]] = field(default_factory=list)
    callbacks: set[str] = field(default_factory=set)
    ended: Counter[str] = field(default_factory=Counter)
    asked: int | None = None
    done_when_asked: int = 0

    def see(self, change: Change) -> None:
        """Note a change of the table of tasks."""
        self.changes += 1
        if change.after is None or change.key[1] != "A":
            return
        old = decoded(change.before.item) if change.before else {}
        new = decoded(change.after.item)
        name = change.key[0].rpartition("#")[2]
        if new.get("attempt", 0) > old.get("attempt", 0):
            self.claims[name, new["attempt"]] = self.changes
        if "parent" in new and State(new["state"]).is_over and old.get("state") != new["state"]:
            self.ended[new["state"]] += 1
        if "previous" in new:
            self.callbacks.add(name)
        if "lasting" in new and "cancel_requested" in new and self.asked is None:
            self.asked, self.done_when_asked = self.changes, self.ended.total()

    def late(self) -> int:
        """How many functions were called that were claimed after the request."""
        asked = self.asked
        return 0 if asked is None else sum(self.claims[each] > asked for each in self.called)


def run(budget: Budget) -> Outcome:
    """Two worlds for each seed from SEED on; RUNS is how many seeds."""
    children = FULL_CHILDREN if budget.is_full else QUICK_CHILDREN
    seeds = budget.runs or (FULL_SEEDS if budget.is_full else QUICK_SEEDS)
    progress, began = Progress(NAME), monotonic()
    problems: list[str] = []
    figures: Counter[str] = Counter()
    for seed in range(budget.seed, budget.seed + seeds):
        for is_cancelled in (False, True):
            if interrupted.is_set() or budget.is_over:
                break
            lived, found = _lived(seed, children, is_cancelled=is_cancelled)
            figures.update(lived)
            replay = f"make reliability LAYER={NAME} SEED={seed} PROFILE={budget.profile}"
            problems += [f"{each} | {replay}" for each in found]
            progress.tell(f"{figures['groups']} groups of {children:,}")
    return Outcome([_row(figures, children, problems, monotonic() - began)], problems)


def registry(witness: Witness) -> Registry:
    """`work`, of which every seventh fails, each other one at once, and the callback `noted`."""
    retry = RetryPolicy(attempts=2, base=timedelta(seconds=1), cap=timedelta(seconds=1))

    @task("work", params=Number, retry=retry, deadline=timedelta(hours=6))
    def work(context: Context, params: Number) -> int:
        witness.called.append((context.task_id, context.attempt))
        context.clock.sleep(timedelta(seconds=1))
        if params.number % (2 * BAD) == 0:
            raise Hopeless("it never works")
        if params.number % BAD == 0:
            raise ValueError("it does not work twice")
        return params.number

    @task("noted", retry=RetryPolicy(attempts=20, cap=timedelta(seconds=30)))
    def noted(context: Context) -> None:
        ended = context.previous
        states = Counter(child.state for child in context.children())
        told = [ended[name] for name in ("succeeded", "failed")]
        if [states[State.SUCCEEDED], states[State.FAILED]] != told:
            raise Violation(f"S9: {ended}, and its children {states}")

    return Registry([work, noted])


def _lived(seed: int, children: int, *, is_cancelled: bool) -> tuple[dict[str, int], list[str]]:
    witness = Witness()
    with World(seed) as world:
        world.lags.index, world.lags.stale = (10, 3 * SECOND), (0, SECOND)
        world.quirks.duplicate = world.quirks.unreceived = 0.02
        world.faults.delay = (100, 2 * MINUTE)
        deployment = Deployment(world, registry(witness), workers=WORKERS)
        deployment.table.watchers.append(witness.see)
        try:
            Invariants(world, deployment.table, 0, deployment).watch()
            drafts = [Draft("work", {"number": number}) for number in range(children)]
            ask = partial(submit_group, drafts=drafts, callback=Draft("noted"))
            deployment.accept(ask, "a group")
            world.run(SECOND)
            world.faults.rates = evenly(RATE)
            start = world.time.now
            while not _is_over(deployment, witness) and world.time.now < start + LONGEST:
                world.run(SECOND)
                is_half_way = 2 * witness.ended.total() >= children
                if is_cancelled and is_half_way and witness.asked is None:
                    # Whoever is refused, or never answered, asks again.
                    deployment.cancel(deployment.accepted[0].task.ref)
            problems = list(_complaints(deployment, witness, children, is_cancelled=is_cancelled))
        except Violation as violation:
            problems = [str(violation).partition("\n")[0]]
        return {
            "groups": 1,
            "cancelled groups": is_cancelled,
            "children": children,
            "faults": world.faults.injected.total(),
            "children that succeeded": witness.ended["succeeded"],
            "children that failed": witness.ended["failed"],
            "children that were cancelled": witness.ended["cancelled"],
            "ended when the end was asked for": witness.done_when_asked,
            "callbacks": len(witness.callbacks),
            "called though claimed after the request": witness.late(),
        }, problems


def _group(deployment: Deployment) -> Task:
    group = deployment.engine.records.task(deployment.accepted[0].task.ref)
    assert group is not None
    return group


def _is_over(deployment: Deployment, witness: Witness) -> bool:
    """Have the group and its callback ended?"""
    if not _group(deployment).state.is_over:
        return False
    return not any("due_shard" in row.item for row in deployment.table.rows.values())


def _complaints(
    deployment: Deployment, witness: Witness, children: int, *, is_cancelled: bool
) -> Iterator[str]:
    group = _group(deployment)
    expected = State.CANCELLED if is_cancelled else State.SUCCEEDED
    if group.state is not expected:
        yield f"the group ended as {group.state}: {group.error}"
    if len(witness.callbacks) != 1:
        yield f"it has {len(witness.callbacks)} callbacks"
    if witness.late():
        yield f"{witness.late()} functions were called that were claimed after the request"
    progress = group.progress
    ended = witness.ended
    counted = (progress.succeeded, progress.failed, progress.cancelled)
    if counted != (ended["succeeded"], ended["failed"], children - sum(counted[:2])):
        yield f"it counts {progress}, and its children are {dict(ended)}"
    bad = len(range(0, children, BAD))
    if not is_cancelled and (progress.failed, progress.cancelled) != (bad, 0):
        yield f"{bad} of its children fail, and it counts {progress}"


def _row(figures: Counter[str], children: int, problems: list[str], seconds: float) -> Row:
    known: dict[str, Figure] = {**figures, "seconds": round(seconds, 1)}
    return Row(
        what=FAMILIES.what,
        bar=f"{children:,} children: one callback, none called that was claimed after the cancel",
        seen=f"{figures['groups']} groups, {figures['callbacks']} callbacks,"
        f" {figures['called though claimed after the request']} called late,"
        f" {figures['children that failed']:,} children failed,"
        f" {figures['faults']:,} faults",
        is_met=not problems and figures["callbacks"] == figures["groups"] > 0,
        figures=known,
    )
