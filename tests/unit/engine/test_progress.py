"""What a task reports of how far it is, and what that costs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.harness import Deployment, deploy
from tests.letters import Hopeless, Letters
from windrow import Context, Registry, RetryPolicy, task
from windrow.engine.cancel import cancel
from windrow.engine.definition import Definition
from windrow.engine.retry_again import retry_again
from windrow.engine.submit import submit
from windrow.model.progress import estimated_completion
from windrow.model.records import Progress
from windrow.model.ref import Ref
from windrow.model.states import State

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def run(deployment: Deployment, definition: Definition) -> str:
    """Submit the task and let it run; returns its id."""
    task_id = submit(deployment.engine, definition.name).task.ref.task
    deployment.pump()
    return task_id


def test_a_report_is_seen_while_the_task_runs() -> None:
    seen = []

    @task("count")
    def count(context: Context) -> None:
        context.progress(3, 10, "Counting")
        seen.append(deployment.task(context.task_id))

    with deploy(Registry([count])) as deployment:
        run(deployment, count)

        assert seen[0].progress == Progress(total=10, succeeded=3)
        assert seen[0].message == "Counting"


def test_ten_thousand_reports_cost_a_write_a_second_and_the_last_one_is_kept() -> None:
    @task("count")
    def count(context: Context) -> None:
        for number in range(10_000):
            context.progress(number + 1, 10_000, f"{number + 1} counted")
            deployment.clock.advance(timedelta(milliseconds=1))

    with deploy(Registry([count])) as deployment:
        ended = deployment.task(run(deployment, count))

        assert ended.progress == Progress(total=10_000, succeeded=10_000)
        assert ended.message == "10000 counted"
        claim, end = 1, 1
        assert deployment.port.count("UpdateItem") == claim + 10 + end, "the end says the last one"


def test_a_task_that_reports_nothing_pays_nothing() -> None:
    @task("quiet")
    def quiet(context: Context) -> None: ...

    with deploy(Registry([quiet])) as deployment:
        run(deployment, quiet)

        assert deployment.port.count("UpdateItem") == 2
        assert deployment.port.count("TransactWriteItems") == 0


def test_the_share_never_falls_also_when_a_second_attempt_starts_over() -> None:
    shown: list[tuple[int, str | None]] = []

    @task("count")
    def count(context: Context) -> None:
        for number in range(1, 11):
            context.progress(number, 10, f"attempt {context.attempt}")
            deployment.clock.advance(2 * SECOND)
            record = deployment.task(context.task_id)
            shown.append((record.progress.succeeded, record.message))
            if number == 7 and context.attempt == 1:
                raise OSError("once")

    with deploy(Registry([count])) as deployment:
        run(deployment, count)
        deployment.run_for(MINUTE)

        counts = [count for count, _ in shown]
        assert counts == sorted(counts)
        assert shown[7] == (7, "attempt 2"), "a smaller report changes only the message"
        assert counts[-1] == 10


def test_a_report_that_aws_refuses_does_not_hurt_the_task() -> None:
    @task("count")
    def count(context: Context) -> None:
        context.progress(1, 2)
        context.progress(2, 2)

    with deploy(Registry([count])) as deployment:
        deployment.port.plan("refused", "UpdateItem", skip=1)
        ended = deployment.task(run(deployment, count))

        assert (ended.state, ended.attempt) == (State.SUCCEEDED, 1)
        assert ended.progress == Progress(total=2, succeeded=2)
        assert "report.dropped" in deployment.telemetry.verbs()


def test_the_last_report_of_a_failed_attempt_is_kept() -> None:
    @task("count", retry=RetryPolicy(attempts=1))
    def count(context: Context) -> None:
        context.progress(1, 9, "starting")
        context.progress(4, 9, "stuck here")
        raise OSError("stuck")

    with deploy(Registry([count])) as deployment:
        ended = deployment.task(run(deployment, count))

        assert (ended.state, ended.message) == (State.FAILED, "stuck here")
        claim, first, end = 1, 1, 1
        assert deployment.port.count("UpdateItem") == claim + first + end


def test_the_last_report_of_an_attempt_is_kept_while_the_next_one_is_waited_for() -> None:
    @task("count")
    def count(context: Context) -> None:
        context.progress(1, 9, "starting")
        context.progress(4, 9, "stuck here")
        raise OSError("stuck")

    with deploy(Registry([count])) as deployment:
        waiting = deployment.task(run(deployment, count))

        assert (waiting.state, waiting.message) == (State.QUEUED, "stuck here")
        assert waiting.progress == Progress(total=9, succeeded=4)


def test_whoever_was_overtaken_reports_nothing_and_is_stopped() -> None:
    went_on: list[str] = []

    @task("count", timeout=10 * SECOND)
    def count(context: Context) -> None:
        if context.attempt == 1:
            deployment.run_for(3 * MINUTE)
            try:
                context.progress(1, 2, "a zombie's")
            except Exception:  # noqa: BLE001
                went_on.append("caught")
            went_on.append("went on")
        else:
            context.progress(2, 2, "mine")

    with deploy(Registry([count])) as deployment:
        ended = deployment.task(run(deployment, count))

        assert (ended.state, ended.attempt, ended.message) == (State.SUCCEEDED, 2, "mine")
        assert went_on == []
        assert "attempt.fenced" in deployment.telemetry.verbs()


def test_a_report_tells_the_task_that_it_is_to_be_cancelled() -> None:
    seen = []

    @task("count", retry=RetryPolicy(attempts=1))
    def count(context: Context) -> None:
        seen.append(context.cancelled)
        cancel(deployment.engine, Ref(context.tenant, context.task_id))
        context.progress(1, 2)
        seen.append(context.cancelled)
        raise RuntimeError("stopping")

    with deploy(Registry([count])) as deployment:
        ended = deployment.task(run(deployment, count))

        assert seen == [False, True]
        assert ended.state is State.CANCELLED
        assert deployment.port.count("GetItem") == 2 + 2, "what it costs to know is nothing"


def test_reports_come_from_many_threads() -> None:
    @task("count")
    def count(context: Context) -> None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: context.progress(number, 100), range(101)))

    with deploy(Registry([count])) as deployment:
        ended = deployment.task(run(deployment, count))

        assert ended.progress == Progress(total=100, succeeded=100)


@pytest.mark.parametrize("current", [-1, 0.5, True, "3"])
def test_what_is_no_count_is_refused(current: object) -> None:
    @task("count", retry=RetryPolicy(attempts=1))
    def count(context: Context) -> None:
        context.progress(current)  # type: ignore[arg-type]

    with deploy(Registry([count])) as deployment:
        ended = deployment.task(run(deployment, count))

        assert ended.error is not None
        assert ended.error.message.startswith("Progress is counted in whole numbers")


@pytest.mark.parametrize("part", ["plan", "chunk", "finish"])
def test_no_part_of_a_map_reports_what_is_counted_from_its_chunks(part: str) -> None:
    def report(context: Context, here: str) -> None:
        if here == part:
            context.progress(1, 2)

    @task.map("count")
    def count(context: Context) -> list[int]:
        report(context, "plan")
        return [1]

    @count.chunk
    def each(context: Context, items: list[int]) -> None:
        report(context, "chunk")

    @count.finish()
    def finish(context: Context, outcome: object) -> None:
        report(context, "finish")

    with deploy(Registry([count])) as deployment:
        ended = deployment.task(run(deployment, count))

        assert ended.state is State.FAILED
        assert ended.error is not None
        assert "only a plain task reports it" in ended.error.message


def test_a_maps_estimate_is_measured_since_its_chunks_began() -> None:
    @task.map("count", chunk_size=1)
    def count(context: Context) -> range:
        deployment.clock.advance(10 * MINUTE)
        return range(4)

    @count.each
    def each(context: Context, item: int) -> None:
        deployment.clock.advance(MINUTE)

    with deploy(Registry([count])) as deployment:
        deployment.context.remaining = timedelta(minutes=15)
        task_id = submit(deployment.engine, "count").task.ref.task
        for _ in range(3):
            deployment.deliver()

        now = deployment.clock.now()
        record = deployment.task(task_id)
        assert record.progress.succeeded == 2
        assert estimated_completion(record, now) == now + 2 * MINUTE


def test_the_days_before_a_task_began_again_do_not_count_for_its_estimate() -> None:
    estimates: list[timedelta] = []

    @task("count", retry=RetryPolicy(attempts=1))
    def count(context: Context) -> None:
        deployment.clock.advance(10 * SECOND)
        context.progress(1, 2)
        now = deployment.clock.now()
        estimates.append((estimated_completion(deployment.task(context.task_id), now) or now) - now)
        if len(estimates) == 1:
            raise OSError("once")

    with deploy(Registry([count])) as deployment:
        task_id = run(deployment, count)
        deployment.clock.advance(timedelta(days=10))

        retry_again(deployment.engine, Ref("default", task_id))
        deployment.pump()

        assert estimates == [10 * SECOND, 10 * SECOND]


def test_the_days_before_a_map_began_again_do_not_count_for_its_estimate() -> None:
    letters = Letters(bad={0: Hopeless("no stamps")})
    with deploy(letters.registry()) as deployment:
        task_id = submit(deployment.engine, "letters").task.ref.task
        deployment.pump()
        deployment.clock.advance(timedelta(days=10))

        again = retry_again(deployment.engine, Ref("default", task_id), failed_items_only=True)

        assert again.chunks_began == deployment.clock.now()
