"""A map that does its items one by one: one that fails is tried again alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.faults import Killed
from tests.harness import Deployment, deploy
from tests.letters import Hopeless, Letters
from windrow import Context, Outcome, Registry, task
from windrow.aws.errors import ServiceError
from windrow.aws.port import Answer, Parameters
from windrow.engine.cancel import cancel
from windrow.engine.each import OTHERS, REASONS, Tally
from windrow.engine.submit import submit
from windrow.model.items import LARGEST_CHUNK
from windrow.model.records import Failure, Lost
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.items import to_item

MINUTE = timedelta(minutes=1)


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def deployment(letters: Letters) -> Iterator[Deployment]:
    with deploy(letters.registry()) as deployed:
        yield deployed


def start(deployment: Deployment) -> str:
    return submit(deployment.engine, "letters").task.ref.task


def test_an_item_that_fails_holds_up_no_other(deployment: Deployment, letters: Letters) -> None:
    letters.bad[1] = Hopeless("no such address")
    task_id = start(deployment)

    deployment.pump()

    ended, chunk = deployment.task(task_id), deployment.chunks(task_id)[0]
    assert letters.tried == list(range(10))
    assert ended.state is State.SUCCEEDED
    assert ended.has_errors
    assert (ended.progress.succeeded, ended.progress.failed) == (9, 1)
    assert letters.finished == [Outcome(10, 9, 1)]
    assert chunk.state is State.SUCCEEDED
    assert chunk.lost == (Lost((1,), Failure("Hopeless", "no such address")),)
    assert chunk.error == Failure("Hopeless", "no such address")


def test_only_the_items_that_failed_are_tried_again(
    deployment: Deployment, letters: Letters
) -> None:
    letters.bad = {1: OSError("busy"), 3: OSError("busy"), 4: Hopeless("no such address")}
    task_id = start(deployment)
    deployment.pump()
    waiting = deployment.chunks(task_id)[0]
    assert (waiting.state, waiting.left) == (State.QUEUED, (1, 3))

    del letters.bad[3]
    letters.tried.clear()
    deployment.run_for(5 * MINUTE)

    assert letters.tried == [1, 3, 1], "3 succeeds, 1 is tried for the third time"
    chunk = deployment.chunks(task_id)[0]
    assert (chunk.state, chunk.left) == (State.SUCCEEDED, None)
    assert chunk.unfinished == (1, 4)
    assert deployment.task(task_id).progress.failed == 2


def test_a_chunk_of_which_every_item_failed_has_failed(
    deployment: Deployment, letters: Letters
) -> None:
    letters.bad = {letter: Hopeless("no stamps") for letter in range(5)}
    task_id = start(deployment)

    deployment.pump()

    first, second = deployment.chunks(task_id)
    assert (first.state, second.state) == (State.FAILED, State.SUCCEEDED)
    assert deployment.task(task_id).progress.failed == 5


def test_a_map_of_which_every_item_failed_has_failed(
    deployment: Deployment, letters: Letters
) -> None:
    letters.bad = {letter: Hopeless("no stamps") for letter in range(10)}
    task_id = start(deployment)

    deployment.pump()

    ended = deployment.task(task_id)
    assert ended.state is State.FAILED
    assert ended.error == Failure("MapFailed", "Every item failed: no stamps")
    assert not ended.has_errors


def test_items_that_are_left_at_the_deadline_have_failed_and_the_others_have_not(
    deployment: Deployment, letters: Letters
) -> None:
    letters.bad[1] = OSError("busy")
    task_id = start(deployment)
    deployment.pump()
    deployment.hints.lose()
    deployment.clock.advance(timedelta(days=2))

    deployment.sweep()

    chunk = deployment.chunks(task_id)[0]
    assert chunk.state is State.FAILED
    assert (chunk.progress.succeeded, chunk.progress.failed) == (4, 1)


def test_a_chunk_takes_no_more_writes_for_its_items(
    deployment: Deployment, letters: Letters
) -> None:
    letters.bad[1] = Hopeless("no such address")
    start(deployment)
    deployment.deliver()
    before = deployment.port.count("UpdateItem")

    deployment.deliver()

    assert deployment.port.count("UpdateItem") - before == 3, "its claim, its end, the progress"


def test_a_chunk_keeps_a_few_reasons_and_each_of_them_short() -> None:
    tally = Tally()
    for position in range(30):
        tally.lose(position, Failure("Odd", f"{position}" + "x" * 1000))

    assert len(tally.lost) == REASONS + 1
    assert tally.lost[OTHERS] == list(range(REASONS, 30))
    assert all(len(reason.message) <= 200 for reason in tally.lost)


def test_the_record_of_the_largest_chunk_has_room_for_the_failures_of_all_of_its_items(
    deployment: Deployment,
) -> None:
    task_id = start(deployment)
    deployment.deliver()
    tally = Tally()
    for position in range(LARGEST_CHUNK):
        tally.lose(position, Failure("Odd", f"{position}" + "\N{CROCODILE}" * 1_000))
    lost = tuple(Lost(tuple(positions), reason) for reason, positions in tally.lost.items())

    chunk = replace(
        deployment.chunks(task_id)[0], lost=lost, left=tuple(range(LARGEST_CHUNK)), error=OTHERS
    )

    size = sum(len(str(value).encode()) for value in to_item(chunk).values())
    assert size < 40_000, "a tenth of what DynamoDB takes"


def test_a_chunk_whose_end_cannot_be_written_fails_with_that_reason(
    deployment: Deployment, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = deployment.port.call

    def refusing(service: str, operation: str, parameters: Parameters) -> Answer:
        if "#lost" in str(parameters.get("UpdateExpression")):
            raise ServiceError(service, operation, "ValidationException", "Item size to update")
        return call(service, operation, parameters)

    monkeypatch.setattr(deployment.port, "call", refusing)
    letters.bad[1] = Hopeless("no such address")
    task_id = start(deployment)

    deployment.pump()

    chunk = deployment.chunks(task_id)[0]
    assert chunk.state is State.FAILED
    assert chunk.error is not None
    assert "Item size to update" in chunk.error.message
    assert deployment.task(task_id).progress.failed == 5, "nobody knows which ones were done"
    assert letters.tried == list(range(10))


def test_an_item_that_kills_its_worker_is_lost_alone() -> None:
    ran: list[int] = []

    @task.map("heavy", chunk_size=10)
    def heavy(context: Context) -> range:
        return range(10)

    @heavy.each
    def lift(context: Context, item: int) -> None:
        ran.append(item)
        if item == 4:
            raise Killed("out of memory")

    with deploy(Registry([heavy])) as deployed:
        task_id = submit(deployed.engine, "heavy").task.ref.task
        deployed.pump()
        deployed.run_for(40 * MINUTE)

        ended, chunk = deployed.task(task_id), deployed.chunks(task_id)[0]
        assert (ended.state, chunk.state) == (State.SUCCEEDED, State.FAILED)
        assert (ended.progress.succeeded, ended.progress.failed) == (9, 1)
        assert chunk.unfinished == (4,)
        assert chunk.error is not None
        assert chunk.error.kind == "Crashed"
        assert ran[:10] == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4], "the first death tells nothing"
        assert ran[10:] == [5, 6, 7, 8, 9, 4, 4, 4, 4], "then it is put behind the others"


def test_a_cancelled_map_stops_within_a_chunk_and_counts_what_was_done() -> None:
    ran: list[int] = []

    @task.map("slow", chunk_size=10, pool="long")
    def slow(context: Context) -> range:
        return range(10)

    @slow.each
    def wait(context: Context, item: int) -> None:
        deployed.clock.advance(timedelta(seconds=2))
        ran.append(item)
        if item == 1:
            raise Hopeless("too slow")
        if item == 3:
            cancel(deployed.engine, Ref("default", context.task_id))

    with deploy(Registry([slow])) as deployed:
        task_id = submit(deployed.engine, "slow").task.ref.task
        deployed.pump()

        ended = deployed.task(task_id)
        assert ended.state is State.CANCELLED
        assert ran == [0, 1, 2, 3, 4, 5]
        progress = ended.progress
        assert (progress.succeeded, progress.failed, progress.cancelled) == (5, 1, 4)


def test_a_chunk_that_checkpoints_stops_when_its_map_is_cancelled() -> None:
    seen: list[bool] = []

    @task.map("pages", chunk_size=10)
    def pages(context: Context) -> range:
        return range(10)

    @pages.chunk
    def turn(context: Context, items: list[int]) -> None:
        seen.append(context.cancelled)
        cancel(deployed.engine, Ref("default", context.task_id))
        try:
            context.checkpoint(1)
        finally:
            seen.append(context.cancelled)

    with deploy(Registry([pages])) as deployed:
        task_id = submit(deployed.engine, "pages").task.ref.task
        deployed.pump()

        ended = deployed.task(task_id)
        assert seen == [False, True]
        assert (ended.state, ended.progress.cancelled) == (State.CANCELLED, 10)
