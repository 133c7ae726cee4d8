"""Chunks and finishes go on from cursors of their own."""

from tests.harness import deploy
from tests.unit.engine.checkpoints.work import Work, start
from windrow import Context, Registry, RetryPolicy, task
from windrow.engine.submit import submit
from windrow.model.states import State


def test_a_chunk_goes_on_from_its_own_cursor() -> None:
    work = Work()

    @task.map("long", chunk_size=10)
    def plan(context: Context) -> range:
        return range(20)

    @plan.chunk
    def walk(context: Context, items: list[int]) -> None:
        for position in range(context.cursor or 0, len(items)):
            work.do(items[position])
            context.checkpoint(position + 1)

    with deploy(Registry([plan])) as deployment:
        task_id = start(deployment, work)

        deployment.pump()

        assert deployment.task(task_id).state is State.SUCCEEDED
        assert sorted(work.done) == list(range(20))
        assert [chunk.continuations for chunk in deployment.chunks(task_id)] == [1, 1]


def test_a_chunk_of_slow_items_goes_on_by_itself() -> None:
    work = Work()

    @task.map("long", chunk_size=50)
    def plan(context: Context) -> range:
        return range(50)

    @plan.each
    def each(context: Context, item: int) -> None:
        work.do(item)

    with deploy(Registry([plan])) as deployment:
        task_id = start(deployment, work)

        deployment.pump()

        assert deployment.task(task_id).state is State.SUCCEEDED
        assert work.done == list(range(50))
        (chunk,) = deployment.chunks(task_id)
        assert (chunk.continuations, chunk.failures, chunk.crashes) == (6, 0, 0)


def test_a_finish_goes_on_too() -> None:
    work = Work()

    @task.map("long")
    def plan(context: Context) -> list[int]:
        return [1]

    @plan.chunk
    def chunk(context: Context, items: list[int]) -> None: ...

    @plan.finish()
    def finish(context: Context, outcome: object) -> int:
        for number in range(context.cursor or 0, 20):
            work.do(number)
            context.checkpoint(number + 1)
        return len(work.done)

    with deploy(Registry([plan])) as deployment:
        task_id = start(deployment, work)

        deployment.pump()

        assert deployment.task(task_id).result == "20"


def test_a_plan_and_an_item_have_no_checkpoints() -> None:
    @task.map("long", retry=RetryPolicy(attempts=1))
    def plan(context: Context, at: str = "plan") -> list[int]:
        context.checkpoint(1)
        return []

    @plan.each
    def each(context: Context, item: int) -> None: ...

    @task.map("items", retry=RetryPolicy(attempts=1))
    def items(context: Context) -> list[int]:
        return [1]

    @items.each
    def item(context: Context, item: int) -> None:
        context.checkpoint(1)

    with deploy(Registry([plan, items])) as deployment:
        of_plan = submit(deployment.engine, "long").task.ref.task
        of_item = submit(deployment.engine, "items").task.ref.task
        deployment.pump()

        errors = [deployment.task(task_id).error for task_id in (of_plan, of_item)]
        assert all(error is not None for error in errors)
        assert "A plan has no checkpoints" in errors[0].message  # type: ignore[union-attr]
        assert "An item has no checkpoints" in errors[1].message  # type: ignore[union-attr]
