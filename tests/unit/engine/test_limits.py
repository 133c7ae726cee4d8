"""Limited tasks: at most so many of their attempts run at once, and nobody waits longer for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from tests.harness import Deployment, deploy
from windrow import Context, Registry, RetryPolicy, task
from windrow.aws.dynamodb import decoded, expression
from windrow.engine.cancel import cancel
from windrow.engine.claim import claim
from windrow.engine.definition import Limit
from windrow.engine.settle import end
from windrow.engine.submit import submit
from windrow.engine.wake import wake
from windrow.errors import DefinitionError
from windrow.model.records import Chunk, Task
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.queue.hint import decode
from windrow.store.ready import ALL

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@dataclass
class Work:
    """What ran, in order."""

    ids: list[str] = field(default_factory=list)
    failing: bool = False

    def do(self, context: Context) -> None:
        self.ids.append(context.task_id)
        if self.failing:
            raise ValueError("not now")


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def deployment(work: Work) -> Iterator[Deployment]:
    retry = RetryPolicy(base=10 * SECOND)
    limited = task("limited", limit=2, retry=retry, priority=9)(work.do)
    single = task("single", limit=1)(work.do)
    free = task("free", priority=1)(work.do)

    @task.map("numbers", chunk_size=1, limit=2)
    def numbers(context: Context) -> range:
        return range(6)

    @numbers.each
    def number(context: Context, item: int) -> None:
        work.ids.append(f"{context.task_id}/{item}")

    with deploy(Registry([limited, single, free, numbers])) as deployed:
        yield deployed


def submitted(deployment: Deployment, name: str) -> str:
    return submit(deployment.engine, name).task.ref.task


def running(deployment: Deployment, name: str, count: int) -> Task:
    """A task that some worker is running for a minute."""
    waiting = deployment.task(submitted(deployment, name))
    deployment.hints.messages.pop()
    until = deployment.clock.now() + MINUTE
    claimed = claim(deployment.engine, waiting, until, Limit(name, count))
    assert claimed is not None
    return claimed


def holders(deployment: Deployment, name: str) -> list[str]:
    """Which tasks hold the slots of a limit, as the table has it."""
    query = {
        "TableName": "TasksTable",
        **expression(key_condition="#PK = :name", values={"name": f"N#{name}"}),
    }
    items = map(decoded, deployment.engine.aws.call("dynamodb", "Query", query)["Items"])
    return [item["holder"].split("#")[2] for item in items if "holder" in item]


def test_a_limit_is_a_positive_number() -> None:
    for wrong in (0, -1, 1.5, True):
        with pytest.raises(DefinitionError, match="limit must be a whole number from 1 on"):
            task("wrong", limit=wrong)(lambda context: None)  # type: ignore[arg-type]


def test_a_task_that_finds_no_slot_waits_and_is_started_when_one_is_free(
    deployment: Deployment, work: Work
) -> None:
    first = running(deployment, "limited", 2)
    second = running(deployment, "limited", 2)
    third = submitted(deployment, "limited")
    deployment.pump()
    assert work.ids == []
    assert deployment.task(third).waits_for == "limited"
    for _ in range(2):
        deployment.clock.advance(3 * SECOND)
        deployment.pump()
    assert deployment.hints.messages == []

    end(deployment.engine, first, State.SUCCEEDED)
    deployment.pump()

    assert work.ids == [third]
    assert holders(deployment, "limited") == [second.ref.task]
    ended = deployment.task(third)
    assert (ended.state, ended.attempt, ended.failures) == (State.SUCCEEDED, 1, 0)


def test_who_waits_for_a_slot_is_in_nobodys_way(deployment: Deployment, work: Work) -> None:
    running(deployment, "single", 1)
    submitted(deployment, "single")
    other = submitted(deployment, "free")

    deployment.deliver()

    assert work.ids == [other], "the hint that found no slot started something else"
    assert list(deployment.engine.ready.waiting("default", before=ALL)) == []


def test_a_slot_that_is_freed_unseen_is_found_by_the_second_look(
    deployment: Deployment, work: Work
) -> None:
    first = running(deployment, "single", 1)
    second = submitted(deployment, "single")
    deployment.deliver()
    # As if the index did not show yet who waits.
    hints = list(deployment.hints.messages)
    end(deployment.engine, first, State.SUCCEEDED)
    deployment.hints.messages[:] = hints

    deployment.clock.advance(2 * SECOND)
    deployment.pump()

    assert work.ids == [second]


def test_the_sweeper_wakes_whom_nobody_else_does(deployment: Deployment, work: Work) -> None:
    first = running(deployment, "single", 1)
    second = submitted(deployment, "single")
    deployment.deliver()
    end(deployment.engine, first, State.SUCCEEDED)
    deployment.hints.lose()

    deployment.run_for(2 * MINUTE)

    assert work.ids == [second]


def test_a_crashed_holder_keeps_its_slot_until_its_lease_is_out(
    deployment: Deployment, work: Work
) -> None:
    first = running(deployment, "single", 1)
    second = submitted(deployment, "single")
    deployment.pump()
    assert work.ids == []

    deployment.run_for(3 * MINUTE)

    assert sorted(work.ids) == sorted([first.ref.task, second])
    assert deployment.task(first.ref.task).crashes == 1
    assert holders(deployment, "single") == []


def test_the_sweeper_frees_the_slot_of_a_crashed_task_and_wakes_who_waits(
    deployment: Deployment, work: Work
) -> None:
    crashed = running(deployment, "single", 1)
    deployment.clock.advance(2 * MINUTE)
    deployment.sweep()
    assert holders(deployment, "single") == []
    assert deployment.task(crashed.ref.task).crashes == 1

    deployment.pump()

    assert work.ids == [crashed.ref.task]


def test_the_sweeper_leaves_a_slot_to_an_attempt_that_runs(deployment: Deployment) -> None:
    waiting = deployment.task(submitted(deployment, "single"))
    limit = Limit("single", 1)
    claimed = claim(deployment.engine, waiting, deployment.clock.now() + 10 * MINUTE, limit)
    assert claimed is not None
    deployment.clock.advance(2 * MINUTE)

    deployment.sweep()

    assert holders(deployment, "single") == [claimed.ref.task]
    assert deployment.task(claimed.ref.task).state is State.RUNNING


def test_a_zombie_frees_no_slot_that_is_anothers(deployment: Deployment) -> None:
    zombie = running(deployment, "single", 1)
    deployment.clock.advance(2 * MINUTE)
    second = running(deployment, "single", 1)
    assert holders(deployment, "single") == [second.ref.task]

    end(deployment.engine, zombie, State.SUCCEEDED)

    assert deployment.task(zombie.ref.task).state is State.SUCCEEDED
    assert holders(deployment, "single") == [second.ref.task]


def test_a_live_lease_is_asked_for_at_the_record(deployment: Deployment) -> None:
    """The lease that a slot shows may be older than the one of its holder."""
    held = running(deployment, "single", 1)
    longer = replace(held, lease=deployment.clock.now() + 10 * MINUTE)
    deployment.engine.records.write(held, longer)
    deployment.clock.advance(2 * MINUTE)
    waiting = deployment.task(submitted(deployment, "single"))

    until = deployment.clock.now() + MINUTE

    assert claim(deployment.engine, waiting, until, Limit("single", 1)) is None


def test_an_attempt_that_failed_holds_no_slot_while_it_waits(
    deployment: Deployment, work: Work
) -> None:
    work.failing = True
    failed = submitted(deployment, "single")

    deployment.pump()

    assert deployment.task(failed).state is State.QUEUED
    assert holders(deployment, "single") == []


def test_the_chunks_of_a_limited_map_are_limited_together(
    deployment: Deployment, work: Work
) -> None:
    map_id = submitted(deployment, "numbers")
    deployment.deliver()
    chunks = deployment.chunks(map_id)
    until = deployment.clock.now() + MINUTE
    limit = Limit("numbers", 2)
    claimed = [claim(deployment.engine, chunk, until, limit) for chunk in chunks]
    assert [each is not None for each in claimed] == [True, True, False, False, False, False]
    deployment.pump()
    assert work.ids == []

    deployment.run_for(5 * MINUTE)

    assert deployment.task(map_id).state is State.SUCCEEDED
    assert sorted(work.ids) == [f"{map_id}/{item}" for item in range(6)]
    assert all(chunk.failures == 0 for chunk in deployment.chunks(map_id))
    assert holders(deployment, "numbers") == []


def waiting_map(deployment: Deployment) -> tuple[str, list[Chunk]]:
    """A map of which two chunks run, and four wait for a slot and have no hint left."""
    map_id = submitted(deployment, "numbers")
    deployment.deliver()
    until = deployment.clock.now() + MINUTE
    first, second, *_ = deployment.chunks(map_id)
    taken = [claim(deployment.engine, each, until, Limit("numbers", 2)) for each in (first, second)]
    for _ in range(2):
        deployment.pump()
        deployment.clock.advance(3 * SECOND)
    assert deployment.hints.messages == []
    return map_id, [each for each in taken if each is not None]


def twice_woken(deployment: Deployment, attempts: list[Chunk]) -> Chunk:
    """The chunk that two ends have woken, which is what happens when they draw the same one."""
    for each in attempts:
        end(deployment.engine, each, State.SUCCEEDED)
    (hint, _) = deployment.hints.messages
    deployment.hints.messages[:] = [hint, replace(hint)]
    ref = decode(hint.body)
    assert isinstance(ref, Ref)
    woken = deployment.engine.records.read(ref)
    assert isinstance(woken, Chunk)
    deployment.hints.messages.pop()
    return woken


@pytest.mark.parametrize("has_ended", [False, True])
def test_a_chunk_that_two_freed_slots_have_woken_wakes_another(
    deployment: Deployment, work: Work, has_ended: bool
) -> None:
    _, attempts = waiting_map(deployment)
    woken = twice_woken(deployment, attempts)
    until = deployment.clock.now() + MINUTE
    claimed = claim(deployment.engine, woken, until, Limit("numbers", 2))
    assert claimed is not None
    if has_ended:
        end(deployment.engine, replace(claimed, slot=None), State.SUCCEEDED)

    deployment.pump()

    assert len(work.ids) == 4 - 1, "the other slot did the rest, one after the other"


def test_a_chunk_of_a_cancelled_map_lets_another_have_the_slot(
    deployment: Deployment, work: Work
) -> None:
    _, attempts = waiting_map(deployment)
    other = submitted(deployment, "numbers")
    for _ in range(3):
        deployment.pump()
        deployment.clock.advance(3 * SECOND)
    woken = twice_woken(deployment, attempts)

    cancel(deployment.engine, woken.ref.parent)
    deployment.pump()

    assert deployment.task(other).state is State.SUCCEEDED


def test_a_worker_that_is_overtaken_wakes_another(deployment: Deployment, work: Work) -> None:
    _, attempts = waiting_map(deployment)
    woken = twice_woken(deployment, attempts)
    until = deployment.clock.now() + MINUTE
    limit = Limit("numbers", 2)
    assert claim(deployment.engine, woken, until, limit)
    deployment.hints.lose()

    assert claim(deployment.engine, woken, until, limit) is None
    deployment.pump()

    assert len(work.ids) == 3


def test_slots_that_are_freed_at_once_seldom_wake_the_same_chunk(deployment: Deployment) -> None:
    waiting_map(deployment)

    for _ in range(20):
        wake(deployment.engine, "numbers")

    assert len({hint.body for hint in deployment.hints.messages}) > 1


def test_an_unlimited_task_pays_nothing_for_limits(deployment: Deployment) -> None:
    submitted(deployment, "free")
    deployment.port.calls.clear()

    deployment.pump()

    assert deployment.port.count("TransactWriteItems") == 0
    assert deployment.port.count("GetItem") == 1
    assert deployment.port.count("UpdateItem") == 2
    assert deployment.port.count("Query") == 4


def test_a_waiting_task_that_something_outranks_is_found_by_that_ones_hint(
    deployment: Deployment, work: Work
) -> None:
    first = running(deployment, "single", 1)
    waits = submitted(deployment, "single")
    deployment.pump()
    urgent = submitted(deployment, "limited")
    hint = deployment.hints.messages.pop()
    end(deployment.engine, first, State.SUCCEEDED)
    deployment.deliver()
    assert work.ids == [urgent]

    deployment.hints.messages.append(hint)
    deployment.pump()

    assert work.ids == [urgent, waits]
