"""Mixed tasks on real processes, which are killed at random: what came of them."""

import os
import signal
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from tests.e2e.mixed.expected import EFFECTS
from tests.e2e.mixed.stack import MixedStack
from tests.e2e.processes import processes
from tests.e2e.waiting import eventually
from windrow.engine.submit import submit
from windrow.model.records import Chunk, Task
from windrow.model.ref import Ref
from windrow.model.states import State

# A killed attempt's lease is 15 s, its hint is sent within two sweeps; some are killed twice.
PATIENCE = timedelta(minutes=8)
BETWEEN_KILLS = timedelta(seconds=2)


@dataclass(frozen=True)
class Outcome:
    """What became of the tasks; `problems` has a sentence for each promise that was not kept."""

    tasks: int
    kills: int
    crashes: int
    doubled: int
    problems: list[str] = field(default_factory=list)


def run(stack: MixedStack, *, tasks: int, kills: int, seed: int) -> Outcome:
    """Submit `tasks` of all kinds, kill `kills` workers meanwhile, and judge the ends of all."""
    random = Random(seed)
    kinds = sorted(EFFECTS)
    refs = [submit(stack.engine, random.choice(kinds)).task.ref for _ in range(tasks)]
    killed = sum(_kill_one(stack, refs, random) for _ in range(kills))
    eventually(
        lambda: _alive(stack, refs),
        lambda alive: not alive,
        within=PATIENCE,
        every=timedelta(seconds=1),
    )
    return _judged(stack, refs, killed)


def _kill_one(stack: MixedStack, refs: list[Ref], random: Random) -> int:
    """Kill one process of the worker, if one runs while there is work; how many that were."""
    soon = BETWEEN_KILLS * (0.5 + random.random())
    with suppress(AssertionError):
        eventually(lambda: False, within=soon, every=soon)
    if not _alive(stack, random.sample(refs, min(10, len(refs)))):
        return 0
    running = processes(stack.local, "WorkerFunction")
    if not running:
        return 0
    with suppress(ProcessLookupError):
        os.kill(random.choice(running), signal.SIGKILL)
        return 1
    return 0


def _alive(stack: MixedStack, refs: list[Ref]) -> list[Ref]:
    """Those that have not ended; a task that cannot be found counts as one."""
    found = ((ref, stack.engine.records.task(ref)) for ref in refs)
    return [ref for ref, task in found if task is None or not task.state.is_over]


def _judged(stack: MixedStack, refs: list[Ref], killed: int) -> Outcome:
    problems: list[str] = []
    crashes = doubled = 0
    for ref in refs:
        task = stack.engine.records.task(ref)
        if task is None:
            problems.append(f"{ref} is lost")
            continue
        effects = Counter(stack.effects(ref.task))
        crashes += task.crashes + sum(chunk.crashes for chunk in _chunks(stack, task))
        twice = [name for name, count in effects.items() if count > 1]
        doubled += len(twice)
        problems += [f"{ref}: {name} was done {effects[name]} times" for name in twice]
        if task.state is not State.SUCCEEDED or task.progress.failed:
            problems.append(f"{ref} ({task.name}) ended as {task.state}: {task.error}")
        elif effects.keys() != EFFECTS[task.name]:
            missing = sorted(EFFECTS[task.name] ^ effects.keys())
            problems.append(f"{ref} ({task.name}) has other effects than it must: {missing}")
    return Outcome(len(refs), killed, crashes, doubled, problems)


def _chunks(stack: MixedStack, task: Task) -> list[Chunk]:
    records = stack.engine.records
    return [chunk for group in records.groups(task.ref) for chunk in records.chunks(group.ref)]
