"""A hint whose own task another's hint has started starts that other one in exchange."""

from tests.harness import deploy
from windrow import Context, Registry, task
from windrow.engine.submit import submit


@task.map("many", chunk_size=1, priority=9)
def many(context: Context) -> list[int]:
    return [1, 2]


@many.chunk
def one(context: Context, items: list[int]) -> None: ...


@task("plain", priority=1)
def plain(context: Context) -> str:
    return "done"


def test_a_map_that_was_planned_by_anothers_hint_starts_that_one_with_its_own() -> None:
    with deploy(Registry([many, plain])) as deployment:
        waiting = submit(deployment.engine, "plain").task.ref.task
        submit(deployment.engine, "many")

        # The hint of the plain task plans the map; the map's own comes when it has chunks.
        deployment.deliver()
        deployment.deliver()

        assert deployment.task(waiting).result == '"done"'
